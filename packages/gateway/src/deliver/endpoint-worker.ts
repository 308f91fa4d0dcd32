import type { EventData } from "@recado/protocol";
import { identityKey, type EventIdentity } from "@recado/providers";
import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import { withKnownPhones } from "../log/index.ts";
import type {
  Delivery,
  Endpoint,
  LearntPair,
  NewAttempt,
  Store,
  StoredEvent,
  TenantScope,
} from "../store/contract/index.ts";
import { EndpointPlanner } from "./endpoint-planner.ts";
import { isAboutDestination } from "./endpoint-policy.ts";
import { ChatAliases } from "./queue/chat-aliases.ts";
import { EndpointQueue } from "./queue/endpoint-queue.ts";
import type { FairSlots, Taker } from "./fair-slots.ts";
import { DueTimes } from "./due-times.ts";
import { nextState, unsentAttempt, type NextState } from "./outcome.ts";
import type { Payload } from "./formats/request-format.ts";
import type { SentWebhook, WebhookSender } from "./webhook-sender.ts";

/** News about a destination, to be stored as the tenant's own event. */
export type DestinationNews =
  | {
      readonly type: "delivery.exhausted";
      readonly data: EventData["delivery.exhausted"];
      readonly identity: EventIdentity;
    }
  | {
      readonly type: "endpoint.disabled";
      readonly data: EventData["endpoint.disabled"];
      readonly identity: EventIdentity;
    };

export interface EndpointWorkerOptions {
  readonly scope: TenantScope;
  readonly store: Store;
  readonly sender: WebhookSender;
  readonly slots: FairSlots;
  /** See `DelivererOptions.files`. */
  readonly files?: {
    present(tenantId: string, text: string): string;
    putBack(tenantId: string, text: string): Promise<string>;
  };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly schedule: readonly number[];
  /** Requests of one endpoint at once. */
  readonly maxInFlight: number;
  emit(scope: TenantScope, news: DestinationNews): Promise<unknown>;
  onAttempt(outcome: "succeeded" | "failed"): void;
}

/** Before a result that could not be stored is tried again, request included. */
const storeRetryMs = 5_000;

/**
 * Everything about one endpoint: plans, keeps the queue, makes attempts, records how they ended.
 *
 * A destination that fails gets one request at a time until it answers well again, and then twice as many
 * with each success.
 */
export class EndpointWorker implements Taker {
  readonly #options: EndpointWorkerOptions;
  readonly #queue = new EndpointQueue();
  readonly #aliases: ChatAliases;
  readonly #planner: EndpointPlanner;
  readonly #due: DueTimes;
  #endpoint: Endpoint;
  #active: boolean;
  #width: number;
  #planning: Promise<void> | undefined;
  #planAgain = false;
  #cancelTimer: (() => void) | undefined;

