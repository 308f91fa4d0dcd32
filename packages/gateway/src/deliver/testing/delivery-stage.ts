import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startReceiver, type Receiver, type Script } from "@recado/simulator";
import { systemClock } from "../../base/clock.ts";
import { systemIds } from "../../base/ids.ts";
import { createLogger } from "../../base/logger.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createOutbound } from "../../outbound/index.ts";
import type {
  Delivery,
  DeliveryFilter,
  Endpoint,
  NewEvent,
  Store,
  StoredEvent,
  TenantScope,
} from "../../store/contract/index.ts";
import { openSqliteStore } from "../../store/sqlite/index.ts";
import {
  createDeliverer,
  generateSecret,
  type Deliverer,
  type DelivererOptions,
} from "../index.ts";

export const scope: TenantScope = { tenantId: "t1" };
export const otherScope: TenantScope = { tenantId: "t2" };

/** An endpoint together with the secret that its receiver verifies with. */
export interface StagedEndpoint {
  readonly endpoint: Endpoint;
  readonly secret: string;
}

export type EventSeed = Partial<
  Pick<NewEvent, "type" | "instanceId" | "chatId" | "contactLid" | "pairs">
> & {
  readonly contact?: unknown;
  readonly data?: unknown;
};

/** A real store in a folder of its own, real receivers, and deliverers that a test starts and stops. */
export interface Stage {
  readonly store: Store;
  receiver(script?: Script): Promise<Receiver>;
  endpoint(url: string, change?: Partial<Endpoint>, of?: TenantScope): Promise<StagedEndpoint>;
  /** Starts a deliverer over the store; a started one must be stopped before. */
  start(options?: Partial<DelivererOptions>): Promise<Deliverer>;
  /** Appends events without a body, in one go. */
  append(seeds: readonly EventSeed[], of?: TenantScope): Promise<readonly StoredEvent[]>;
  appendBody(text: string, events: number, path?: string): Promise<readonly StoredEvent[]>;
  deliveries(filter?: Partial<DeliveryFilter>, of?: TenantScope): Promise<readonly Delivery[]>;
  /** Resolves once deliveries satisfy the condition, looking again after each attempt. */
  until(condition: (deliveries: readonly Delivery[]) => boolean): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}

/** Short waits, so that ten attempts take a moment. */
export const quickSchedule: readonly number[] = [20, 20, 20];

function newEvent(seed: EventSeed, index: number): NewEvent {
  const {
    type = "app.emitted",
    instanceId,
    chatId,
    contactLid,
    pairs,
    contact,
    data = { event: "sample", payload: {} },
  } = seed;
  const id = systemIds.next("evt");
  const now = Date.now();
  const time = new Date(now).toISOString();
  const head = { id, type, tenantId: "t1", occurredAt: time, receivedAt: time };
  const envelope = { ...head, ...(contact === undefined ? {} : { contact }), data };
  return {
    id,
    type,
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(chatId === undefined ? {} : { chatId }),
    ...(contactLid === undefined ? {} : { contactLid }),
    ...(pairs === undefined ? {} : { pairs }),
    unrecognised: false,
    occurredAt: now,
    receivedAt: now,
    json: JSON.stringify(envelope),
    index,
    identity: {
      key: JSON.stringify(["test", id]),
      contentMissing: false,
      bodyHash: "",
      source: "t",
    },
  };
}

function appended(
  outcomes: readonly { readonly kind: string; readonly event?: StoredEvent }[],
): StoredEvent[] {
  return outcomes.map(({ event }) => {
    if (!event) throw new Error("the event was not appended");
    return event;
  });
}

async function openStage(directory: string): Promise<Stage> {
  const clock = systemClock;
  const ids = systemIds;
  const logger = createLogger("silent");
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "e1" });
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const closing: (() => Promise<unknown>)[] = [];
  for (const { tenantId } of [scope, otherScope]) {
    const common = { name: tenantId, active: true, createdAt: clock.now() };
    await store.directory.createTenant({ id: tenantId, ingestToken: ids.token(8), ...common });
  }
  const list = (filter: Partial<DeliveryFilter> = {}, of = scope) =>
    store.deliveries.list(of, { limit: 1_000, ...filter });

  return {
    store,
    async receiver(script) {
      const receiver = await startReceiver(script ? { script } : {});
      closing.push(() => receiver.close());
      return receiver;
    },
    async endpoint(url, change = {}, of = scope) {
      const secret = generateSecret();
      const endpoint: Endpoint = {
        id: ids.next("ep"),
        tenantId: of.tenantId,
        url,
        format: "recado",
        ordering: "chat",
        headers: {},
        secrets: [{ value: secretBox.seal(secret) }],
        enabled: true,
        allowPrivate: true,
        createdAt: clock.now(),
        ...change,
      };
      await store.directory.createEndpoint(of, endpoint);
      const { head } = await store.log.bounds(of);
      await store.deliveries.startAt(of, endpoint.id, head);
      return { endpoint, secret };
    },
    async start(options = {}) {
      const outbound = createOutbound({ clock });
      const deliverer = createDeliverer({
        store,
        outbound,
        secretBox,
        clock,
        ids,
        logger,
        version: "0.0.0",
        emit: (to, news) => writer.appendOwn(to, news),
        schedule: quickSchedule,
        timeoutMs: 10_000,
        ...options,
      });
      closing.push(async () => {
        await outbound.close();
        await deliverer.stop();
      });
      await deliverer.start();
      return deliverer;
    },
    async append(seeds, of = scope) {
      const each = seeds.map((seed) => store.log.append(of, { events: [newEvent(seed, 0)] }));
      return appended((await Promise.all(each)).flat());
    },
    async appendBody(text, events, path) {
      const meta = { headers: { "x-provider": "yes" }, ...(path === undefined ? {} : { path }) };
      const list = Array.from({ length: events }, (_, index) => newEvent({}, index));
      return appended(await store.log.append(scope, { body: { text, meta }, events: list }));
    },
    deliveries: list,
    async until(condition) {
      for (;;) {
        const deliveries = await list();
        if (condition(deliveries)) return deliveries;
        // The store tells nobody of attempts; looking at every turn would take the time they need.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close() {
      for (const close of closing.toReversed()) await close();
      writer.close();
      await store.close();
    },
  };
}

/** Opens a stage in a new temporary folder, which goes with it. */
export async function createStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), "recado-deliver-"));
  const stage = await openStage(directory);
  return {
    ...stage,
    async close() {
      await stage.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
