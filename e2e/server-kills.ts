import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import {
  FindingsCount,
  type Findings,
} from "../packages/gateway/src/store/sqlite/testing/durability/findings.ts";
import { seededRandom } from "../packages/gateway/src/store/sqlite/testing/durability/seeded-random.ts";
import {
  allEvents,
  api,
  evolutionMessage,
  post,
  startGateway,
  type GatewayProcess,
} from "./gateway-process.ts";

/** A receiver that keeps which event ids it saw, and only those whose signature is right. */
class Receiver {
  readonly #server: Server;
  readonly #seen = new Set<string>();
  secret = "";
  #changed: () => void = () => {};

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const raw = Buffer.concat(chunks);
        new Webhook(this.secret).verify(raw, request.headers as Record<string, string>);
        this.#seen.add(request.headers["webhook-id"] as string);
        response.end("ok");
        this.#changed();
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Resolves once every id was seen; answers those that were not when nothing new came for `patienceMs`. */
  async missing(ids: readonly string[], patienceMs: number): Promise<readonly string[]> {
    for (;;) {
      const unseen = ids.filter((id) => !this.#seen.has(id));
      if (unseen.length === 0) return [];
      const before = this.#seen.size;
      const news = new Promise<void>((resolve) => (this.#changed = resolve));
      const patience = new Promise<void>((resolve) => setTimeout(resolve, patienceMs).unref());
      await Promise.race([news, patience]);
      if (this.#seen.size === before) return unseen;
      // One look for many arrivals.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export interface ServerKills {
  /** Empty; grows over all of the kills. */
  readonly dataDir: string;
  readonly kills: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

export interface ServerKillFindings extends Findings {
  /** Webhooks that were answered with a 2xx. */
  readonly acknowledged: number;
  /** Events that never reached their endpoint. */
  readonly undelivered: number;
}

const senders = 16;
/** An attempt that a kill tore is made again after 5 s by the default schedule; twice that, and some. */
const patienceMs = 15_000;

/** Sends until the process is killed, some moments after `enough` webhooks got a 2xx; answers their ids. */
async function sendAndKill(
  gateway: GatewayProcess,
  path: string,
  kill: { readonly enough: number; readonly afterMs: number },
  nextId: () => string,
): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  let alive = true;
  let sentEnough = (): void => {};
  const isTime = new Promise<void>((resolve) => (sentEnough = resolve));
  const sender = async (): Promise<void> => {
    while (alive) {
      const id = nextId();
      // A connection that breaks is a webhook without an answer: nothing is promised about it.
      const body = evolutionMessage("loja", id);
      const answer = await post(`${gateway.url}${path}`, body).catch(() => undefined);
      if (answer?.ok) acknowledged.push(id);
      if (acknowledged.length >= kill.enough) sentEnough();
    }
  };
  const sending = Array.from({ length: senders }, sender);
  await isTime;
  await new Promise((resolve) => setTimeout(resolve, kill.afterMs));
  await gateway.kill();
  alive = false;
  await Promise.all(sending);
  return acknowledged;
}

async function compare(
  gateway: GatewayProcess,
  acknowledged: readonly string[],
  receiver: Receiver,
): Promise<ServerKillFindings> {
  const found = new FindingsCount();
  const events = await allEvents(gateway.url);
  const messages = events.filter((event) => event.type === "message.received");
  const counts = new Map<string, number>();
  for (const { data } of messages)
    counts.set(data.messageId ?? "", (counts.get(data.messageId ?? "") ?? 0) + 1);
  found.checked = acknowledged.length;
  for (const id of acknowledged) if (!counts.has(id)) found.add("lost", `${id} is not there`);
  for (const [id, count] of counts)
    if (count > 1) found.add("doubled", `${id} is there ${count} times`);
  for (const [index, { offset }] of events.entries())
    if (offset !== index + 1) found.add("gaps", `offset ${offset} stands at ${index + 1}`);
  const missing = await receiver.missing(
    messages.map((event) => event.id),
    patienceMs,
  );
  for (const id of missing) found.note(`${id} did not reach its endpoint`);
  const { checked, lost, doubled, gaps, problems } = found;
  return {
    checked,
    lost,
    doubled,
    gaps,
    problems,
    acknowledged: acknowledged.length,
    undelivered: missing.length,
  };
}

/**
 * SIGKILL of the whole server at random moments under load, over one growing folder: every webhook that got
 * a 2xx must be there once, and every event must reach its endpoint.
 */
export async function runServerKills(options: ServerKills): Promise<ServerKillFindings> {
  const { dataDir, kills, report } = options;
  const random = seededRandom(options.seed);
  const receiver = new Receiver();
  const url = await receiver.listen();
  const acknowledged: string[] = [];
  let path = "";
  let sent = 0;
  const nextId = (): string => `MSG${sent++}`;
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const gateway = await startGateway(dataDir);
      if (kill === 1) {
        const number = { name: "loja", provider: "evolution" };
        const made = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", number);
        path = new URL(made.ingestUrl).pathname;
        const endpoint = { url, allowPrivate: true };
        const { secret } = await api<{ secret: string }>(
          gateway.url,
          "POST",
          "/endpoints",
          endpoint,
        );
        receiver.secret = secret;
      }
      const when = { enough: 1 + Math.floor(random() * 300), afterMs: random() * 30 };
      acknowledged.push(...(await sendAndKill(gateway, path, when, nextId)));
      report?.(`kill ${kill} of the server: ${acknowledged.length} webhooks acknowledged`);
    }
    const gateway = await startGateway(dataDir);
    try {
      return await compare(gateway, acknowledged, receiver);
    } finally {
      await gateway.stop();
    }
  } finally {
    receiver.close();
  }
}
