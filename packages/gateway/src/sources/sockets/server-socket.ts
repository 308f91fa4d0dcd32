import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { Instance } from "../../store/contract/index.ts";
import { Connection } from "./connection/connection.ts";
import type { ConnectionState } from "./connection/connection-state.ts";
import type { OpenLink, SocketFrame } from "./connection/link.ts";
import type { FrameLine } from "./frames/frame-line.ts";
import { problemOf, type HookFollower } from "./hooks/follow-hooks.ts";
import { connectionKey, type WantedConnection } from "./plan/plan-sockets.ts";
import { describeState, type SocketStatus } from "./status.ts";

/** Events of an instance may be missing: what reconciles asks the provider for them. */
export interface SocketGap {
  readonly tenantId: string;
  readonly instanceId: string;
  /**
   * `connected`: the connection was made, after it was not there. `channel`: the same for the instance's
   * own channel. `dropped`: there was no room for what came.
   */
  readonly reason: "connected" | "channel" | "dropped";
  /** From when on, Unix milliseconds; absent: not known, as after our own start. */
  readonly since?: number;
}

export interface ServerSocketOptions {
  readonly wanted: WantedConnection;
  readonly open: OpenLink;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly line: FrameLine;
  readonly hooks: Pick<HookFollower, "problem">;
  /** Hands an event to the door. */
  readonly receive: (
    wanted: WantedConnection,
    instance: Instance,
    body: Uint8Array,
  ) => Promise<unknown>;
  readonly onGap: (gap: SocketGap) => void;
  /** The connection is there, or an instance's channel: what waited for it can be done. */
  readonly onCovered: () => void;
  /** Asks the provider to send an instance's events; absent where it sends them unasked. */
  readonly switchOn?: (instance: Instance) => Promise<void>;
}

/** Milliseconds: how often the provider may be asked again about an instance whose channel is missing. */
const switchOnEveryMs = 10 * 60_000;

interface Switched {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly problem?: string;
}

/** One provider server's socket: whose frames are taken, and what is told about it. */
export class ServerSocket {
  readonly key: string;
  readonly #options: ServerSocketOptions;
  readonly #connection: Connection;
  readonly #switched = new Map<string, Switched>();
  #wanted: WantedConnection;
  #switching: Promise<void> | undefined;
  #others = 0;
  #isStopped = false;

  constructor(options: ServerSocketOptions) {
    const { wanted, open, clock, random } = options;
    this.#options = options;
    this.#wanted = wanted;
    this.key = connectionKey(wanted.server);
    this.#connection = new Connection({
      open,
      clock,
      random,
      onLive: (downSince) => this.#live(downSince),
      onFrame: (frame) => this.#take(frame),
      onCovered: () => options.onCovered(),
      onMissed: (name, since) => this.#tellGap(name, "channel", since),
      onMissing: () => this.#switchAll(),
      onChange: (state) => this.#log(state),
    });
    this.#connection.follow(namesAtProvider(wanted));
  }

  get wanted(): WantedConnection {
    return this.#wanted;
  }

  start(): void {
    this.#connection.start();
  }

  /** The same server; other instances, or instances that changed. */
  update(wanted: WantedConnection): void {
    const before = this.#wanted.instances;
    this.#wanted = wanted;
    for (const [name, { id }] of before) {
      if (wanted.instances.get(name)?.id === id) continue;
      this.#options.line.forget(id);
      this.#switched.delete(id);
    }
    const isNew = [...wanted.instances].filter(([name, { id }]) => before.get(name)?.id !== id);
    this.#connection.follow(namesAtProvider(wanted));
    if (isNew.length === 0 || this.#connection.state.kind !== "live") return;
    for (const [name] of isNew) this.#tellGap(name, "connected", undefined);
    this.#switchAll();
  }

  covers(instance: Instance): boolean {
    return this.#connection.covers(instance.providerName);
  }

  /** Resolves when nothing is under way any more. Frames that were taken still go through the line. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#connection.stop();
    await this.#switching;
  }

  status(): SocketStatus {
    const { tenant, server, instances } = this.#wanted;
    const { lastFrameAt, counts, state } = this.#connection;
    return {
      tenantId: tenant.id,
      serverId: server.id,
      provider: server.provider,
      ...describeState(state),
      ...(lastFrameAt === undefined ? {} : { lastFrameAt }),
      ...counts,
      others: this.#others,
      instances: [...instances.values()].map((instance) => this.#statusOf(instance)),
    };
  }

  #statusOf(instance: Instance): SocketStatus["instances"][number] {
    const { hooks, line } = this.#options;
    const hookProblem = hooks.problem(instance.id);
    const switchProblem = this.#switched.get(instance.id)?.problem;
    return {
      instanceId: instance.id,
      covered: this.covers(instance),
      ...line.counts(instance.id),
      ...(hookProblem === undefined ? {} : { hookProblem }),
      ...(switchProblem === undefined ? {} : { switchProblem }),
    };
  }

  #live(downSince: number | undefined): void {
    for (const name of this.#wanted.instances.keys()) this.#tellGap(name, "connected", downSince);
    this.#switchAll();
    this.#options.onCovered();
  }

  #take(frame: SocketFrame): void {
    const wanted = this.#wanted;
    const instance = wanted.instances.get(frame.instanceName);
    // A server's socket carries everybody's events; only those that asked for them this way get them.
    if (instance === undefined) {
      this.#others += 1;
      return;
    }
    const body = frame.body();
    this.#options.line.offer(instance.id, {
      bytes: body.length,
      receive: () => this.#options.receive(wanted, instance, body),
    });
  }

  #tellGap(name: string, reason: SocketGap["reason"], since: number | undefined): void {
    const instance = this.#wanted.instances.get(name.normalize("NFC"));
    if (instance === undefined) return;
    const { tenantId, id: instanceId } = instance;
    this.#options.onGap({
      tenantId,
      instanceId,
      reason,
      ...(since === undefined ? {} : { since }),
    });
  }

  /** One after the other; those that were asked lately are left alone. */
  #switchAll(): void {
    if (this.#options.switchOn === undefined || this.#switching !== undefined) return;
    this.#switching = this.#switchDue().finally(() => (this.#switching = undefined));
  }

  async #switchDue(): Promise<void> {
    const { clock, switchOn } = this.#options;
    for (const instance of this.#wanted.instances.values()) {
      if (this.#isStopped || this.#connection.state.kind !== "live") return;
      const last = this.#switched.get(instance.id);
      const isDue = last === undefined || clock.monotonic() - last.at >= switchOnEveryMs;
      if (!isDue || (last !== undefined && this.covers(instance))) continue;
      try {
        await switchOn?.(instance);
        this.#switched.set(instance.id, { at: clock.monotonic() });
      } catch (error) {
        this.#switched.set(instance.id, { at: clock.monotonic(), problem: problemOf(error) });
      }
    }
  }

  #log(state: ConnectionState): void {
    const { logger } = this.#options;
    const { id: serverId, provider } = this.#wanted.server;
    if (state.kind === "live")
      logger.info({ serverId, provider }, "connected to a provider's socket");
    if (state.kind !== "waiting") return;
    const { reason, detail } = state.ending;
    const about = { serverId, provider, reason, detail, attempts: state.attempts };
    // Once per outage: it is tried for ever.
    if (state.attempts === 1) logger.warn(about, "a provider's socket is not connected");
    else logger.debug(about, "a provider's socket is still not connected");
  }
}

/** Letter by letter as the provider spells them: its channels have these names. */
function namesAtProvider({ instances }: WantedConnection): readonly string[] {
  return [...instances.values()].map(({ providerName }) => providerName);
}
