import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { Instance, Records, TenantScope } from "../../../store/contract/index.ts";
import { hookStep, readHookRecord, type HookRecord } from "./hook-step.ts";

/** How the webhook of an instance is put in place and taken out; whoever installs webhooks provides it. */
export interface HookActions {
  /** Rejects when it did not work; done again later. */
  remove(scope: TenantScope, instance: Instance): Promise<unknown>;
  install(scope: TenantScope, instance: Instance): Promise<unknown>;
}

export interface HookFollower {
  /** Instances of the tenants whose webhook is out, by id. What is under way counts as it was. */
  held(tenantIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Does what is to be done about these instances' webhooks, one after the other for each server. Never
   * rejects. Answers whether something changed. One call at a time: another answers false at once.
   */
  follow(
    instances: readonly Instance[],
    isCovered: (instance: Instance) => boolean,
  ): Promise<boolean>;
  /** Why the webhook of an instance is not yet as it shall be: a stable word. */
  problem(instanceId: string): string | undefined;
  /** Nothing new is begun. */
  stop(): void;
}

export interface HookFollowerOptions {
  readonly records: Pick<Records, "put" | "delete" | "list">;
  readonly actions: HookActions;
  readonly clock: Clock;
  readonly logger: Logger;
}

const recordKind = "source";
const pageSize = 1_000;
/** Milliseconds from a failure to the next try, twice as long each time. */
const firstRetryMs = 15_000;
const longestRetryMs = 15 * 60_000;

interface Failure {
  readonly tries: number;
  /** Monotonic milliseconds. */
  readonly retryAt: number;
  readonly problem: string;
}

export function createHookFollower(options: HookFollowerOptions): HookFollower {
  return new Follower(options);
}

class Follower implements HookFollower {
  readonly #options: HookFollowerOptions;
  #known = new Map<string, HookRecord>();
  readonly #failures = new Map<string, Failure>();
  #isFollowing = false;
  #isStopped = false;

  constructor(options: HookFollowerOptions) {
    this.#options = options;
  }

  async held(tenantIds: readonly string[]): Promise<ReadonlySet<string>> {
    const known = new Map<string, HookRecord>();
    for (const tenantId of tenantIds) await this.#read(tenantId, known);
    // What was read while something was being changed may be older than the change.
    if (!this.#isFollowing) this.#known = known;
    return new Set(this.#known.keys());
  }

  async #read(tenantId: string, known: Map<string, HookRecord>): Promise<void> {
    const { records } = this.#options;
    let afterKey: string | undefined;
    do {
      const page = await records.list({ tenantId }, recordKind, {
        limit: pageSize,
        ...(afterKey === undefined ? {} : { afterKey }),
      });
      for (const { key, value } of page) known.set(key, readHookRecord(value));
      afterKey = page.length < pageSize ? undefined : page.at(-1)?.key;
    } while (afterKey !== undefined);
  }

  async follow(
    instances: readonly Instance[],
    isCovered: (instance: Instance) => boolean,
  ): Promise<boolean> {
    if (this.#isFollowing) return false;
    this.#isFollowing = true;
    const byServer = Map.groupBy(instances, ({ serverId }) => serverId);
    // A server that does not answer must not hold up the others.
    const results = await Promise.all(
      [...byServer.values()].map((group) => this.#followServer(group, isCovered)),
    );
    this.#isFollowing = false;
    return results.includes(true);
  }

  async #followServer(
    instances: readonly Instance[],
    isCovered: (instance: Instance) => boolean,
  ): Promise<boolean> {
    let hasChanged = false;
    const { clock } = this.#options;
    for (const instance of instances) {
      if (this.#isStopped) break;
      const { id, source = "webhook" } = instance;
      const action = hookStep(source, this.#known.get(id), isCovered(instance));
      if (action === undefined) this.#failures.delete(id);
      else if ((this.#failures.get(id)?.retryAt ?? 0) <= clock.monotonic())
        hasChanged = (await this.#do(action, instance)) || hasChanged;
    }
    return hasChanged;
  }

  problem(instanceId: string): string | undefined {
    return this.#failures.get(instanceId)?.problem;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #do(action: "remove" | "install", instance: Instance): Promise<boolean> {
    const { actions } = this.#options;
    const scope = { tenantId: instance.tenantId };
    try {
      if (action === "remove") {
        // First: a crash in between must not leave a number without webhook that nobody remembers.
        await this.#remember(scope, instance.id, "removing");
        await actions.remove(scope, instance);
        await this.#remember(scope, instance.id, "removed");
      } else {
        await actions.install(scope, instance);
        await this.#options.records.delete(scope, recordKind, instance.id);
        this.#known.delete(instance.id);
      }
      this.#failures.delete(instance.id);
      return true;
    } catch (error) {
      this.#failed(instance.id, action, error);
      return false;
    }
  }

  async #remember(scope: TenantScope, id: string, hook: HookRecord): Promise<void> {
    await this.#options.records.put(scope, recordKind, id, { hook });
    this.#known.set(id, hook);
  }

  #failed(instanceId: string, action: string, error: unknown): void {
    const { clock, logger } = this.#options;
    const tries = (this.#failures.get(instanceId)?.tries ?? 0) + 1;
    const retryMs = Math.min(firstRetryMs * 2 ** Math.min(tries - 1, 20), longestRetryMs);
    const problem = problemOf(error);
    this.#failures.set(instanceId, { tries, retryAt: clock.monotonic() + retryMs, problem });
    logger.warn(
      { instanceId, action, problem, retryMs },
      "the webhook of an instance could not be changed for its source",
    );
  }
}

/** The word of an error of ours or of a provider's API. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "failed";
}
