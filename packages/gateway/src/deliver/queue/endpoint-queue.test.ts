import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../../store/contract/index.ts";
import { EndpointQueue } from "./endpoint-queue.ts";
import { sampleDelivery } from "../testing/sample.ts";

function takeAll(queue: EndpointQueue, now: number): Delivery[] {
  const taken: Delivery[] = [];
  for (let next = queue.take(now); next; next = queue.take(now)) taken.push(next);
  return taken;
}

const offsets = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map(({ eventOffset }) => eventOffset);

describe("deliveries of one key", () => {
  test("go out one after the other", () => {
    const queue = new EndpointQueue();
    const orderingKey = "chat";
    queue.add(
      [1, 2, 3].map((offset) => sampleDelivery(offset, { orderingKey })),
      0,
    );
    expect(offsets(takeAll(queue, 0))).toEqual([1]);
    queue.settle("dlv_1", undefined, 0);
    expect(offsets(takeAll(queue, 0))).toEqual([2]);
  });

  test("wait behind one that waits for its next attempt; other keys flow", () => {
    const queue = new EndpointQueue();
    queue.add(
      [
        sampleDelivery(1, { orderingKey: "a" }),
        sampleDelivery(2, { orderingKey: "a" }),
        sampleDelivery(3, { orderingKey: "b" }),
      ],
      0,
    );
    const [first] = takeAll(queue, 0);
    if (!first) throw new Error("nothing was taken");
    queue.settle("dlv_1", { ...first, attempts: 1, dueAt: 500 }, 0);
    queue.settle("dlv_3", undefined, 0);
    expect(takeAll(queue, 499)).toEqual([]);
    expect(queue.nextDueAt()).toBe(500);
    expect(offsets(takeAll(queue, 500))).toEqual([1]);
    queue.settle("dlv_1", undefined, 500);
    expect(offsets(takeAll(queue, 500))).toEqual([2]);
  });
});

describe("keys that turn out to mean one chat", () => {
  const lid = "chat ins 1@lid";
  const phone = "chat ins 1@s.whatsapp.net";

  test("stand in one line, also those that waited before it was known", () => {
    const queue = new EndpointQueue();
    queue.add(
      [1, 3, 5].map((offset) => sampleDelivery(offset, { orderingKey: lid })),
      0,
    );
    queue.add(
      [2, 4].map((offset) => sampleDelivery(offset, { orderingKey: phone })),
      0,
    );
    expect(offsets(takeAll(queue, 0))).toEqual([1, 2]);
    queue.alias(lid, phone, 0);
    queue.settle("dlv_2", undefined, 0);
    // One of the two that were under way goes on: nothing overtakes it.
    expect(takeAll(queue, 0)).toEqual([]);
    queue.settle("dlv_1", undefined, 0);
    queue.add([sampleDelivery(6, { orderingKey: phone })], 0);
    for (const offset of [3, 4, 5, 6]) {
      expect(offsets(takeAll(queue, 0))).toEqual([offset]);
      queue.settle(`dlv_${offset}`, undefined, 0);
    }
    expect([queue.size, queue.nextDueAt()]).toEqual([0, undefined]);
  });

  test("wait behind one that waits for its next attempt under the other key", () => {
    const queue = new EndpointQueue();
    queue.add([sampleDelivery(1, { orderingKey: lid, dueAt: 500 })], 0);
    queue.add([sampleDelivery(2, { orderingKey: phone })], 0);
    queue.alias(lid, phone, 0);
    expect(queue.take(0)).toBeUndefined();
    expect(offsets(takeAll(queue, 500))).toEqual([1]);
  });

  test("are forgotten by a pause, all but what is under way", () => {
    const queue = new EndpointQueue();
    queue.alias(lid, phone, 0);
    queue.add([sampleDelivery(1, { orderingKey: lid })], 0);
    queue.add([sampleDelivery(2, { orderingKey: phone })], 0);
    expect(offsets(takeAll(queue, 0))).toEqual([1]);
    queue.clear();
    queue.add([sampleDelivery(2, { orderingKey: phone })], 0);
    expect(queue.take(0)).toBeUndefined();
    queue.settle("dlv_1", undefined, 0);
    expect(offsets(takeAll(queue, 0))).toEqual([2]);
  });
});

test("without a key nothing waits for anything", () => {
  const queue = new EndpointQueue();
  queue.add(
    [1, 2, 3].map((offset) => sampleDelivery(offset)),
    0,
  );
  expect(offsets(takeAll(queue, 0))).toEqual([1, 2, 3]);
  expect(queue.inFlight).toBe(3);
});

test("a delivery that is sent again takes over its new due time", () => {
  const queue = new EndpointQueue();
  queue.add([sampleDelivery(1, { dueAt: 9_000, orderingKey: "a" })], 0);
  expect(queue.take(0)).toBeUndefined();
  queue.add([sampleDelivery(1, { dueAt: 0, orderingKey: "a" })], 0);
  expect(queue.take(0)?.id).toBe("dlv_1");
  expect(queue.size).toBe(1);
});

