import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretBox } from "../../base/secret-box.ts";
import type { Ingest } from "../../ingest/index.ts";
import type { Outbound } from "../../outbound/index.ts";
import type { Directory, Instance, Records } from "../../store/contract/index.ts";
import { createFrameLine, type FrameLimits, type FrameLine } from "./frames/frame-line.ts";
import { createHookFollower, type HookActions, type HookFollower } from "./hooks/follow-hooks.ts";
import { openLinkOf, switchOnOf } from "./open-link.ts";
import {
  connectionKey,
  planSockets,
  type SocketPlan,
  type WantedConnection,
} from "./plan/plan-sockets.ts";
import { readContents } from "./plan/read-contents.ts";
import { ServerSocket, type SocketGap } from "./server-socket.ts";
import type { SocketStatus } from "./status.ts";

/**
 * The providers' sockets as a source of events beside their webhooks, for gateways that a provider cannot
 * reach, and as a second way for those that it can.
 *
 * Owns: which connections there are, their lives, and what comes over them until it is through the door.
 * Must not know: what events say, how webhooks are installed, how gaps are filled.
 *
 * I1 Frames go through the same door as webhooks, so that an event which came both ways is kept once
 *    (`provider-sockets.test.ts`).
 * I2 An instance gets what its own server sends under its own name, and nothing else; nobody's socket makes
 *    an instance (`provider-sockets.test.ts`).
 * I3 Servers and instances that are added, changed or removed are followed without a restart
 *    (`provider-sockets.test.ts`).
 * I4 Nothing is sent to a provider over its socket (`evolution-link.test.ts`).
 * I5 Keys are in no log line, error or status (`provider-sockets.test.ts`).
 */
export interface ProviderSockets {
  /** Begins to follow the directory; connects in the background. */
  start(): void;
  /** Ends every connection; resolves when what was taken is stored, or after some seconds. Idempotent. */
  stop(): Promise<void>;
  /** Something in the directory changed: looks at once instead of at the next turn. */
  changed(): void;
  /** Every connection of the tenant, or of all tenants. */
  statuses(tenantId?: string): readonly SocketStatus[];
  /** Instances that shall listen to a server that is not there. */
  stranded(): readonly string[];
}

export interface ProviderSocketsOptions {
  readonly directory: Pick<Directory, "tenants" | "servers" | "instances">;
  readonly records: Pick<Records, "put" | "delete" | "list">;
  readonly ingest: Pick<Ingest, "receive">;
  readonly outbound: Pick<Outbound, "vet" | "request">;
  readonly secretBox: Pick<SecretBox, "open">;
  /** For instances whose source is `socket`: their webhook is taken out, and comes back when that ends. */
  readonly hooks: HookActions;
  readonly clock: Clock;
  /** At least 0 and below 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /** Events of an instance may be missing. Must not throw. */
  readonly onGap?: (gap: SocketGap) => void;
  /** Whether this process is the one that connects to a server. Default: every one. */
  readonly owns?: (serverId: string) => boolean;
  /** The largest event, bytes. Default 32 MiB. */
  readonly maxFrameBytes?: number;
  readonly limits?: Partial<FrameLimits>;
  /** How often the directory is looked at, milliseconds. Default 10,000. */
  readonly refreshMs?: number;
}

const defaultFrameBytes = 32 * 1_048_576;
const defaultRefreshMs = 10_000;
const stopWithinMs = 5_000;
const headers = { "content-type": "application/json" } as const;

export function createProviderSockets(options: ProviderSocketsOptions): ProviderSockets {
  return new Sockets(options);
}

class Sockets implements ProviderSockets {
  readonly #options: ProviderSocketsOptions;
  readonly #line: FrameLine;
  readonly #hooks: HookFollower;
  readonly #sockets = new Map<string, ServerSocket>();
  #plan: SocketPlan = { connections: new Map(), stranded: [] };
  #refreshing: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  #areHooksStale = false;
  #isStale = false;
  #isRunning = false;
  #stopping: Promise<void> | undefined;
  #cancelRefresh: () => void = () => undefined;

