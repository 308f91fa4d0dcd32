import { expect, test } from "vitest";
import {
  appendedEvent,
  dayOne,
  entryOf,
  newEvent,
  newTenant,
  tenantA,
  tenantB,
} from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

export function describeIsolation(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);

  test("nothing of one tenant is seen by another through any method", async () => {
    const { log } = use.store;
    const marks = { chatId: "c", phone: "p", messageId: "m", unrecognised: true };
    const event = appendedEvent((await log.append(tenantA, entryOf(newEvent("x", marks))))[0]);
    await log.append(tenantA, entryOf(newEvent("x", { id: "evt_2" })));
    const nothing = { readAfter: [], query: [], byId: undefined, body: undefined };
    const filter = { instanceId: "ins_1", ...marks, since: 0, until: dayOne * 2, limit: 10 };
    const seen = async (scope: typeof tenantA) => ({
      readAfter: await log.readAfter(scope, 0, 10),
      query: await log.query(scope, filter),
      byId: await log.byId(scope, event.id),
      body: await log.body(scope, event.bodyId ?? 0),
    });
    expect(await seen(tenantB)).toEqual(nothing);
    // Also when the other tenant has a log of its own.
    const own = await log.append(tenantB, entryOf(newEvent("x", { ...marks, id: "evt_b" })));
    expect(own).toMatchObject([{ kind: "appended", event: { offset: 1, tenantId: "ten_b" } }]);
    expect(await seen(tenantB)).toMatchObject({
      readAfter: [{ id: "evt_b" }],
      query: [{ id: "evt_b" }],
      byId: undefined,
    });
    expect((await seen(tenantB)).body).toBeUndefined();
    expect(await log.duplicates(tenantB)).toEqual({ retry: 0, overlap: 0, redelivered: 0 });
    expect(await log.lastEvents(tenantB)).toMatchObject([{ count: 1 }]);
  });

  test("a deleted tenant's log is gone at once and its id begins a new one", async () => {
    const { log, directory } = use.store;
    const some = Array.from({ length: 1_100 }, (_, n) =>
      newEvent(`${n}`, { index: n, chatId: "c" }),
    );
    const first = appendedEvent((await log.append(tenantA, entryOf(...some)))[0]);
    await log.append(tenantB, entryOf(newEvent("b")));
    await directory.deleteTenant(tenantA.tenantId);
    expect(await log.bounds(tenantA)).toEqual({ head: 0, floor: 1 });
    expect(await log.byId(tenantA, first.id)).toBeUndefined();
    expect(await log.body(tenantA, first.bodyId ?? 0)).toBeUndefined();
    expect(await log.query(tenantA, { chatId: "c", limit: 10 })).toEqual([]);
    // A webhook that was on its way must not begin a log for whoever gets the id next.
    await expect(log.append(tenantA, entryOf(newEvent("late")))).rejects.toMatchObject({
      code: "not_found",
    });
    await directory.createTenant(newTenant(tenantA.tenantId));
    expect(await log.append(tenantA, entryOf(newEvent("0")))).toMatchObject([
      { kind: "appended", event: { offset: 1 } },
    ]);
    const reopened = (await use.reopen()).log;
    expect(await reopened.readAfter(tenantA, 0, 10)).toHaveLength(1);
    expect(await reopened.readAfter(tenantB, 0, 10)).toHaveLength(1);
  });
}
