import { systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import type { Call, CallLog } from "../serving/call-log.ts";
import { startJsonServer } from "../serving/json-server.ts";
import { createManagementApi } from "./http/management-api.ts";
import { createHappenings, type WahaHappenings } from "./life/happenings.ts";
import { createPhoneActions, type WahaPhoneActions } from "./life/phone.ts";
import { createTroubleActions, type WahaTroubleActions } from "./life/trouble.ts";
import type { FakeSession } from "./session/fake-session.ts";
import { createWahaCore, type WahaCoreOptions } from "./waha-core.ts";

/**
 * A WAHA without WhatsApp behind it: 2026.2.1 on NOWEB unless told otherwise. Its management API keeps
 * state and answers in the recorded shapes, its webhooks and `/ws` tell what happens by the real rules,
 * and a scenario makes things happen.
 *
 * Owns: the process and its place on the network. Must not know: what the events say.
 *
 * I1 Every recorded call is answered as recorded, out of state and rules ("every recorded call is answered
 *    as recorded").
 * I2 A PUT replaces the whole configuration and restarts a running session: STOPPED goes to the old
 *    webhooks, STARTING to the new ones ("a PUT tells the old webhooks of the stop and the new ones of the start").
 * I3 A process that ends loses what waited to be repeated; what it comes back with is its sessions, started
 *    anew ("a restart loses what waited and starts the sessions again").
 */
export interface FakeWaha extends WahaHappenings {
  readonly url: string;
  /** What was called, by route: `GET /api/sessions/:session`. */
  readonly calls: CallLog;
  /** Connections to `/ws` whose key was taken. */
  readonly socketClients: number;
  /** What happens to a number; throws for a session that there is not. */
  readonly phone: WahaPhoneActions;
  readonly trouble: WahaTroubleActions;
  /**
   * Resolves when no delivery is under way or waiting, and no session is about to connect at once
   * (`connectAfterMs` 0).
   */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface FakeWahaOptions extends WahaCoreOptions {
  /** `X-Api-Key`. */
  readonly apiKey: string;
  readonly port?: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Told of every management call once its status is sent. */
  readonly onCall?: (call: Call) => void;
  /** Milliseconds before each answer. Default 0. */
  readonly latencyMs?: number;
}

/** Starts the server. Rejects when the port is taken. */
export async function startFakeWaha(options: FakeWahaOptions): Promise<FakeWaha> {
  const { clock = systemClock, random = createRandom("fake-waha"), latencyMs = 0 } = options;
  let apiKey = options.apiKey;
  let url = "";
  const core = createWahaCore(options, { clock, random, apiKey: () => apiKey, url: () => url });
  const api = createManagementApi(core.world, () => apiKey);
  const server = await startJsonServer(api.handle, {
    headers: { "Access-Control-Allow-Origin": "*" },
    clock,
    latencyMs,
    routeOf: api.routeOf,
    attach: core.sockets.attach,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.onCall === undefined ? {} : { onCall: options.onCall }),
  });
  ({ url } = server);

  /** A name that does not exist is a mistake of the scenario. */
  function find(name: string): FakeSession {
    const session = core.world.sessions.get(name);
    if (!session) throw new RangeError(`the fake WAHA has no session "${name}"`);
    return session;
  }

  return {
    ...createHappenings(core.world, core.telling, find, random.fork("incoming")),
    url,
    calls: server.calls,
    get socketClients() {
      return core.sockets.clients;
    },
    phone: createPhoneActions(core.world.lifecycle, find),
    trouble: createTroubleActions({
      core,
      server,
      find,
      setApiKey(key) {
        apiKey = key;
      },
    }),
    async idle() {
      await core.world.lifecycle.idle();
      await core.telling.idle();
    },
    async close() {
      await core.end();
      await server.close();
    },
  };
}
