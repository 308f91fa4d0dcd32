import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Outbound } from "../outbound/index.ts";
import type {
  Endpoint,
  LearntPair,
  Store,
  StoredEvent,
  TenantScope,
} from "../store/contract/index.ts";
import { EndpointWorker, type DestinationNews } from "./endpoint-worker.ts";
import { FairSlots } from "./fair-slots.ts";
import type { AttemptResult } from "./outcome.ts";
import { testEventJson } from "./formats/request-format.ts";
import { standardSchedule } from "./retry-schedule.ts";
import { WebhookSender } from "./webhook-sender.ts";

/** Sends what is in the log to the endpoints that want it. */
export interface Deliverer {
  /** Takes up every endpoint where it stands. Rejects when the store cannot be read. */
  start(): Promise<void>;
  /** Begins nothing new; resolves when attempts under way are recorded, at most one time limit later. Idempotent. */
  stop(): Promise<void>;
  /** This endpoint (or, without one, any) was made, changed, deleted or has something to send again: look now. */
  wake(endpointId?: string): void;
  /**
   * Sends a signed test event at once, enabled or not, and stores nothing. Answers how it went; rejects
   * with `not_found`.
   */
  sendTest(scope: TenantScope, endpointId: string): Promise<AttemptResult>;
  stats(): DelivererStats;
}

export interface DelivererStats {
  /** Requests under way. */
  readonly inFlight: number;
  /** Attempts since the start, by outcome. */
  readonly succeeded: number;
  readonly failed: number;
  /** Endpoints known here. */
  readonly endpoints: number;
  /** Deliveries in memory: waiting, due or under way. */
  readonly queued: number;
}

/** How files of messages, which stored texts only refer to, go out. */
export interface SentFiles {
  /** In an event: a link to each. */
  present(tenantId: string, text: string): string;
  /** In a provider's own body: the file itself, as it came. */
  putBack(tenantId: string, text: string): Promise<string>;
}

export interface DelivererOptions {
  readonly store: Store;
  readonly outbound: Outbound;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Of this program; part of the user agent. */
  readonly version: string;
  /** What becomes of files in what is sent. Default: texts go out as they are stored. */
  readonly files?: SentFiles;
  /** Stores news about a destination as an event of the tenant. */
  emit(scope: TenantScope, news: DestinationNews): Promise<unknown>;
  /** For one attempt with everything in it; 15 s. */
  readonly timeoutMs?: number;
  /** Waits after the 1st, 2nd, … failed attempt, milliseconds; the specification's. */
  readonly schedule?: readonly number[];
  /** Requests of one endpoint at once; 8. */
  readonly maxInFlightPerEndpoint?: number;
  /** Requests of all endpoints at once; 200. */
  readonly maxInFlight?: number;
  /** How often endpoints and backlog are looked at without being woken; 15 s. */
  readonly pollMs?: number;
}

const directoryPage = 500;

