import type { ProviderServer, TenantScope } from "../../store/contract/index.ts";
import { CheckRounds } from "./check-rounds.ts";
import { ensureConfiguredServer, type ConfiguredServer } from "./configured-servers.ts";
import type { AdoptionOptions } from "./options.ts";
import type { SyncProgress } from "./records/server-record.ts";
import type { ServerAdopter } from "./server-adopter.ts";

const firstRetryMs = 5_000;
const longestRetryMs = 300_000;
const pageSize = 1_000;

/**
 * What goes on by itself: synchronising in the background, servers of the settings until they were reached
 * once, rounds of checks. Owns its timers and promises; `stop` leaves none behind.
 */
export class Upkeep {
  readonly rounds: CheckRounds;
  readonly #options: AdoptionOptions;
  readonly #work: ServerAdopter;
  readonly #background = new Set<Promise<unknown>>();
  readonly #retries = new Set<() => void>();
  #stopped = false;

  constructor(options: AdoptionOptions, work: ServerAdopter) {
    this.#options = options;
    this.#work = work;
    this.rounds = new CheckRounds(options, work);
  }

  /** Synchronises in the background; answers how far it is. */
  begin(scope: TenantScope, server: ProviderServer): SyncProgress {
    this.rounds.watch(scope, server.id);
    this.inBackground(this.#work.sync(scope, server, "person"));
    const progress = this.#work.progressOf(server.id);
    if (!progress) throw new Error("a synchronising that was begun has no progress");
    return progress;
  }

  async start(scope: TenantScope, configured: readonly ConfiguredServer[]): Promise<void> {
    for (const wanted of configured) {
      const server = await ensureConfiguredServer(this.#options, scope, wanted);
      this.inBackground(this.#adoptConfigured(scope, server.id, firstRetryMs));
    }
    for await (const [owner, server] of this.#everyServer()) {
      this.rounds.watch(owner, server.id);
      const { sync } = await this.#work.states.get(owner, server.id);
      // A crash has ended it.
      if (sync?.state === "running")
        this.inBackground(this.#work.sync(owner, server, "background"));
    }
  }

  /** Gives back in the background what is owed to a server for numbers that are deleted here. */
  settleGone(scope: TenantScope, server: ProviderServer): void {
    this.inBackground(this.#work.gone.settle(scope, server));
  }

  /** Waited for by `settled` and `stop`; a rejection is logged. */
  inBackground(run: Promise<unknown>): void {
    const mine = run.catch((error: unknown) => {
      this.#options.logger.error({ err: error }, "a server could not be adopted");
    });
    this.#background.add(mine);
    void mine.then(() => this.#background.delete(mine));
  }

  async settled(): Promise<void> {
    await this.rounds.settled();
    await Promise.all(this.#background);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#retries) cancel();
    await this.rounds.stop();
    await Promise.all(this.#background);
  }

  /** Again and again, with longer pauses, until its list was had once. */
  async #adoptConfigured(scope: TenantScope, serverId: string, pauseMs: number): Promise<void> {
    const server = await this.#options.store.directory.server(scope, serverId);
    if (!server || (await this.#work.states.get(scope, serverId)).released) return;
    const { state } = await this.#work.sync(scope, server, "background");
    if (state !== "failed" || this.#stopped) return;
    const cancel = this.#options.clock.after(pauseMs, () => {
      this.#retries.delete(cancel);
      const nextMs = Math.min(2 * pauseMs, longestRetryMs);
      this.inBackground(this.#adoptConfigured(scope, serverId, nextMs));
    });
    this.#retries.add(cancel);
  }

  /** Every server of every tenant that is active. */
  async *#everyServer(): AsyncGenerator<readonly [TenantScope, ProviderServer]> {
    const { directory } = this.#options.store;
    let afterId: string | undefined;
    for (;;) {
      const tenants = await directory.tenants({
        limit: pageSize,
        ...(afterId === undefined ? {} : { afterId }),
      });
      for (const { id: tenantId, active } of tenants) {
        if (!active) continue;
        const scope = { tenantId };
        // A tenant has a handful of servers; a thousand are looked after.
        for (const server of await directory.servers(scope, { limit: pageSize }))
          yield [scope, server];
      }
      afterId = tenants.at(-1)?.id;
      if (tenants.length < pageSize) return;
    }
  }
}
