import { describe, expect, test } from "vitest";
import type { DeliveryStore, NewAttempt, NewDelivery, TenantScope } from "../contract/index.ts";
import { dayOne, newDelivery, tenantA, tenantB } from "./new-records.ts";
import { useStore, type NewPlace, type StoreInUse } from "./store-place.ts";

const endpoint = "ep_1";

/** Plans deliveries of the offsets given, with the cursor wherever it stands. */
async function plan(
  store: DeliveryStore,
  scope: TenantScope,
  deliveries: readonly NewDelivery[],
  endpointId = endpoint,
) {
  if (!(await store.cursor(scope, endpointId))) await store.startAt(scope, endpointId, 0);
  const from = (await store.cursor(scope, endpointId))?.offset ?? 0;
  const to = Math.max(from, ...deliveries.map((delivery) => delivery.eventOffset));
  expect(await store.plan(scope, { endpointId, from, to, deliveries })).toBe(true);
}

function attemptOf(
  deliveryId: string,
  next: NewAttempt["next"],
  changes: Partial<NewAttempt["attempt"]> = {},
): NewAttempt {
  const outcome = next.status === "succeeded" ? "succeeded" : "failed";
  return {
    deliveryId,
    attempt: { startedAt: dayOne, durationMs: 12.5, outcome, ...changes },
    next,
  };
}

function describePlanning(use: StoreInUse): void {
  test("I1 a cursor begins where it is told and moves with the deliveries it created", async () => {
    const { deliveries } = use.store;
    expect(await deliveries.cursor(tenantA, endpoint)).toBeUndefined();
    await deliveries.startAt(tenantA, endpoint, 4);
    expect(await deliveries.cursor(tenantA, endpoint)).toEqual({ offset: 4 });
    const full = newDelivery(6, { bodyId: 9, orderingKey: "ins_1 chat" });
    const planned = {
      endpointId: endpoint,
      from: 4,
      to: 7,
      lastBodyId: 9,
      deliveries: [newDelivery(5), full],
    };
    expect(await deliveries.plan(tenantA, planned)).toBe(true);
    const again = (await use.reopen()).deliveries;
    expect(await again.cursor(tenantA, endpoint)).toEqual({ offset: 7, lastBodyId: 9 });
    const state = { endpointId: endpoint, status: "pending", attempts: 0, totalAttempts: 0 };
    expect(await again.pending(tenantA, endpoint, 10)).toEqual([
      { ...newDelivery(5), ...state, dueAt: dayOne + 5 },
      { ...full, ...state, dueAt: dayOne + 6 },
    ]);
  });

  test("I1 a plan from where the cursor does not stand stores nothing", async () => {
    const { deliveries } = use.store;
    const stale = { endpointId: endpoint, from: 0, to: 2, deliveries: [newDelivery(1)] };
    expect(await deliveries.plan(tenantA, stale)).toBe(false);
    await deliveries.startAt(tenantA, endpoint, 1);
    expect(await deliveries.plan(tenantA, stale)).toBe(false);
    expect(await deliveries.pending(tenantA, endpoint, 10)).toEqual([]);
    expect(await deliveries.cursor(tenantA, endpoint)).toEqual({ offset: 1 });
  });

  test("I1 of two planners with the same cursor one wins, at the same moment as well", async () => {
    const { deliveries } = use.store;
    await deliveries.startAt(tenantA, endpoint, 0);
    const attempt = (id: string) =>
      deliveries.plan(tenantA, {
        endpointId: endpoint,
        from: 0,
        to: 1,
        deliveries: [newDelivery(1, { id })],
      });
    const won = await Promise.all([attempt("dlv_a"), attempt("dlv_b"), attempt("dlv_c")]);
    expect(won).toEqual([true, false, false]);
    expect(await deliveries.pending(tenantA, endpoint, 10)).toMatchObject([{ id: "dlv_a" }]);
  });

  test("a plan without deliveries moves the cursor and keeps the last body", async () => {
    const { deliveries } = use.store;
    await deliveries.startAt(tenantA, endpoint, 0);
    await deliveries.plan(tenantA, {
      endpointId: endpoint,
      from: 0,
      to: 3,
      lastBodyId: 2,
      deliveries: [],
    });
    await deliveries.plan(tenantA, { endpointId: endpoint, from: 3, to: 9, deliveries: [] });
    expect(await deliveries.cursor(tenantA, endpoint)).toEqual({ offset: 9, lastBodyId: 2 });
  });
}