class Runner implements Deliverer {
  readonly #options: DelivererOptions;
  readonly #sender: WebhookSender;
  readonly #slots: FairSlots;
  readonly #workers = new Map<string, EndpointWorker>();
  readonly #byTenant = new Map<string, Set<EndpointWorker>>();
  readonly #attempts = { succeeded: 0, failed: 0 };
  #unsubscribe: () => void = () => undefined;
  #cancelPoll: () => void = () => undefined;
  #refreshing: Promise<void> | undefined;
  #refreshAgain = false;
  #stopped: Promise<void> | undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
    const { outbound, secretBox, clock, logger, version, timeoutMs = 15_000 } = options;
    this.#sender = new WebhookSender({ outbound, secretBox, clock, logger, version, timeoutMs });
    this.#slots = new FairSlots(options.maxInFlight ?? 200);
  }

  async start(): Promise<void> {
    // Before the first look, so that nothing can be committed unseen in between.
    const { log, people } = this.#options.store;
    const stops = [
      log.subscribe((events) => this.#onCommit(events)),
      people.subscribe((pairs) => this.#onPairs(pairs)),
    ];
    this.#unsubscribe = () => {
      for (const stop of stops) stop();
    };
    await this.#refresh();
    this.#schedulePoll();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  wake(endpointId?: string): void {
    if (this.#stopped) return;
    const worker = endpointId === undefined ? undefined : this.#workers.get(endpointId);
    // An id that is not known here is a new endpoint's: nothing changed for the others.
    if (endpointId === undefined) for (const any of this.#workers.values()) any.reload();
    else worker?.reload();
    const looked = worker ? this.#refreshOne(worker) : this.#refreshSoon();
    looked.catch((error: unknown) => this.#logFailedLook(error));
  }

  async sendTest(scope: TenantScope, endpointId: string): Promise<AttemptResult> {
    const { store, ids, clock } = this.#options;
    const endpoint = await store.directory.endpoint(scope, endpointId);
    if (!endpoint) throw new RecadoError("not_found");
    const { head } = await store.log.bounds(scope);
    const id = ids.next("evt");
    const text = testEventJson({ id, tenantId: scope.tenantId, offset: head, now: clock.now() });
    return (await this.#sender.send(endpoint, id, { format: "recado", text })).attempt;
  }

  stats(): DelivererStats {
    let queued = 0;
    for (const worker of this.#workers.values()) queued += worker.queued;
    return {
      inFlight: this.#slots.inFlight,
      ...this.#attempts,
      endpoints: this.#workers.size,
      queued,
    };
  }

  async #stop(): Promise<void> {
    this.#unsubscribe();
    this.#cancelPoll();
    const ended = this.#slots.close();
    // A look that fails while stopping has nothing left to tell.
    await this.#refreshing?.catch(() => undefined);
    await Promise.all([...this.#workers.values()].map((worker) => worker.stop()));
    await ended;
  }

  /** One commit holds events of many tenants; those of one tenant stand in order. */
  #onPairs(pairs: readonly LearntPair[]): void {
    for (const [tenantId, own] of Map.groupBy(pairs, (pair) => pair.tenantId))
      for (const worker of this.#byTenant.get(tenantId) ?? []) worker.learn(own);
  }

  #onCommit(events: readonly StoredEvent[]): void {
    const byTenant = new Map<string, StoredEvent[]>();
    for (const event of events) {
      if (!this.#byTenant.has(event.tenantId)) continue;
      const list = byTenant.get(event.tenantId);
      if (list) list.push(event);
      else byTenant.set(event.tenantId, [event]);
    }
    for (const [tenantId, list] of byTenant) {
      for (const worker of this.#byTenant.get(tenantId) ?? []) worker.offer(list);
    }
  }

  #schedulePoll(): void {
    this.#cancelPoll = this.#options.clock.after(this.#options.pollMs ?? 15_000, () => {
      if (this.#stopped) return;
      this.#refreshSoon()
        .catch((error: unknown) => this.#logFailedLook(error))
        .finally(() => this.#schedulePoll());
    });
  }

  #logFailedLook(error: unknown): void {
    this.#options.logger.error({ err: error }, "the endpoints could not be read");
  }

  /** Looks at all endpoints; calls during a look share the one after it. */
  #refreshSoon(): Promise<void> {
    this.#refreshAgain = true;
    return (this.#refreshing ??= this.#refreshUntilQuiet().finally(
      () => (this.#refreshing = undefined),
    ));
  }

  async #refreshUntilQuiet(): Promise<void> {
    while (this.#refreshAgain && !this.#stopped) {
      this.#refreshAgain = false;
      await this.#refresh();
    }
  }

  async #refresh(): Promise<void> {
    const { directory } = this.#options.store;
    const gone = new Set(this.#workers.keys());
    for await (const tenant of pages((page) => directory.tenants(page))) {
      const scope: TenantScope = { tenantId: tenant.id };
      for await (const endpoint of pages((page) => directory.endpoints(scope, page))) {
        if (this.#stopped) return;
        gone.delete(endpoint.id);
        this.#takeUp(scope, endpoint, tenant.active && endpoint.enabled);
      }
    }
    for (const id of gone) {
      const worker = this.#workers.get(id);
      // Made while the pages were read: it is looked at by itself.
      if (worker) await this.#refreshOne(worker);
    }
  }

  async #refreshOne(worker: EndpointWorker): Promise<void> {
    const { directory } = this.#options.store;
    const { scope, endpoint } = worker;
    const [tenant, current] = await Promise.all([
      directory.tenant(scope.tenantId),
      directory.endpoint(scope, endpoint.id),
    ]);
    if (this.#stopped) return;
    if (current && tenant) this.#takeUp(scope, current, tenant.active && current.enabled);
    else await this.#letGo(worker);
  }

  #takeUp(scope: TenantScope, endpoint: Endpoint, active: boolean): void {
    const known = this.#workers.get(endpoint.id);
    if (known) {
      known.update(endpoint, active);
      return;
    }
    const {
      store,
      clock,
      ids,
      logger,
      emit,
      schedule = standardSchedule,
      maxInFlightPerEndpoint = 8,
    } = this.#options;
    const worker = new EndpointWorker(endpoint, active, {
      scope,
      store,
      clock,
      ids,
      logger,
      schedule,
      sender: this.#sender,
      slots: this.#slots,
      maxInFlight: maxInFlightPerEndpoint,
      emit: (to, news) => emit(to, news),
      ...(this.#options.files ? { files: this.#options.files } : {}),
      onAttempt: (outcome) => (this.#attempts[outcome] += 1),
    });
    this.#workers.set(endpoint.id, worker);
    const tenants = this.#byTenant.get(scope.tenantId) ?? new Set();
    this.#byTenant.set(scope.tenantId, tenants.add(worker));
    worker.wake();
  }

  /** The endpoint was deleted: what waits is cancelled, what is under way ends by itself. */
  async #letGo(worker: EndpointWorker): Promise<void> {
    const { store, clock } = this.#options;
    const { scope, endpoint } = worker;
    this.#workers.delete(endpoint.id);
    const tenants = this.#byTenant.get(scope.tenantId);
    tenants?.delete(worker);
    if (tenants?.size === 0) this.#byTenant.delete(scope.tenantId);
    await worker.stop();
    await store.deliveries.cancelEndpoint(scope, endpoint.id, clock.now());
  }
}

/** Every item of a paged list. */
async function* pages<T extends { readonly id: string }>(
  read: (page: { readonly limit: number; readonly afterId?: string }) => Promise<readonly T[]>,
): AsyncGenerator<T> {
  let afterId: string | undefined;
  for (;;) {
    const items = await read({
      limit: directoryPage,
      ...(afterId === undefined ? {} : { afterId }),
    });
    yield* items;
    afterId = items.at(-1)?.id;
    if (afterId === undefined || items.length < directoryPage) return;
  }
}

/** One for each process: two over the same store would send everything twice. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  return new Runner(options);
}
