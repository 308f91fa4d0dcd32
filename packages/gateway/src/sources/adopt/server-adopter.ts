import type { Instance, ProviderServer, TenantScope } from "../../store/contract/index.ts";
import type { CallPriority } from "../control/index.ts";
import type { ServerControl } from "../control/server-control.ts";
import { signingAbility, type SigningAbility } from "./decide/signing.ts";
import { EndpointKeeper } from "./endpoints/endpoint-keeper.ts";
import { InstanceAdopter } from "./instance-adopter.ts";
import { GoneNumbers } from "./gone/gone-numbers.ts";
import { createInstanceNews, type InstanceNews } from "./instance-news.ts";
import { InstanceReleaser, type ReleaseOutcome } from "./instance-releaser.ts";
import type { AdoptionOptions } from "./options.ts";
import { reasonOf } from "./reasons/reason-of.ts";
import type { Reason } from "./reasons/sentences.ts";
import { AdoptionRecords } from "./records/adoption-record.ts";
import { ServerStates, type SyncProgress } from "./records/server-record.ts";
import { RosterKeeper } from "./roster-keeper.ts";
import { ProgressMeter, type StepOutcome } from "./sync-progress.ts";
import { inParallel, Turns } from "./turns.ts";

/** Numbers of one server that are worked on at once; the server's control paces their calls. */
const atOnce = 8;

interface RunningSync {
  readonly server: ProviderServer;
  readonly ended: Promise<SyncProgress>;
  readonly meter: ProgressMeter;
}

/** What one look at a server found. */
export interface ServerLook {
  readonly control: ServerControl;
  readonly signing: SigningAbility;
  readonly present: readonly Instance[];
}

/**
 * Works on whole servers: adopting everything that they have, and giving it back.
 *
 * One piece of work per server at a time; a second synchronising joins the one that runs.
 */
export class ServerAdopter {
  readonly records: AdoptionRecords;
  readonly states: ServerStates;
  readonly adopter: InstanceAdopter;
  readonly news: InstanceNews;
  readonly gone: GoneNumbers;
  /** One piece of work per instance at a time. */
  readonly turns = new Turns();
  readonly #options: AdoptionOptions;
  readonly #releaser: InstanceReleaser;
  readonly #roster: RosterKeeper;
  readonly #serverTurns = new Turns();
  readonly #running = new Map<string, RunningSync>();

  constructor(options: AdoptionOptions) {
    this.#options = options;
    this.records = new AdoptionRecords(options.store.records);
    this.states = new ServerStates(options.store.records);
    this.news = createInstanceNews(options);
    const endpoints = new EndpointKeeper({ ...options, rules: options.endpointRules });
    this.adopter = new InstanceAdopter(options, this.records, endpoints);
    this.#releaser = new InstanceReleaser(options, this.records, endpoints);
    this.#roster = new RosterKeeper(options, this.records, this.news);
    const { records, states, turns } = this;
    this.gone = new GoneNumbers({ ...options, records, states, turns, releaser: this.#releaser });
  }

  /**
   * Adopts every number that the server has. Never rejects for what the provider does. A person's is tried
   * although the server did not answer a moment ago. One that runs is joined, unless the server's address or
   * key was changed since it began: then this one follows it.
   */
  sync(scope: TenantScope, server: ProviderServer, priority: CallPriority): Promise<SyncProgress> {
    const running = this.#running.get(server.id);
    if (running && isSameAccess(running.server, server)) return running.ended;
    const meter = new ProgressMeter(this.#options.clock, (sync) =>
      this.states.change(scope, server.id, { sync }),
    );
    const ended = this.#serverTurns.run(server.id, () =>
      this.#sync(scope, server, priority, meter),
    );
    const mine: RunningSync = { server, ended, meter };
    this.#running.set(server.id, mine);
    const leave = (): void => {
      if (this.#running.get(server.id) === mine) this.#running.delete(server.id);
    };
    ended.then(leave, leave);
    return ended;
  }

  /** How far the synchronising is that runs in this process. */
  progressOf(serverId: string): SyncProgress | undefined {
    return this.#running.get(serverId)?.meter.progress;
  }

  isSyncing(serverId: string): boolean {
    return this.#running.has(serverId);
  }

  /** Work that must not meet a synchronising of the same server. */
  alone<T>(serverId: string, work: () => Promise<T>): Promise<T> {
    return this.#serverTurns.run(serverId, work);
  }

  /**
   * Asks a server what it is and what it has, and brings the directory to it. Rejects with the provider's
   * failure after having noted it.
   */
  async look(
    scope: TenantScope,
    server: ProviderServer,
    priority: CallPriority,
  ): Promise<ServerLook> {
    const control = this.#options.controls.of(server, priority);
    try {
      const info = await control.info();
      // In front of the list, so that a number that comes back is adopted as it was before.
      await this.gone.settle(scope, server);
      const { ignored = [] } = await this.states.get(scope, server.id);
      const { present } = await this.#roster.update(scope, server, control, {
        ignored,
        // The key of some numbers says nothing about the others.
        isWhole: info.limitedTo === undefined,
      });
      const { version, flavour } = info;
      await this.#note(scope, server, { ok: true, version, flavour });
      return { control, signing: signingAbility(info), present };
    } catch (error) {
      await this.#note(scope, server, { ok: false, reason: reasonOf(error, this.#options.logger) });
      throw error;
    }
  }