function describeAttempts(use: StoreInUse): void {
  test("I2 an attempt and the state it led to are stored together, with everything that was measured", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1)]);
    const measured = {
      statusCode: 503,
      errorCode: "status",
      errorMessage: "answered 503",
      remoteAddress: "203.0.113.9",
      timings: { dnsMs: 1, connectMs: 2.5, firstByteMs: 9 },
      responseBody: "não \u0000 👍",
      responseTruncated: true,
    };
    const due = dayOne + 5_000;
    expect(
      await deliveries.record(
        tenantA,
        attemptOf("dlv_1", { status: "pending", dueAt: due }, measured),
      ),
    ).toBe(true);
    const failing = {
      attempts: 1,
      totalAttempts: 1,
      lastError: "answered 503",
      lastStatusCode: 503,
    };
    expect(await deliveries.byId(tenantA, "dlv_1")).toMatchObject({
      status: "pending",
      dueAt: due,
      ...failing,
    });
    expect(
      await deliveries.record(
        tenantA,
        attemptOf("dlv_1", { status: "succeeded" }, { statusCode: 204 }),
      ),
    ).toBe(true);
    const done = await (await use.reopen()).deliveries.byId(tenantA, "dlv_1");
    expect(done).toMatchObject({
      status: "succeeded",
      totalAttempts: 2,
      lastStatusCode: 204,
      finishedAt: dayOne + 13,
    });
    expect(done !== undefined && "lastError" in done).toBe(false);
    expect(await use.store.deliveries.attempts(tenantA, "dlv_1")).toEqual([
      { number: 1, startedAt: dayOne, durationMs: 12.5, outcome: "failed", ...measured },
      { number: 2, startedAt: dayOne, durationMs: 12.5, outcome: "succeeded", statusCode: 204 },
    ]);
  });

  test("an attempt of what is no longer pending, or not there, is not stored", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1)]);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "failed" }));
    expect(await deliveries.record(tenantA, attemptOf("dlv_1", { status: "succeeded" }))).toBe(
      false,
    );
    expect(await deliveries.record(tenantA, attemptOf("dlv_9", { status: "succeeded" }))).toBe(
      false,
    );
    expect(await deliveries.attempts(tenantA, "dlv_1")).toHaveLength(1);
  });

  test("a resend begins a new schedule and numbers its attempts on", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1)]);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "failed" }));
    expect(await deliveries.resend(tenantA, "dlv_1", dayOne + 99)).toBe(true);
    const again = await deliveries.byId(tenantA, "dlv_1");
    expect(again).toMatchObject({
      status: "pending",
      attempts: 0,
      totalAttempts: 1,
      dueAt: dayOne + 99,
    });
    expect(again !== undefined && "finishedAt" in again).toBe(false);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "succeeded" }));
    expect((await deliveries.attempts(tenantA, "dlv_1")).map((attempt) => attempt.number)).toEqual([
      1, 2,
    ]);
    expect(await deliveries.resend(tenantA, "dlv_9", dayOne)).toBe(false);
  });
}

