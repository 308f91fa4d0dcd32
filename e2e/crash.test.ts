import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  allEvents,
  api,
  evolutionMessage,
  post,
  startGateway,
  temporaryFolder,
} from "./gateway-process.ts";

/** A receiver that keeps which event ids it saw, and only those whose signature is right. */
class Receiver {
  readonly server: Server;
  readonly seen = new Map<string, number>();
  secret = "";
  #changed: () => void = () => {};

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const raw = Buffer.concat(chunks);
        new Webhook(this.secret).verify(raw, request.headers as Record<string, string>);
        const id = request.headers["webhook-id"] as string;
        this.seen.set(id, (this.seen.get(id) ?? 0) + 1);
        response.end("ok");
        this.#changed();
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Resolves once every id was seen. */
  async waitFor(ids: readonly string[]): Promise<void> {
    while (ids.some((id) => !this.seen.has(id))) {
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }
}

const kills = 20;
const seed = Number(process.env["SEED"] ?? Date.now() % 100_000);

/** Small seeded generator, so that a failing run can be repeated with SEED. */
function random(state: number): () => number {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe(`the process is killed at ${kills} random moments under load (SEED=${seed})`, () => {
  const receiver = new Receiver();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let hook = "";

  beforeAll(async () => {
    folder = await temporaryFolder();
    hook = await receiver.listen();
  });
  afterAll(async () => {
    receiver.server.closeAllConnections();
    receiver.server.close();
    await folder.remove();
  });

  it("every webhook that got a 2xx is there once, and reaches its endpoint", async () => {
    const next = random(seed);
    const acknowledged: string[] = [];
    let ingest = "";
    let sent = 0;
    for (let round = 0; round < kills; round++) {
      const gateway = await startGateway(folder.path);
      if (round === 0) {
        const instance = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", {
          name: "loja",
          provider: "evolution",
        });
        ingest = new URL(instance.ingestUrl).pathname;
        const endpoint = await api<{ secret: string }>(gateway.url, "POST", "/endpoints", {
          url: hook,
          allowPrivate: true,
        });
        receiver.secret = endpoint.secret;
      }
      let alive = true;
      const sender = async (): Promise<void> => {
        while (alive) {
          const id = `MSG${sent++}`;
          // A connection that breaks is a webhook without an answer: nothing is promised about it.
          const answer = await post(`${gateway.url}${ingest}`, evolutionMessage("loja", id)).catch(
            () => undefined,
          );
          if (answer?.ok) acknowledged.push(id);
        }
      };
      const senders = Array.from({ length: 16 }, sender);
      await new Promise((resolve) => setTimeout(resolve, 100 + next() * 500));
      await gateway.kill();
      alive = false;
      await Promise.all(senders);
    }
    const gateway = await startGateway(folder.path);
    try {
      const events = await allEvents(gateway.url);
      const messages = events.filter((event) => event.type === "message.received");
      const count = new Map<string, number>();
      for (const { data } of messages)
        count.set(data.messageId ?? "", (count.get(data.messageId ?? "") ?? 0) + 1);
      expect(acknowledged.length).toBeGreaterThan(kills);
      expect(acknowledged.filter((id) => count.get(id) !== 1)).toEqual([]);
      expect(events.map((event) => event.offset)).toEqual(events.map((_, index) => index + 1));
      await receiver.waitFor(messages.map((event) => event.id));
    } finally {
      await gateway.stop();
    }
  }, 240_000);
});
