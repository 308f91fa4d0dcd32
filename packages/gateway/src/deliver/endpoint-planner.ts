import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import type {
  Endpoint,
  NewDelivery,
  Store,
  StoredEvent,
  TenantScope,
} from "../store/contract/index.ts";
import type { DueTimes } from "./due-times.ts";
import { wouldSend } from "./formats/as-provider.ts";
import { wantsEvent } from "./endpoint-policy.ts";
import type { ChatAliases } from "./queue/chat-aliases.ts";
import type { EndpointQueue } from "./queue/endpoint-queue.ts";
import { planPage, type PlannedPage } from "./plan-page.ts";

export interface EndpointPlannerOptions {
  readonly scope: TenantScope;
  readonly endpointId: string;
  readonly store: Store;
  readonly queue: EndpointQueue;
  readonly aliases: ChatAliases;
  readonly due: DueTimes;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Called whenever the queue got more. */
  onPlanned(): void;
}

/** Unfinished deliveries of one endpoint in memory and, unless many are sent again, in the store; the log is the rest of the backlog. */
const windowSize = 1_000;
const pageSize = 250;
/** Events that nobody wanted are passed over in memory and stored as progress only this often. */
const storeProgressEvery = 500;
/** Events kept from commits so that a planner that keeps up reads nothing. */
const maxFresh = 1_000;

/**
 * Reads the log behind one endpoint's cursor and turns it into deliveries, a window at a time. Calls must
 * not overlap; the worker sees to that.
 *
 * I1 Every event after the cursor is looked at once, in order; a crash repeats looking, never planning.
 * I2 No more than {@link windowSize} unfinished deliveries are planned.
 * Proven by `deliverer.test.ts`.
 */
export class EndpointPlanner {
  readonly #options: EndpointPlannerOptions;
  #fresh: StoredEvent[] = [];
  /** Last offset looked at; undefined before the first load. */
  #position: number | undefined;
  /** Where the cursor stands in the store. */
  #stored = 0;
  #lastBodyId: number | undefined;
  #reload = true;
  /** The store has pending deliveries that are not in the queue yet. */
  #moreInStore = false;
  #full = false;

  constructor(options: EndpointPlannerOptions) {
    this.#options = options;
  }