  /** Adopts one number, unless somebody whose release counts has given it back. */
  async adoptOne(
    scope: TenantScope,
    server: ProviderServer,
    instanceId: string,
    look: Pick<ServerLook, "control" | "signing"> & { readonly media?: boolean | undefined },
    releasesThatCount: readonly ("server" | "instance")[],
  ): Promise<StepOutcome> {
    return this.turns.run(instanceId, async () => {
      const { store, wantsHook = () => true } = this.#options;
      const instance = await store.directory.instance(scope, instanceId);
      if (!instance || !wantsHook(instance)) return { kind: "skipped" };
      // Inside the turn: it may have been given back while this waited.
      const record = await this.records.get(scope, instanceId);
      const by = record?.state === "released" ? record.releasedBy : undefined;
      if (by !== undefined && releasesThatCount.includes(by)) return { kind: "skipped" };
      return this.adopter.adopt({ scope, server, instance, ...look });
    });
  }

  async releaseOne(
    scope: TenantScope,
    server: ProviderServer,
    instanceId: string,
    by: "server" | "instance",
  ): Promise<ReleaseOutcome> {
    return this.turns.run(instanceId, async () => {
      const instance = await this.#options.store.directory.instance(scope, instanceId);
      if (!instance) return { kind: "nothing" };
      const control = this.#options.controls.of(server);
      return this.#releaser.release({ scope, server, instance, control, signing: "unknown" }, by);
    });
  }

  /** What had to wait when a number was given back. */
  finishRelease(scope: TenantScope, instanceId: string): Promise<void> {
    return this.turns.run(instanceId, () => this.#releaser.finish(scope, instanceId));
  }

  /** Gives every number of the server back. Numbers that could not be are answered by name. */
  release(
    scope: TenantScope,
    server: ProviderServer,
    instances: readonly Instance[],
  ): Promise<ReleasedServer> {
    return this.alone(server.id, async () => {
      // First, so that no check adopts again what was just given back.
      await this.states.change(scope, server.id, { released: true });
      let released = 0;
      const failures: { instance: string; reason: Reason }[] = [];
      await inParallel(instances, atOnce, async ({ id, name }) => {
        const outcome = await this.releaseOne(scope, server, id, "server");
        if (outcome.kind === "released") released++;
        if (outcome.kind === "failed") failures.push({ instance: name, reason: outcome.reason });
      });
      return { released, failures };
    });
  }

  async #sync(
    scope: TenantScope,
    server: ProviderServer,
    priority: CallPriority,
    meter: ProgressMeter,
  ): Promise<SyncProgress> {
    const { logger } = this.#options;
    // A person who synchronises wants everything that the server has.
    const asked = priority === "person" ? { ignored: undefined } : {};
    const begun = { sync: meter.progress, released: undefined };
    await this.states.change(scope, server.id, { ...begun, ...asked });
    let failure: Reason | undefined;
    try {
      const look = await this.look(scope, server, priority);
      await meter.begin(look.present.length);
      await inParallel(look.present, atOnce, async (instance) => {
        const { name, id } = instance;
        await meter.step(name, await this.adoptOne(scope, server, id, look, ["instance"]));
      });
    } catch (error) {
      failure = reasonOf(error, logger);
    }
    const sync = meter.end(failure);
    await this.states.change(scope, server.id, { sync });
    const { state, total, adopted, failed } = sync;
    logger.info(
      { serverId: server.id, state, total, adopted, failed },
      "a server was synchronised",
    );
    return sync;
  }

  async #note(
    scope: TenantScope,
    server: ProviderServer,
    found: {
      readonly ok: boolean;
      readonly reason?: Reason;
      readonly version?: string | undefined;
      readonly flavour?: string | undefined;
    },
  ): Promise<void> {
    const now = this.#options.clock.now();
    const before = await this.states.get(scope, server.id);
    const { ok, reason, version = before.version, flavour = before.flavour } = found;
    const since = before.ok === ok && before.since !== undefined ? before.since : now;
    await this.states.change(scope, server.id, {
      ok,
      reason,
      version,
      flavour,
      since,
      checkedAt: now,
    });
  }
}

function isSameAccess(one: ProviderServer, other: ProviderServer): boolean {
  return (
    one.baseUrl === other.baseUrl &&
    one.apiKey === other.apiKey &&
    one.allowPrivate === other.allowPrivate
  );
}

export interface ReleasedServer {
  readonly released: number;
  readonly failures: readonly { readonly instance: string; readonly reason: Reason }[];
}