function describeLists(use: StoreInUse): void {
  test("pending comes in event order, also after an old one was sent again", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1), newDelivery(2), newDelivery(3)]);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "failed" }));
    await deliveries.resend(tenantA, "dlv_1", dayOne + 99_999);
    const ids = (await deliveries.pending(tenantA, endpoint, 2)).map((delivery) => delivery.id);
    expect(ids).toEqual(["dlv_1", "dlv_2"]);
  });

  test("lists are newest first, in pages, by endpoint, status and event", async () => {
    const { deliveries } = use.store;
    const many = Array.from({ length: 12 }, (_, n) => newDelivery(n + 1));
    await plan(deliveries, tenantA, many);
    await plan(deliveries, tenantA, [newDelivery(5, { id: "dlv_other" })], "ep_2");
    for (const n of [2, 3, 7])
      await deliveries.record(tenantA, attemptOf(`dlv_${n}`, { status: "failed" }));
    const list = async (filter: Omit<Parameters<DeliveryStore["list"]>[1], "limit">, limit = 100) =>
      (await deliveries.list(tenantA, { ...filter, limit })).map((delivery) => delivery.id);
    const all = ["dlv_other", ...many.map((delivery) => delivery.id).toReversed()];
    expect(await list({})).toEqual(all);
    expect(await list({ beforeId: "dlv_other" }, 3)).toEqual(["dlv_12", "dlv_11", "dlv_10"]);
    expect(await list({ beforeId: "dlv_10" }, 100)).toEqual(all.slice(4));
    expect(await list({ endpointId: "ep_2" })).toEqual(["dlv_other"]);
    expect(await list({ status: "failed" })).toEqual(["dlv_7", "dlv_3", "dlv_2"]);
    expect(await list({ status: "failed", endpointId: endpoint, beforeId: "dlv_7" }, 1)).toEqual([
      "dlv_3",
    ]);
    expect(await list({ eventId: "evt_5" })).toEqual(["dlv_other", "dlv_5"]);
    expect(await list({ eventId: "evt_5", endpointId: endpoint, status: "pending" })).toEqual([
      "dlv_5",
    ]);
    expect(await list({ eventId: "evt_5", status: "failed" })).toEqual([]);
  });

  test("counts follow every change", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [
      newDelivery(1),
      newDelivery(2),
      newDelivery(3),
      newDelivery(4),
    ]);
    await plan(deliveries, tenantA, [newDelivery(5)], "ep_2");
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "succeeded" }));
    await deliveries.record(tenantA, attemptOf("dlv_2", { status: "failed" }));
    await deliveries.record(tenantA, attemptOf("dlv_3", { status: "pending", dueAt: dayOne }));
    expect(await deliveries.counts(tenantA)).toEqual({
      pending: 3,
      succeeded: 1,
      failed: 1,
      cancelled: 0,
    });
    await deliveries.resend(tenantA, "dlv_2", dayOne);
    await deliveries.cancelEndpoint(tenantA, endpoint, dayOne);
    const after = { pending: 0, succeeded: 1, failed: 0, cancelled: 3 };
    expect(await deliveries.counts(tenantA, endpoint)).toEqual(after);
    await deliveries.expire(dayOne + 1_000, 100);
    expect(await deliveries.counts(tenantA)).toEqual({
      pending: 1,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
    });
    expect(await deliveries.counts(tenantA, "ep_9")).toEqual({
      pending: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
    });
  });
}

function describeEndings(use: StoreInUse): void {
  test("cancelling an endpoint ends all it has pending, however many, and forgets its cursor", async () => {
    const { deliveries } = use.store;
    await plan(
      deliveries,
      tenantA,
      Array.from({ length: 1_203 }, (_, n) => newDelivery(n + 1)),
    );
    await plan(deliveries, tenantA, [newDelivery(1, { id: "dlv_other" })], "ep_2");
    await deliveries.cancelEndpoint(tenantA, endpoint, dayOne + 7);
    expect(await deliveries.pending(tenantA, endpoint, 10)).toEqual([]);
    expect(await deliveries.cursor(tenantA, endpoint)).toBeUndefined();
    expect(await deliveries.byId(tenantA, "dlv_800")).toMatchObject({
      status: "cancelled",
      finishedAt: dayOne + 7,
    });
    expect(await deliveries.pending(tenantA, "ep_2", 10)).toHaveLength(1);
    expect(await deliveries.record(tenantA, attemptOf("dlv_1", { status: "succeeded" }))).toBe(
      false,
    );
  });

  test("finished deliveries go with their attempts when they are old; pending ones stay", async () => {
    const { deliveries } = use.store;
    await plan(
      deliveries,
      tenantA,
      Array.from({ length: 8 }, (_, n) => newDelivery(n + 1)),
    );
    for (const n of [1, 2, 3, 8])
      await deliveries.record(tenantA, attemptOf(`dlv_${n}`, { status: "failed" }));
    expect(await deliveries.expire(dayOne + 8, 2)).toBe(2);
    expect(await deliveries.expire(dayOne + 8, 2)).toBe(1);
    expect(await deliveries.expire(dayOne + 8, 2)).toBe(0);
    expect(await deliveries.attempts(tenantA, "dlv_1")).toEqual([]);
    expect(await deliveries.attempts(tenantA, "dlv_8")).toHaveLength(1);
    expect(await deliveries.list(tenantA, { limit: 10 })).toHaveLength(5);
  });
}

