import { expect, test } from "vitest";
import { appendedEvent, dayOne, entryOf, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

const minute = 60_000;

export function describeRetention(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);
  const now = dayOne + 100 * minute;

  test("I3 a copy is recognised after a reopening although everything before it had expired", async () => {
    const { log } = use.store;
    const many = Array.from({ length: 2_100 }, (_, n) => newEvent(`${n}`, { index: n }));
    await log.append(tenantA, entryOf(...many));
    expect(await log.expire(dayOne + 1, dayOne + 2, 5_000)).toBe(2_100);
    await log.append(tenantA, entryOf(newEvent("after")));
    const reopened = (await use.reopen()).log;
    const copy = await reopened.append(tenantA, entryOf(newEvent("after", { id: "evt_copy" })));
    expect(copy).toMatchObject([{ kind: "duplicate", of: "evt_after" }]);
  });

  test("old events go with their bodies and identities; the floor says where the log begins now", async () => {
    const { log } = use.store;
    const old = (await log.append(tenantA, entryOf(newEvent("old")))).map(appendedEvent);
    await log.append(tenantA, entryOf(newEvent("young", { receivedAt: dayOne + minute })));
    expect(await log.expire(dayOne + minute, now, 100)).toBe(1);
    expect(await log.bounds(tenantA)).toEqual({ head: 2, floor: 2 });
    expect((await log.readAfter(tenantA, 0, 10)).map((event) => event.id)).toEqual(["evt_young"]);
    expect(await log.byId(tenantA, "evt_old")).toBeUndefined();
    expect(await log.body(tenantA, old[0]?.bodyId ?? 0)).toBeUndefined();
    expect(await log.append(tenantA, entryOf(newEvent("old")))).toMatchObject([
      { kind: "appended", event: { offset: 3 } },
    ]);
  });

  test("a body stays while one of its events does", async () => {
    const { log } = use.store;
    const outcomes = await log.append(
      tenantA,
      entryOf(newEvent("a"), newEvent("b", { index: 1, receivedAt: dayOne + minute })),
    );
    const bodyId = appendedEvent(outcomes[0]).bodyId ?? 0;
    expect(await log.expire(dayOne + 1, now, 100)).toBe(1);
    expect(await log.body(tenantA, bodyId)).toBeDefined();
    expect(await log.expire(now, now, 100)).toBe(1);
    expect(await log.body(tenantA, bodyId)).toBeUndefined();
  });

  test("at most the limit goes in one call, from the beginning, over all tenants", async () => {
    const { log } = use.store;
    for (const scope of [tenantA, tenantB]) {
      await log.append(
        scope,
        entryOf(...Array.from({ length: 30 }, (_, n) => newEvent(`${n}`, { index: n }))),
      );
    }
    const gone: number[] = [];
    for (let count = 1; count > 0;) {
      count = await log.expire(now, now, 25);
      gone.push(count);
    }
    expect(gone).toEqual([25, 25, 10, 0]);
    expect(await log.bounds(tenantA)).toEqual({ head: 30, floor: 31 });
    expect(await log.bounds(tenantB)).toEqual({ head: 30, floor: 31 });
  });

  test("offsets go on after everything went, also after a reopening", async () => {
    await use.store.log.append(tenantA, entryOf(newEvent("a"), newEvent("b", { index: 1 })));
    await use.store.log.expire(now, now, 100);
    const { log } = await use.reopen();
    const [next] = await log.append(tenantA, entryOf(newEvent("c")));
    expect(appendedEvent(next).offset).toBe(3);
    expect(await log.query(tenantA, { instanceId: "ins_1", limit: 10 })).toHaveLength(1);
  });

  test("what lies behind a younger event stays, so that offsets stay dense after a clock was set back", async () => {
    const { log } = use.store;
    const times = [0, 10, 90, 5, 95];
    await log.append(
      tenantA,
      entryOf(
        ...times.map((at, n) => newEvent(`${n}`, { index: n, receivedAt: dayOne + at * minute })),
      ),
    );
    expect(await log.expire(dayOne + 50 * minute, now, 100)).toBe(2);
    expect((await log.readAfter(tenantA, 0, 10)).map((event) => event.offset)).toEqual([3, 4, 5]);
  });

  test("a time in the future does not stop retention", async () => {
    const { log } = use.store;
    const times = [0, 1_000_000, 10, 90];
    await log.append(
      tenantA,
      entryOf(
        ...times.map((at, n) => newEvent(`${n}`, { index: n, receivedAt: dayOne + at * minute })),
      ),
    );
    expect(await log.expire(dayOne + 50 * minute, now, 100)).toBe(3);
    expect((await log.readAfter(tenantA, 0, 10)).map((event) => event.offset)).toEqual([4]);
  });

  test("a day of times in the future goes with what is behind it, however many there are", async () => {
    const { log } = use.store;
    const times = [...Array.from({ length: 45 }, () => 1_000_000), 10, 90];
    await log.append(
      tenantA,
      entryOf(
        ...times.map((at, n) => newEvent(`${n}`, { index: n, receivedAt: dayOne + at * minute })),
      ),
    );
    expect(await log.expire(dayOne + 5 * minute, now, 20)).toBe(0);
    const gone: number[] = [];
    for (let count = 1; count > 0;) {
      count = await log.expire(dayOne + 50 * minute, now, 20);
      gone.push(count);
    }
    expect(gone).toEqual([20, 20, 6, 0]);
    expect(await log.bounds(tenantA)).toEqual({ head: 47, floor: 47 });
  });

  test("filters find the right events in a long log whose beginning is gone", async () => {
    const { log } = use.store;
    for (let at = 0; at < 1_200; at += 400) {
      const some = Array.from({ length: 400 }, (_, n) =>
        newEvent(`${at + n}`, {
          index: n,
          chatId: `${n % 50}`,
          receivedAt: dayOne + (at + n) * minute,
        }),
      );
      await log.append(tenantA, entryOf(...some));
    }
    await log.expire(dayOne + 700 * minute, dayOne + 10_000 * minute, 1_000);
    const found = await log.query(tenantA, { chatId: "7", limit: 100 });
    expect(found.map((event) => event.offset)).toEqual([
      1158, 1108, 1058, 1008, 958, 908, 858, 808, 758, 708,
    ]);
  });
}
