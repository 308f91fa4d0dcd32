import type { ProviderServer, TenantScope } from "../../store/contract/index.ts";
import { checkHook } from "./hook-check.ts";
import { instancesOf } from "./records/instances-of.ts";
import type { AdoptionOptions } from "./options.ts";
import type { ServerAdopter } from "./server-adopter.ts";

/**
 * Looks at every server again and again: one round per interval, its numbers spread over the whole of it, so
 * that a server hears a few calls now and then instead of many at once. One that does not answer costs one
 * call per round and is noted as failing.
 *
 * Owns its timers; `stop` ends them and waits for what is under way.
 */
export class CheckRounds {
  readonly #options: AdoptionOptions;
  readonly #work: ServerAdopter;
  readonly #cancels = new Map<string, () => void>();
  readonly #underWay = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: AdoptionOptions, work: ServerAdopter) {
    this.#options = options;
    this.#work = work;
  }

  /** Begins rounds for a server, the first after a part of the interval that chance decides. Idempotent. */
  watch(scope: TenantScope, serverId: string): void {
    const { checkEveryMs, ids } = this.#options;
    if (checkEveryMs <= 0 || this.#stopped || this.#cancels.has(serverId)) return;
    const firstMs = checkEveryMs * (0.5 + ids.random() / 2);
    this.#later(scope, serverId, firstMs, () => this.#round(scope, serverId));
  }

  forget(serverId: string): void {
    this.#cancels.get(serverId)?.();
    this.#cancels.delete(serverId);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const serverId of this.#cancels.keys()) this.forget(serverId);
    await this.settled();
  }

  /** Resolves when nothing is under way; timers may be set. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** One whole round now, without waiting between its numbers. Rejects when the server gives no list. */
  async roundNow(scope: TenantScope, server: ProviderServer): Promise<void> {
    const numbers = await this.#begin(scope, server);
    for (const check of numbers) await check();
  }

  async #round(scope: TenantScope, serverId: string): Promise<void> {
    const { checkEveryMs, store, logger } = this.#options;
    const server = await store.directory.server(scope, serverId);
    if (!server) return this.forget(serverId);
    let checks: readonly (() => Promise<void>)[] = [];
    try {
      checks = await this.#begin(scope, server);
    } catch (error) {
      // The server's state says why; what is logged there is only what was our own fault.
      logger.debug({ serverId, err: error }, "a server could not be checked");
    }
    this.#next(scope, serverId, checks, checkEveryMs / (checks.length + 1));
  }

  #next(
    scope: TenantScope,
    serverId: string,
    checks: readonly (() => Promise<void>)[],
    pauseMs: number,
  ): void {
    const [check, ...others] = checks;
    this.#later(scope, serverId, pauseMs, async () => {
      if (!check) return this.#round(scope, serverId);
      await check();
      this.#next(scope, serverId, others, pauseMs);
    });
  }

  /** What there is to look at, number by number. */
  async #begin(
    scope: TenantScope,
    server: ProviderServer,
  ): Promise<readonly (() => Promise<void>)[]> {
    const work = this.#work;
    const { released } = await work.states.get(scope, server.id);
    if (work.isSyncing(server.id)) return [];
    if (released) return this.#finishing(scope, server);
    const look = await work.alone(server.id, () => work.look(scope, server, "background"));
    const about = { scope, server, look };
    return look.present.map(
      ({ id }) =>
        () =>
          checkHook(this.#options, work, about, id),
    );
  }

  /** A server that was given back is not called any more. */
  async #finishing(
    scope: TenantScope,
    { id: serverId }: ProviderServer,
  ): Promise<readonly (() => Promise<void>)[]> {
    const instances = await instancesOf(this.#options, scope, serverId);
    return instances.map(
      ({ id }) =>
        () =>
          this.#work.finishRelease(scope, id),
    );
  }

  #later(scope: TenantScope, serverId: string, ms: number, run: () => Promise<void>): void {
    if (this.#stopped) return;
    const { clock, logger, checkEveryMs } = this.#options;
    const cancel = clock.after(ms, () => {
      const mine = run().catch((error: unknown) => {
        // Only a fault of our own gets here (the store); the next round tries again.
        logger.error({ serverId, err: error }, "checking a server failed");
        this.#later(scope, serverId, checkEveryMs, () => this.#round(scope, serverId));
      });
      this.#underWay.add(mine);
      void mine.then(() => this.#underWay.delete(mine));
    });
    this.#cancels.set(serverId, cancel);
  }
}