function describeTenants(use: StoreInUse): void {
  test("nothing of one tenant is seen or changed by another through any method", async () => {
    const { deliveries } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1)]);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "pending", dueAt: dayOne }));
    const before = await deliveries.byId(tenantA, "dlv_1");
    for (const isKnown of [false, true]) {
      if (isKnown) await deliveries.startAt(tenantB, "ep_b", 0);
      expect(await deliveries.cursor(tenantB, endpoint)).toBeUndefined();
      expect(
        await deliveries.plan(tenantB, { endpointId: endpoint, from: 1, to: 2, deliveries: [] }),
      ).toBe(false);
      expect(await deliveries.pending(tenantB, endpoint, 10)).toEqual([]);
      expect(await deliveries.record(tenantB, attemptOf("dlv_1", { status: "succeeded" }))).toBe(
        false,
      );
      expect(await deliveries.resend(tenantB, "dlv_1", dayOne)).toBe(false);
      await deliveries.cancelEndpoint(tenantB, endpoint, dayOne);
      expect(await deliveries.byId(tenantB, "dlv_1")).toBeUndefined();
      expect(await deliveries.list(tenantB, { endpointId: endpoint, limit: 10 })).toEqual([]);
      expect(await deliveries.list(tenantB, { eventId: "evt_1", limit: 10 })).toEqual([]);
      expect(await deliveries.list(tenantB, { beforeId: "dlv_1", limit: 10 })).toEqual([]);
      expect(await deliveries.attempts(tenantB, "dlv_1")).toEqual([]);
      expect(await deliveries.counts(tenantB, endpoint)).toMatchObject({ pending: 0 });
    }
    expect(await deliveries.byId(tenantA, "dlv_1")).toEqual(before);
  });

  test("a deleted tenant's deliveries are gone", async () => {
    const { deliveries, directory } = use.store;
    await plan(deliveries, tenantA, [newDelivery(1)]);
    await deliveries.record(tenantA, attemptOf("dlv_1", { status: "failed" }));
    await directory.deleteTenant(tenantA.tenantId);
    expect(await deliveries.byId(tenantA, "dlv_1")).toBeUndefined();
    expect(await deliveries.attempts(tenantA, "dlv_1")).toEqual([]);
    expect(await deliveries.counts(tenantA)).toMatchObject({ failed: 0 });
    expect(await deliveries.cursor(tenantA, endpoint)).toBeUndefined();
  });
}

/** What every delivery store promises (`store/contract/deliveries.ts`). */
export function deliveryStoreSuite(name: string, newPlace: NewPlace): void {
  describe(`delivery store: ${name}`, () => {
    const use = useStore(newPlace, [tenantA, tenantB]);
    describe("planning", () => {
      describePlanning(use);
    });
    describe("attempts", () => {
      describeAttempts(use);
    });
    describe("lists", () => {
      describeLists(use);
    });
    describe("endings", () => {
      describeEndings(use);
    });
    describe("tenants", () => {
      describeTenants(use);
    });
  });
}
