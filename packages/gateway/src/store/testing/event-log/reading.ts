import { expect, test } from "vitest";
import { dayOne, entryOf, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

export function describeReading(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);

  test("an empty log has no head, a floor of 1 and nothing to read", async () => {
    const { log } = use.store;
    expect(await log.bounds(tenantA)).toEqual({ head: 0, floor: 1 });
    expect(await log.readAfter(tenantA, 0, 10)).toEqual([]);
    expect(await log.query(tenantA, { limit: 10 })).toEqual([]);
    expect(await log.byId(tenantA, "evt_x")).toBeUndefined();
    expect(await log.body(tenantA, 1)).toBeUndefined();
    expect(await log.lastEvents(tenantA)).toEqual([]);
    expect(await log.duplicates(tenantA)).toEqual({ retry: 0, overlap: 0, redelivered: 0 });
  });

  test("pages of readAfter join without a gap", async () => {
    const { log } = use.store;
    await log.append(
      tenantA,
      entryOf(...Array.from({ length: 25 }, (_, n) => newEvent(`${n}`, { index: n }))),
    );
    const offsets: number[] = [];
    for (let after = 0; after < 25; after = offsets.at(-1) ?? 25) {
      offsets.push(...(await log.readAfter(tenantA, after, 7)).map((event) => event.offset));
    }
    expect(offsets).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
    expect(await log.readAfter(tenantA, 25, 7)).toEqual([]);
  });

  test("the last event of each instance, and how many it had", async () => {
    const { log } = use.store;
    const { instanceId: _none, ...own } = newEvent("own");
    await log.append(tenantA, { events: [own] });
    await log.append(tenantA, entryOf(newEvent("1"), newEvent("2", { receivedAt: dayOne + 5 })));
    await log.append(tenantA, entryOf(newEvent("3", { receivedAt: dayOne + 2 })));
    await log.append(
      tenantA,
      entryOf(newEvent("4", { instanceId: "ins_2", receivedAt: dayOne + 9 })),
    );
    const { log: again } = await use.reopen();
    const last = await again.lastEvents(tenantA);
    expect(last.toSorted((a, b) => a.receivedAt - b.receivedAt)).toEqual([
      { instanceId: "ins_1", receivedAt: dayOne + 5, count: 3 },
      { instanceId: "ins_2", receivedAt: dayOne + 9, count: 1 },
    ]);
  });

  test("a read that begins while an append is under way sees all of its entry or nothing", async () => {
    const { log } = use.store;
    const appends = Array.from({ length: 20 }, (_, n) =>
      log.append(tenantA, entryOf(newEvent(`${n}a`), newEvent(`${n}b`, { index: 1 }))),
    );
    const reads = await Promise.all(appends.map(() => log.readAfter(tenantA, 0, 1_000)));
    for (const read of reads) expect(read.length % 2).toBe(0);
    await Promise.all(appends);
  });
}
