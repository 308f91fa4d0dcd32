import type { Fault } from "../../serving/fault.ts";
import type { JsonServer } from "../../serving/json-server.ts";
import type { FakeSession } from "../session/fake-session.ts";
import type { WahaCore } from "../waha-core.ts";
import type { WahaChannel } from "../waha-sender.ts";

/** What goes wrong with the server, and between it and whoever uses it. */
export interface WahaTroubleActions {
  /** The status says WORKING and nothing is told; the lists go on. */
  freeze(session: string): void;
  /** From now on things are told again. A start of the session does the same; what was not told stays so. */
  thaw(session: string): void;
  /**
   * The next `count` events, of one session or of any, are lost on their way out, by webhook and socket or
   * by one of them; the lists have them all the same. `message` and `message.any` of one message are one.
   */
  lose(count: number, session?: string, channel?: WahaChannel): void;
  /** Management calls go wrong: another status, late, never, cut. Returns what lifts it. */
  fail(fault: Fault): () => void;
  /** Milliseconds before every answer. */
  setLatency(ms: number): void;
  /** From now on only this key opens. */
  setApiKey(key: string): void;
  /** The server no longer reaches WhatsApp: what runs loops and fails, what starts too. */
  cutNetwork(): void;
  /** It does again: what loops is connected. What failed stays so. */
  restoreNetwork(): void;
  /** The process dies: its port is closed, its sockets and pending retries are gone. WhatsApp keeps what happens. */
  stop(): Promise<void>;
  /** It comes back at the same address, and the sessions that ran start again. */
  start(options?: WahaStartOptions): Promise<void>;
  /** `stop`, `whileDown`, `start`. */
  restart(
    options?: WahaStartOptions & { readonly whileDown?: () => Promise<void> | void },
  ): Promise<void>;
}

export interface WahaStartOptions {
  /** What becomes of what happened meanwhile: `sent` late (default), or only `kept` in the lists. */
  readonly missed?: "sent" | "kept";
}

interface Victims {
  readonly core: WahaCore;
  readonly server: JsonServer;
  readonly find: (name: string) => FakeSession;
  readonly setApiKey: (key: string) => void;
}

export function createTroubleActions(victims: Victims): WahaTroubleActions {
  const { core, server, find, setApiKey } = victims;
  const { telling, world } = core;

  async function stop(): Promise<void> {
    await core.end();
    await server.stop();
  }

  async function start({ missed = "sent" }: WahaStartOptions = {}): Promise<void> {
    await server.start();
    core.begin(missed);
  }

  return {
    freeze(name) {
      find(name).frozen = true;
    },
    thaw(name) {
      find(name).frozen = false;
    },
    lose: (count, name, channel) =>
      telling.losses.add(count, name === undefined ? name : find(name).name, channel),
    fail: (fault) => server.fail(fault),
    setLatency: (ms) => server.setLatency(ms),
    setApiKey,
    cutNetwork() {
      core.network.reachable = false;
      for (const session of world.sessions.values())
        if (session.status !== "STOPPED" && session.status !== "FAILED")
          world.lifecycle.loop(session);
    },
    restoreNetwork() {
      core.network.reachable = true;
      for (const session of world.sessions.values())
        if (session.status === "STARTING") world.lifecycle.connect(session);
    },
    stop,
    start,
    async restart({ whileDown, ...options } = {}) {
      await stop();
      await whileDown?.();
      await start(options);
    },
  };
}