  /** True when planning stopped because of the window and there is room again. */
  get mayGoOn(): boolean {
    return (this.#full || this.#moreInStore) && this.#options.queue.size <= windowSize - pageSize;
  }

  /** Events of a commit, in order. */
  offer(events: readonly StoredEvent[]): void {
    if (this.#fresh.length + events.length > maxFresh) this.#fresh = [];
    else this.#fresh.push(...events);
  }

  /** Pending deliveries are to be read again: one was sent again, or the endpoint came back. */
  reload(): void {
    this.#reload = true;
  }

  /** Plans until there is nothing new or the window is full. Rejects when the store does. */
  async run(endpoint: Endpoint): Promise<void> {
    const { queue, clock } = this.#options;
    this.#full = false;
    let position = this.#position ?? (await this.#load());
    for (;;) {
      if (this.#reload || (this.#moreInStore && queue.size <= windowSize - pageSize))
        await this.#loadPending();
      this.#full = this.#moreInStore || queue.size > windowSize - pageSize;
      if (this.#full) return;
      const events = await this.#nextPage(position);
      if (events.length === 0) return;
      const page = planPage({
        endpoint,
        events,
        lastBodyId: this.#lastBodyId,
        unwantedBodies: await this.#unwantedBodies(endpoint, events),
        now: clock.now(),
        nextId: () => this.#options.ids.next("dlv"),
      });
      position = (await this.#take(page)) ? page.to : await this.#load();
    }
  }

  /** Stores how far was looked although nothing was planned. */
  async saveProgress(): Promise<void> {
    if (this.#position === undefined || this.#position === this.#stored) return;
    await this.#store({ to: this.#position, deliveries: [] });
  }

  /** Where the endpoint stands; one that was never seen begins with what comes from now on. */
  async #load(): Promise<number> {
    const { store, scope, endpointId } = this.#options;
    let cursor = await store.deliveries.cursor(scope, endpointId);
    if (!cursor) {
      cursor = { offset: (await store.log.bounds(scope)).head };
      await store.deliveries.startAt(scope, endpointId, cursor.offset);
    }
    this.#stored = cursor.offset;
    this.#position = cursor.offset;
    this.#lastBodyId = cursor.lastBodyId;
    this.#reload = true;
    return cursor.offset;
  }

  async #loadPending(): Promise<void> {
    const { store, scope, endpointId, queue, aliases, due, onPlanned } = this.#options;
    this.#reload = false;
    const read = async () => {
      const pending = await store.deliveries.pending(scope, endpointId, windowSize);
      await aliases.lookUp(pending);
      return pending.map((delivery) => due.inMemory(delivery));
    };
    const found = await queue.addFrom(read, () => due.now());
    this.#moreInStore = found === windowSize;
    onPlanned();
  }

  async #nextPage(position: number): Promise<readonly StoredEvent[]> {
    const known = this.#fresh.findIndex(({ offset }) => offset > position);
    this.#fresh.splice(0, known === -1 ? this.#fresh.length : known);
    if (this.#fresh[0]?.offset === position + 1) return this.#fresh.splice(0, pageSize);
    const { store, scope, endpointId, logger } = this.#options;
    const events = await store.log.readAfter(scope, position, pageSize);
    const first = events[0]?.offset;
    if (first !== undefined && first > position + 1) {
      const missed = first - position - 1;
      logger.warn(
        { endpointId, missed },
        "events expired before they were planned for an endpoint",
      );
    }
    return events;
  }

  /** Only the body has the provider's own name of an event; it is read for endpoints that choose by it. */
  async #unwantedBodies(
    endpoint: Endpoint,
    events: readonly StoredEvent[],
  ): Promise<ReadonlySet<number>> {
    const { asProvider } = endpoint;
    const unwanted = new Set<number>();
    if (asProvider?.events === undefined) return unwanted;
    const { store, scope } = this.#options;
    const wanted = events.filter((event) => wantsEvent(endpoint, event));
    for (const bodyId of new Set(wanted.flatMap((event) => event.bodyId ?? []))) {
      const body = await store.log.body(scope, bodyId);
      if (body && !wouldSend(asProvider, body.text)) unwanted.add(bodyId);
    }
    return unwanted;
  }

  /** False when the cursor was moved by somebody else. */
  async #take(page: PlannedPage): Promise<boolean> {
    const asked = this.#options.aliases.lookUp(page.deliveries);
    // Most pages have nothing to find out, and each wait is a turn of the queue.
    if (asked) await asked;
    if (page.deliveries.length > 0 || page.to - this.#stored >= storeProgressEvery) {
      if (!(await this.#store(page))) return false;
      this.#enqueue(page.deliveries);
    }
    this.#position = page.to;
    this.#lastBodyId = page.lastBodyId;
    return true;
  }

  async #store(page: PlannedPage): Promise<boolean> {
    const { store, scope, endpointId } = this.#options;
    const planned = await store.deliveries.plan(scope, { endpointId, from: this.#stored, ...page });
    if (planned) this.#stored = page.to;
    return planned;
  }

  #enqueue(planned: readonly NewDelivery[]): void {
    if (planned.length === 0) return;
    const { queue, due, endpointId, onPlanned } = this.#options;
    const now = due.now();
    const deliveries = planned.map((delivery) => ({
      ...delivery,
      endpointId,
      status: "pending" as const,
      attempts: 0,
      totalAttempts: 0,
      dueAt: now,
    }));
    queue.add(deliveries, now);
    onPlanned();
  }
}
