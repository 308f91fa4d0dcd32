import type { DeliveryReport } from "../../sending/attempt.ts";
import type { Fault } from "../../serving/fault.ts";
import type { JsonServer } from "../../serving/json-server.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Channel, Flow } from "./flow.ts";
import type { Pairing } from "./pairing.ts";
import { reconnectAll } from "./phone.ts";
import type { World } from "./world.ts";

/** What goes wrong with the server. */
export interface TroubleActions {
  /** The instance's queue stands still: its state says what it said, and nothing flows. */
  freeze(instance: string): void;
  /** Lets out what was held, in order. A restart of the instance over the API does the same. */
  thaw(instance: string): Promise<readonly DeliveryReport[]>;
  /**
   * The next `count` events, of one instance or of any, are lost on their way out, by webhook and socket
   * or by one of them; the message list has them all the same.
   */
  lose(count: number, instance?: string, channel?: Channel): void;
  /** Management calls go wrong: another status, late, never, cut. Returns what lifts it. */
  fail(fault: Fault): () => void;
  /** Milliseconds before every answer. */
  setLatency(ms: number): void;
  /** Somebody changes the global key. */
  setApikey(apikey: string): void;
  /** The server no longer reaches WhatsApp: no codes, no `open` after a restart. */
  cutNetwork(): void;
  restoreNetwork(): void;
  /** The process dies: its port is closed, its sockets and pending retries are gone. WhatsApp keeps what happens. */
  stop(): Promise<void>;
  /** It comes back at the same address, without namespaces, and its numbers connect again. Rejects when it runs. */
  start(options?: StartOptions): Promise<readonly DeliveryReport[]>;
  /** `stop`, `whileDown`, `start`. */
  restart(
    options?: StartOptions & { readonly whileDown?: () => Promise<void> | void },
  ): Promise<readonly DeliveryReport[]>;
}

export interface StartOptions {
  /** What becomes of what happened meanwhile: `sent` late (default), or only `kept` in the message list. */
  readonly missed?: "sent" | "kept";
  /** How many times each number says `connecting` before it opens. Default 1. */
  readonly connectingUpdates?: number;
  /** Called once the address answers again; the start itself also waits for its deliveries. */
  readonly onListening?: () => void;
}

/** The parts of the server that trouble befalls. */
export interface Victims {
  readonly world: World;
  readonly server: JsonServer;
  readonly flow: Flow;
  readonly pairing: Pairing;
  readonly broadcast: Broadcast;
  /** Throws when there is no instance of that name. */
  readonly find: (name: string) => FakeInstance;
}

export function createTroubleActions(victims: Victims): TroubleActions {
  const { world, server, flow, pairing, broadcast, find } = victims;

  async function stop(): Promise<void> {
    flow.halt();
    pairing.endAll();
    await Promise.all([server.stop(), broadcast.close()]);
  }

  const start: TroubleActions["start"] = async ({
    missed = "sent",
    connectingUpdates = 1,
    onListening,
  } = {}) => {
    if (!flow.isDown()) throw new Error("the process is running: stop it first");
    await server.start();
    broadcast.open(server.url);
    onListening?.();
    const late = flow.resume(missed);
    const again = reconnectAll(world, pairing, connectingUpdates);
    return [...(await late), ...(await again)];
  };

  return {
    freeze: (name) => flow.freeze(find(name)),
    thaw: (name) => flow.thaw(find(name)),
    lose: (count, name, channel = "both") =>
      flow.lose(count, name === undefined ? undefined : find(name), channel),
    fail: (fault) => server.fail(fault),
    setLatency: (ms) => server.setLatency(ms),
    setApikey(apikey) {
      world.apikey = apikey;
    },
    cutNetwork() {
      world.online = false;
    },
    restoreNetwork() {
      world.online = true;
    },
    stop,
    start,
    async restart({ whileDown, ...rest } = {}) {
      await stop();
      await whileDown?.();
      return start(rest);
    },
  };
}