  constructor(endpoint: Endpoint, active: boolean, options: EndpointWorkerOptions) {
    this.#options = options;
    this.#endpoint = endpoint;
    this.#active = active;
    this.#width = options.maxInFlight;
    const { scope, store, clock, ids, logger } = options;
    this.#due = new DueTimes(clock);
    this.#aliases = new ChatAliases(store.people, scope, this.#queue, () => this.#due.now());
    this.#planner = new EndpointPlanner({
      scope,
      store,
      clock,
      ids,
      logger,
      queue: this.#queue,
      aliases: this.#aliases,
      due: this.#due,
      endpointId: endpoint.id,
      onPlanned: () => options.slots.offer(this),
    });
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  get scope(): TenantScope {
    return this.#options.scope;
  }

  get failing(): boolean {
    return this.#width < this.#options.maxInFlight;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Takes over the endpoint's settings. While it is not active nothing goes out and the cursor stays. */
  update(endpoint: Endpoint, active: boolean): void {
    this.#endpoint = endpoint;
    if (this.#active && !active) this.#pause();
    if (active && !this.#active) this.#planner.reload();
    this.#active = active;
    this.wake();
  }

  /** Pending deliveries changed in the store: they are read again with the next wake. */
  reload(): void {
    this.#planner.reload();
  }

  /** Pairs that a commit taught: who they are about has one line of deliveries from now on. */
  learn(pairs: readonly LearntPair[]): void {
    for (const pair of pairs) this.#aliases.learn(pair);
  }

  /** Events of a commit. */
  offer(events: readonly StoredEvent[]): void {
    if (!this.#active) return;
    this.#planner.offer(events);
    this.wake();
  }

  /** Looks for new events, at most once at a time. */
  wake(): void {
    if (!this.#active) return;
    this.#planAgain = true;
    this.#planning ??= this.#plan().finally(() => (this.#planning = undefined));
  }

  /** Begins nothing new; resolves when planning has ended. Attempts under way are the slots' to wait for. */
  async stop(): Promise<void> {
    if (this.#active) this.#pause();
    this.#active = false;
    await this.#planning;
    try {
      await this.#planner.saveProgress();
    } catch (error) {
      // Nothing is lost: the events that nobody wanted are looked at once more.
      const { logger } = this.#options;
      logger.warn(
        { endpointId: this.#endpoint.id, err: error },
        "an endpoint's progress could not be stored",
      );
    }
  }

  next(): (() => Promise<void>) | undefined {
    if (!this.#active || this.#queue.inFlight >= this.#width) return undefined;
    const delivery = this.#queue.take(this.#due.now());
    if (delivery) return () => this.#attempt(delivery);
    this.#sleep();
    return undefined;
  }

  #pause(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#queue.clear();
  }

  async #plan(): Promise<void> {
    while (this.#planAgain && this.#active) {
      this.#planAgain = false;
      try {
        await this.#planner.run(this.#endpoint);
      } catch (error) {
        // The next commit, wake or poll tries again from the stored cursor.
        this.#options.logger.error(
          { endpointId: this.#endpoint.id, err: error },
          "an endpoint's events could not be planned",
        );
      }
    }
  }

  #sleep(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const dueAt = this.#queue.nextDueAt();
    if (dueAt === undefined) return;
    const { clock, slots } = this.#options;
    this.#cancelTimer = clock.after(Math.max(0, dueAt - this.#due.now()), () => slots.offer(this));
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { ids, schedule, logger, onAttempt } = this.#options;
    const endpoint = this.#endpoint;
    let again: Delivery | undefined;
    let moment = this.#due.moment();
    try {
      const sent = await this.#send(endpoint, delivery);
      moment = this.#due.moment();
      onAttempt(sent.attempt.outcome);
      this.#width =
        sent.attempt.outcome === "failed"
          ? 1
          : Math.min(this.#width * 2, this.#options.maxInFlight);
      const { attempts: attemptsBefore } = delivery;
      const { attempt, hintMs } = sent;
      const next = nextState({
        attempt,
        attemptsBefore,
        now: moment.wall,
        random: ids.random(),
        hintMs,
        schedule,
      });
      again = await this.#record(endpoint, delivery, sent, next);
    } catch (error) {
      logger.error({ deliveryId: delivery.id, err: error }, "an attempt could not be recorded");
      moment = this.#due.moment();
      again = { ...delivery, dueAt: moment.wall + storeRetryMs };
    }
    const waiting = this.#active && again ? this.#due.inMemory(again, moment) : undefined;
    this.#queue.settle(delivery.id, waiting, this.#due.now());
    if (this.#planner.mayGoOn) this.wake();
    this.#options.slots.offer(this);
  }

  async #send(endpoint: Endpoint, delivery: Delivery): Promise<SentWebhook> {
    const payload = await this.#payload(endpoint, delivery);
    if (payload) return this.#options.sender.send(endpoint, delivery.eventId, payload);
    const startedAt = this.#options.clock.now();
    return {
      attempt: unsentAttempt("payload_expired", "the event is older than the retention", startedAt),
    };
  }

  async #payload(endpoint: Endpoint, delivery: Delivery): Promise<Payload | undefined> {
    const { store, scope, files } = this.#options;
    if (endpoint.format === "provider" && delivery.bodyId !== undefined) {
      const body = await store.log.body(scope, delivery.bodyId);
      if (!body) return undefined;
      const text = (await files?.putBack(scope.tenantId, body.text)) ?? body.text;
      return { format: "provider", body: { ...body, text } };
    }
    const event = await store.log.byId(scope, delivery.eventId);
    if (!event) return undefined;
    const [shown = event] = await withKnownPhones(store.people, scope, [event]);
    const text = files?.present(scope.tenantId, shown.json) ?? shown.json;
    return { format: "recado", text };
  }

  /** Stores the attempt; answers the delivery as it waits now, or undefined when it is finished. */
  async #record(
    endpoint: Endpoint,
    delivery: Delivery,
    sent: SentWebhook,
    next: NextState,
  ): Promise<Delivery | undefined> {
    const { store, scope } = this.#options;
    // Before the record: a crash in between repeats both, and the news' identity makes one of it.
    if (next.kind === "exhausted") await this.#tellExhausted(endpoint, delivery, sent);
    const state: NewAttempt["next"] =
      next.kind === "succeeded"
        ? { status: "succeeded" }
        : next.kind === "exhausted"
          ? { status: "failed" }
          : { status: "pending", dueAt: next.dueAt };
    const stored = await store.deliveries.record(scope, {
      deliveryId: delivery.id,
      attempt: sent.attempt,
      next: state,
    });
    if (next.kind === "gone") await this.#disable(endpoint);
    if (!stored || state.status !== "pending") return undefined;
    const { attempts, totalAttempts } = delivery;
    return {
      ...delivery,
      attempts: attempts + 1,
      totalAttempts: totalAttempts + 1,
      dueAt: state.dueAt,
    };
  }

  async #tellExhausted(
    endpoint: Endpoint,
    delivery: Delivery,
    { attempt }: SentWebhook,
  ): Promise<void> {
    if (isAboutDestination(delivery.eventType)) return;
    const attempts = delivery.totalAttempts + 1;
    await this.#options.emit(this.scope, {
      type: "delivery.exhausted",
      identity: { key: identityKey("delivery.exhausted", delivery.id, attempts) },
      data: {
        endpointId: endpoint.id,
        url: new URL(endpoint.url).origin,
        deliveryId: delivery.id,
        eventId: delivery.eventId,
        attempts,
        ...(attempt.errorCode === undefined ? {} : { reason: attempt.errorCode }),
        ...(attempt.errorMessage === undefined ? {} : { lastError: attempt.errorMessage }),
      },
    });
  }

  /** The receiver said that this address is gone: nothing more goes there until somebody enables it again. */
  async #disable(endpoint: Endpoint): Promise<void> {
    if (!this.#active) return;
    this.#active = false;
    this.#pause();
    const { store, scope, clock, emit, logger } = this.#options;
    await store.directory.updateEndpoint(scope, endpoint.id, { enabled: false });
    logger.warn({ endpointId: endpoint.id }, "an endpoint answered 410 and was disabled");
    await emit(scope, {
      type: "endpoint.disabled",
      identity: { key: identityKey("endpoint.disabled", endpoint.id, clock.now()) },
      data: { endpointId: endpoint.id, url: new URL(endpoint.url).origin, reason: "gone" },
    });
  }
}