  constructor(options: ProviderSocketsOptions) {
    const { clock, logger, records, hooks, onGap, limits = {} } = options;
    this.#options = options;
    this.#line = createFrameLine({
      clock,
      limits,
      onDropped: (instanceId, since) => {
        const tenantId = this.#tenantOf(instanceId);
        if (tenantId !== undefined) onGap?.({ tenantId, instanceId, reason: "dropped", since });
      },
      onRefused: (instanceId, error) =>
        logger.warn({ instanceId, err: error }, "an event of a provider's socket was not taken"),
    });
    this.#hooks = createHookFollower({ records, actions: hooks, clock, logger });
  }

  start(): void {
    if (this.#isRunning || this.#stopping) return;
    this.#isRunning = true;
    this.changed();
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#shutDown());
  }

  changed(): void {
    if (!this.#isRunning) return;
    this.#isStale = true;
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
  }

  statuses(tenantId?: string): readonly SocketStatus[] {
    const all = [...this.#sockets.values()].map((socket) => socket.status());
    return tenantId === undefined ? all : all.filter((status) => status.tenantId === tenantId);
  }

  stranded(): readonly string[] {
    return this.#plan.stranded.map(({ id }) => id);
  }

  async #shutDown(): Promise<void> {
    this.#isRunning = false;
    this.#cancelRefresh();
    this.#hooks.stop();
    const stopped = [...this.#sockets.values()].map((socket) => socket.stop());
    await this.#refreshing;
    await this.#following;
    await Promise.all([...stopped, ...[...this.#sockets.values()].map((socket) => socket.stop())]);
    this.#sockets.clear();
    await this.#line.close(stopWithinMs);
  }

  /** Until nothing changed while it looked. */
  async #refresh(): Promise<void> {
    const { clock, logger, refreshMs = defaultRefreshMs } = this.#options;
    this.#cancelRefresh();
    try {
      while (this.#isStale && this.#isRunning) {
        this.#isStale = false;
        await this.#look();
      }
    } catch (error) {
      logger.error({ err: error }, "the directory could not be read for the providers' sockets");
    }
    if (this.#isRunning) this.#cancelRefresh = clock.after(refreshMs, () => this.changed());
  }

  async #look(): Promise<void> {
    const { directory, owns = () => true } = this.#options;
    const contents = await readContents(directory);
    const held = await this.#hooks.held(contents.map(({ tenant }) => tenant.id));
    if (!this.#isRunning) return;
    this.#plan = planSockets(contents, { owns, held });
    await this.#apply();
    // In the background: a server that does not answer must not hold up what follows the directory.
    this.#areHooksStale = true;
    this.#following ??= this.#followHooks().finally(() => (this.#following = undefined));
  }

  async #followHooks(): Promise<void> {
    const isCovered = (instance: Instance): boolean =>
      this.#sockets.get(instance.serverId ?? "")?.covers(instance) === true;
    while (this.#areHooksStale && this.#isRunning) {
      this.#areHooksStale = false;
      const listening = [...this.#plan.connections.values()].flatMap(({ instances }) => [
        ...instances.values(),
      ]);
      // An instance whose webhook is back need not be listened to any more.
      if (await this.#hooks.follow(listening, isCovered)) this.changed();
    }
  }

  async #apply(): Promise<void> {
    const { connections } = this.#plan;
    const ended: Promise<void>[] = [];
    for (const [serverId, socket] of this.#sockets) {
      const wanted = connections.get(serverId);
      if (wanted && connectionKey(wanted.server) === socket.key) continue;
      this.#sockets.delete(serverId);
      ended.push(socket.stop());
    }
    for (const [serverId, wanted] of connections) {
      const known = this.#sockets.get(serverId);
      if (known) {
        known.update(wanted);
        continue;
      }
      const socket = this.#build(wanted);
      this.#sockets.set(serverId, socket);
      socket.start();
    }
    await Promise.all(ended);
  }

  #build(wanted: WantedConnection): ServerSocket {
    const { clock, random, logger, outbound, secretBox, ingest, onGap } = this.#options;
    const { maxFrameBytes = defaultFrameBytes } = this.#options;
    const { server } = wanted;
    const means = { outbound, secretBox, clock, random, maxFrameBytes };
    const switchOn = switchOnOf(server, means);
    return new ServerSocket({
      wanted,
      open: openLinkOf(server, means),
      clock,
      random,
      logger,
      line: this.#line,
      hooks: this.#hooks,
      receive: ({ tenant }, instance, bytes) =>
        ingest.receive({
          target: { kind: "instance", tenant, instance },
          headers,
          bytes,
          trusted: true,
        }),
      onGap: (gap) => onGap?.(gap),
      onCovered: () => this.changed(),
      ...(switchOn === undefined ? {} : { switchOn }),
    });
  }

  #tenantOf(instanceId: string): string | undefined {
    for (const { tenant, instances } of this.#plan.connections.values())
      for (const { id } of instances.values()) if (id === instanceId) return tenant.id;
    return undefined;
  }
}
