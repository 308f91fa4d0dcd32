import { systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import type { DeliveryReport } from "../sending/attempt.ts";
import {
  type JsonReply,
  type JsonRequest,
  Refusal,
  startJsonServer,
} from "../serving/json-server.ts";
import {
  createSession,
  enterStatus,
  type FakeSession,
  type FakeWahaSession,
  listedSession,
  shownSession,
} from "./fake-session.ts";
import { complaintsAboutWebhooks, storedConfig, type WahaConfig } from "./session-config.ts";
import { createWahaSender, type WahaSenderOptions } from "./waha-sender.ts";
import { wahaEnvironment, type WahaMe, type WahaServer, type WahaWebhook } from "./waha-webhook.ts";

/**
 * A WAHA 2026.2.1 on NOWEB without WhatsApp behind it: the few management calls that a gateway makes
 * first, answered in the recorded shapes, and webhooks sent by the real rules.
 *
 * Owns: sessions, their configuration and status. Must not know: what the events say, except that
 * `session.status` changes the status.
 *
 * I1 Everything but `/ping` needs the key ("every route but ping needs the key").
 * I2 A PUT replaces the whole configuration and restarts a running session: STOPPED goes to the old
 *    webhooks, STARTING to the new ones ("a PUT tells the old webhooks of the stop and the new ones of the start").
 * I3 Routes that are not served answer in WAHA's own error form ("an unknown route answers as recorded").
 */
export interface FakeWaha {
  readonly url: string;
  /** Something happened on a session, under one or more event names. */
  emit(
    session: string,
    events: readonly string[],
    payload: unknown,
  ): Promise<readonly DeliveryReport[]>;
  /** Sets a session's webhooks without the restart that a PUT brings, as its first configuration does. */
  setWebhooks(session: string, webhooks: readonly WahaWebhook[]): void;
  /** A session changed its status: announced, and listed from now on. `me` when it became known. */
  changeStatus(
    session: string,
    status: string,
    me?: WahaMe | null,
  ): Promise<readonly DeliveryReport[]>;
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface FakeWahaOptions extends WahaSenderOptions {
  readonly sessions: readonly FakeWahaSession[];
  /** `X-Api-Key`. */
  readonly apiKey: string;
  readonly port?: number;
}

function refuse(statusCode: number, error: string | undefined, message: unknown): Refusal {
  return new Refusal({
    status: statusCode,
    body: error === undefined ? { message, statusCode } : { message, error, statusCode },
  });
}

interface Actions {
  readonly sessions: ReadonlyMap<string, FakeSession>;
  readonly find: (name: string | undefined) => FakeSession;
  readonly update: (session: FakeSession, body: unknown) => void;
}

/** The management calls. */
function createRoutes(
  { sessions, find, update }: Actions,
  apiKey: string,
  server: WahaServer,
): (request: JsonRequest) => JsonReply {
  return ({ method, path, body, url, query, headers }) => {
    const route = `${method} /${path.join("/")}`;
    if (route === "GET /ping") return { status: 200, body: { message: "pong" } };
    if (headers["x-api-key"] !== apiKey) throw refuse(401, undefined, "Unauthorized");
    if (body.kind === "malformed") throw refuse(400, "Bad Request", body.reason);
    if (route === "GET /api/server/version") return { status: 200, body: wahaEnvironment(server) };
    if (route === "GET /api/sessions") {
      const all = query.get("all") === "true";
      const visible = [...sessions.values()].filter(({ status }) => all || status !== "STOPPED");
      return { status: 200, body: visible.map(listedSession) };
    }
    const isSession = path.length === 3 && path[0] === "api" && path[1] === "sessions";
    if (!isSession || (method !== "GET" && method !== "PUT")) {
      throw refuse(404, "Not Found", `Cannot ${method} ${url}`);
    }
    const session = find(path[2]);
    if (method === "PUT") update(session, body.kind === "json" ? body.value : undefined);
    return { status: 200, body: shownSession(session) };
  };
}

/** Starts the server. */
export async function startFakeWaha(options: FakeWahaOptions): Promise<FakeWaha> {
  const { apiKey, clock = systemClock, random = createRandom("fake-waha") } = options;
  const about: WahaServer = {
    version: options.version ?? "2026.2.1",
    workerId: options.workerId ?? "waha-1",
  };
  const sender = createWahaSender({ ...options, ...about, clock, random: random.fork("sender") });
  const sessions = new Map<string, FakeSession>();
  for (const given of options.sessions) sessions.set(given.name, createSession(given, clock.now()));

  function find(name = ""): FakeSession {
    const session = sessions.get(name);
    if (!session) throw refuse(404, "Not Found", "Session not found");
    return session;
  }

  function send(
    session: FakeSession,
    events: readonly string[],
    payload: unknown,
  ): Promise<readonly DeliveryReport[]> {
    const { name, me, config } = session;
    return sender.emit(
      { name, me, metadata: config?.metadata },
      config?.webhooks ?? [],
      events,
      payload,
    );
  }

  const announce = (session: FakeSession, status: string): Promise<readonly DeliveryReport[]> =>
    send(session, ["session.status"], enterStatus(session, status, clock.now()));

  function update(session: FakeSession, body: unknown): void {
    const { config } = (body ?? {}) as { readonly config?: WahaConfig };
    const complaints = complaintsAboutWebhooks(config?.webhooks ?? []);
    if (complaints.length > 0) throw refuse(400, "Bad Request", complaints);
    const running = session.status !== "STOPPED";
    // Sent before the change: the stop is told to the webhooks of until now.
    if (running) void announce(session, "STOPPED");
    session.config = config && storedConfig(config);
    if (!running) return;
    session.me = null;
    void announce(session, "STARTING");
  }

  const headers = { "Access-Control-Allow-Origin": "*" };
  const place = options.port === undefined ? { headers } : { headers, port: options.port };
  const server = await startJsonServer(
    createRoutes({ sessions, find, update }, apiKey, about),
    place,
  );
  return {
    url: server.url,
    setWebhooks(name, webhooks) {
      const session = find(name);
      session.config = { ...session.config, webhooks };
    },
    emit: (name, events, payload) => send(find(name), events, payload),
    changeStatus(name, status, me) {
      const session = find(name);
      if (me !== undefined) session.me = me;
      return announce(session, status);
    },
    idle: () => sender.idle(),
    async close() {
      await sender.close();
      await server.close();
    },
  };
}
