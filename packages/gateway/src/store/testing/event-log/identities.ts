import { expect, test } from "vitest";
import type { AppendOutcome } from "../../contract/index.ts";
import { appendedEvent, dayOne, entryOf, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

export function describeIdentities(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);
  const kinds = (outcomes: readonly AppendOutcome[]): readonly string[] =>
    outcomes.map((outcome) => outcome.kind);

  test("I3 the same body 100 times at once is one event; the rest are retries of it", async () => {
    const copies = Array.from({ length: 100 }, (_, n) =>
      entryOf(newEvent("same", { id: `evt_${n}` })),
    );
    const outcomes = (
      await Promise.all(copies.map((copy) => use.store.log.append(tenantA, copy)))
    ).flat();
    const [winner, ...more] = outcomes.filter((outcome) => outcome.kind === "appended");
    expect(more).toEqual([]);
    const of = appendedEvent(winner).id;
    const duplicates = outcomes.filter((outcome) => outcome.kind === "duplicate");
    expect(duplicates).toEqual(
      Array.from({ length: 99 }, () => ({ kind: "duplicate", of, cause: "retry" })),
    );
    expect(await use.store.log.bounds(tenantA)).toEqual({ head: 1, floor: 1 });
    expect(await use.store.log.duplicates(tenantA)).toEqual({
      retry: 99,
      overlap: 0,
      redelivered: 0,
    });
  });

  test("I3 two events of one body with the same identity are one", async () => {
    const outcomes = await use.store.log.append(
      tenantA,
      entryOf(newEvent("x"), newEvent("x", { id: "evt_x2", index: 1 })),
    );
    expect(outcomes).toMatchObject([
      { kind: "appended" },
      { kind: "duplicate", of: "evt_x", cause: "retry" },
    ]);
  });

  test("the cause tells a retry, another event of the provider and other bytes apart, and counts last", async () => {
    const { log } = use.store;
    await log.append(tenantA, entryOf(newEvent("x")));
    const overlap = newEvent("x", {
      id: "evt_2",
      identity: { bodyHash: "aa".repeat(32), source: "send.message" },
    });
    const redelivered = newEvent("x", { id: "evt_3", identity: { bodyHash: "bb".repeat(32) } });
    expect(await log.append(tenantA, entryOf(overlap))).toEqual([
      { kind: "duplicate", of: "evt_x", cause: "overlap" },
    ]);
    expect(await log.append(tenantA, entryOf(redelivered))).toEqual([
      { kind: "duplicate", of: "evt_x", cause: "redelivered" },
    ]);
    await log.append(tenantA, entryOf(newEvent("x", { id: "evt_4" })));
    expect(await (await use.reopen()).log.duplicates(tenantA)).toEqual({
      retry: 1,
      overlap: 1,
      redelivered: 1,
    });
  });

  test("the same key of another instance, and of no instance, is another event", async () => {
    const { instanceId: _none, ...own } = newEvent("x", { id: "evt_own" });
    const outcomes = await use.store.log.append(
      tenantA,
      entryOf(newEvent("x"), newEvent("x", { id: "evt_2", instanceId: "ins_2" }), own),
    );
    expect(kinds(outcomes)).toEqual(["appended", "appended", "appended"]);
    const again = await use.store.log.append(tenantA, entryOf({ ...own, id: "evt_own2" }));
    expect(again).toMatchObject([{ kind: "duplicate", of: "evt_own" }]);
  });

  test("I3 an identity outlives a reopening", async () => {
    await use.store.log.append(tenantA, entryOf(newEvent("x")));
    const { log } = await use.reopen();
    expect(await log.append(tenantA, entryOf(newEvent("x", { id: "evt_2" })))).toMatchObject([
      { kind: "duplicate", of: "evt_x", cause: "retry" },
    ]);
  });

  test("a repeat counts as one until its window is over, then begins a window of its own", async () => {
    const { log } = use.store;
    const windowMs = 1_800_000;
    const at = (id: string, ms: number) =>
      entryOf(
        newEvent("typing", {
          id,
          receivedAt: dayOne + ms,
          identity: { expiresAt: dayOne + ms + windowMs },
        }),
      );
    expect(kinds(await log.append(tenantA, at("evt_1", 0)))).toEqual(["appended"]);
    expect(await log.append(tenantA, at("evt_2", windowMs))).toMatchObject([
      { kind: "duplicate", of: "evt_1" },
    ]);
    expect(kinds(await log.append(tenantA, at("evt_3", windowMs + 1)))).toEqual(["appended"]);
    expect(await log.append(tenantA, at("evt_4", windowMs + 2))).toMatchObject([
      { kind: "duplicate", of: "evt_3" },
    ]);
  });

  test("a copy that brings the missing content is an event that says what it completes; after it copies are duplicates", async () => {
    const { log } = use.store;
    const missing = (id: string) =>
      entryOf(newEvent("m", { id, data: "{}", identity: { contentMissing: true } }));
    await log.append(tenantA, missing("evt_1"));
    expect(await log.append(tenantA, missing("evt_2"))).toMatchObject([
      { kind: "duplicate", of: "evt_1" },
    ]);
    const [full] = await log.append(
      tenantA,
      entryOf(newEvent("m", { id: "evt_3", data: `{"text":"oi"}` })),
    );
    expect(JSON.parse(appendedEvent(full).json)).toEqual({
      offset: 2,
      id: "evt_3",
      data: { text: "oi", completes: "evt_1" },
    });
    for (const late of [missing("evt_4"), entryOf(newEvent("m", { id: "evt_5" }))]) {
      expect(await log.append(tenantA, late)).toMatchObject([{ kind: "duplicate", of: "evt_3" }]);
    }
  });

  test.each([
    ["{}", { completes: "evt_1" }],
    ['{"a":{}}', { a: {}, completes: "evt_1" }],
    ['{"a":"{"}', { a: "{", completes: "evt_1" }],
    ['{"a":[{}]}', { a: [{}], completes: "evt_1" }],
  ])("`completes` is written into data %s", async (data, expected) => {
    const { log } = use.store;
    await log.append(
      tenantA,
      entryOf(newEvent("m", { id: "evt_1", identity: { contentMissing: true } })),
    );
    const [full] = await log.append(tenantA, entryOf(newEvent("m", { id: "evt_2", data })));
    expect(JSON.parse(appendedEvent(full).json)).toMatchObject({ data: expected });
  });

  test("a body of which every event is a duplicate is not stored; one with a new event is", async () => {
    const { log } = use.store;
    const [first] = await log.append(tenantA, entryOf(newEvent("x")));
    await log.append(tenantA, entryOf(newEvent("x", { id: "evt_2" })));
    const mixed = await log.append(
      tenantA,
      entryOf(newEvent("x", { id: "evt_3" }), newEvent("y", { index: 1 })),
    );
    expect(kinds(mixed)).toEqual(["duplicate", "appended"]);
    const bodyId = appendedEvent(first).bodyId ?? 0;
    expect(appendedEvent(mixed[1])).toMatchObject({ bodyId: bodyId + 1, index: 1, offset: 2 });
  });
}