test("a delivery under way is not added again, nor one that was settled while the store was read", async () => {
  const queue = new EndpointQueue();
  const both = [sampleDelivery(1), sampleDelivery(2)];
  queue.add(both, 0);
  takeAll(queue, 0);
  await queue.addFrom(
    async () => {
      queue.settle("dlv_1", undefined, 0);
      return both;
    },
    () => 0,
  );
  expect(queue.take(0)).toBeUndefined();
  expect(queue.size).toBe(1);
});

test("clearing forgets what waits and keeps what is under way", () => {
  const queue = new EndpointQueue();
  queue.add(
    [1, 2].map((offset) => sampleDelivery(offset, { orderingKey: "a" })),
    0,
  );
  queue.take(0);
  queue.clear();
  expect(queue.size).toBe(1);
  queue.add([sampleDelivery(2, { orderingKey: "a" })], 0);
  expect(queue.take(0)).toBeUndefined();
  queue.settle("dlv_1", undefined, 0);
  expect(queue.take(0)?.id).toBe("dlv_2");
});

test("only what is under way can be settled", () => {
  const queue = new EndpointQueue();
  queue.add([sampleDelivery(1)], 0);
  expect(() => queue.settle("dlv_1", undefined, 0)).toThrow(/under way/);
});

test("whatever fails in whatever order, each key's deliveries succeed in event order, each once", () => {
  const scenario = fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 }),
    failures: fc.infiniteStream(fc.boolean()),
    picks: fc.infiniteStream(fc.nat()),
  });
  fc.assert(
    fc.property(scenario, ({ keys, failures, picks }) => {
      const queue = new EndpointQueue();
      const all = keys.map((key, index) =>
        sampleDelivery(index + 1, key === 4 ? {} : { orderingKey: `key ${key}` }),
      );
      queue.add(all, 0);
      const underWay: Delivery[] = [];
      const done: Delivery[] = [];
      let now = 0;
      for (let step = 0; done.length < all.length && step < 5_000; step += 1) {
        for (let next = queue.take(now); next; next = queue.take(now)) {
          const taken = next;
          const clash = underWay.some(
            ({ orderingKey }) => orderingKey !== undefined && orderingKey === taken.orderingKey,
          );
          if (clash) return false;
          underWay.push(taken);
        }
        const pick = (picks.next().value ?? 0) % Math.max(1, underWay.length);
        const [delivery] = underWay.splice(pick, 1);
        if (!delivery) {
          now = queue.nextDueAt() ?? now;
          continue;
        }
        const fails = (failures.next().value ?? false) && delivery.attempts < 3;
        const again = { ...delivery, attempts: delivery.attempts + 1, dueAt: now + 10 };
        queue.settle(delivery.id, fails ? again : undefined, now);
        if (!fails) done.push(delivery);
      }
      const inOrder = [0, 1, 2, 3].every((key) => {
        const ofKey = offsets(done.filter(({ orderingKey }) => orderingKey === `key ${key}`));
        return ofKey.every((offset, index) => index === 0 || (ofKey[index - 1] ?? 0) < offset);
      });
      return inOrder && new Set(done.map(({ id }) => id)).size === all.length && queue.size === 0;
    }),
  );
});

test("I1 and I3 hold across keys that become one chat's at any moment, whatever fails in between", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), key: fc.nat(5) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("alias" as const), person: fc.nat(2) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("settle" as const),
        pick: fc.nat(9),
        fails: fc.boolean(),
      }),
    },
  );
  const keyOf = (key: number) => (key < 3 ? `lid ${key}` : `phone ${key - 3}`);
  const personOf = (delivery: Delivery) => delivery.orderingKey?.split(" ")[1] ?? "";
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 120 }), (steps) => {
      const queue = new EndpointQueue();
      const known = new Set<string>();
      const underWay: Delivery[] = [];
      const done: Delivery[] = [];
      let now = 0;
      let offset = 0;
      const lineOf = (delivery: Delivery) =>
        known.has(personOf(delivery)) ? personOf(delivery) : (delivery.orderingKey ?? "");
      const take = () => {
        for (let next = queue.take(now); next; next = queue.take(now)) {
          const taken = next;
          expect(underWay.map(lineOf)).not.toContain(lineOf(taken));
          underWay.push(taken);
        }
      };
      const settle = (pick: number, fails: boolean) => {
        const [delivery] = underWay.splice(pick % Math.max(1, underWay.length), 1);
        if (!delivery) return;
        const again = { ...delivery, attempts: delivery.attempts + 1, dueAt: now + 10 };
        queue.settle(delivery.id, fails ? again : undefined, now);
        if (!fails) done.push(delivery);
      };
      for (const action of steps) {
        now += 3;
        if (action.kind === "add")
          queue.add([sampleDelivery((offset += 1), { orderingKey: keyOf(action.key) })], now);
        else if (action.kind === "settle") settle(action.pick, action.fails);
        else {
          queue.alias(`lid ${action.person}`, `phone ${action.person}`, now);
          known.add(String(action.person));
        }
        take();
      }
      for (let rest = 0; queue.size > 0 && rest < 2_000; rest += 1) {
        settle(rest, false);
        now = Math.max(now, queue.nextDueAt() ?? now);
        take();
      }
      expect([queue.size, done.length]).toEqual([0, offset]);
      for (const key of [0, 1, 2, 3, 4, 5].map(keyOf)) {
        const own = offsets(done.filter(({ orderingKey }) => orderingKey === key));
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    }),
  );
});
