import { expect, test } from "vitest";
import { appendedEvent, entryOf, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

export function describeAppending(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);

  test("I1 what was acknowledged is there after a reopening, with its offset and its body", async () => {
    const outcomes = await use.store.log.append(
      tenantA,
      entryOf(newEvent("one"), newEvent("two", { index: 1 })),
    );
    const before = outcomes.map(appendedEvent);
    const { log } = await use.reopen();
    expect(await log.readAfter(tenantA, 0, 10)).toEqual(before);
    expect(before.map((event) => event.offset)).toEqual([1, 2]);
    expect(await log.body(tenantA, before[0]?.bodyId ?? 0)).toEqual({
      text: '{"of":"evt_one"}',
      meta: { headers: { "x-test": "1" } },
    });
    const [next] = await log.append(tenantA, entryOf(newEvent("three")));
    expect(appendedEvent(next).offset).toBe(3);
  });

  test("I2 offsets of concurrent appends are dense from 1, and each entry's follow one another", async () => {
    const entries = Array.from({ length: 120 }, (_, n) =>
      entryOf(newEvent(`${n}a`), newEvent(`${n}b`, { index: 1 }), newEvent(`${n}c`, { index: 2 })),
    );
    const outcomes = await Promise.all(
      entries.map((entry) => use.store.log.append(tenantA, entry)),
    );
    const offsets = outcomes.map((some) => some.map((outcome) => appendedEvent(outcome).offset));
    expect(offsets.flat().toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 360 }, (_, n) => n + 1),
    );
    for (const [first, second, third] of offsets)
      expect([second, third]).toEqual([first! + 1, first! + 2]);
  });

  test("I2 each tenant counts for itself", async () => {
    await Promise.all([
      use.store.log.append(tenantA, entryOf(newEvent("a1"))),
      use.store.log.append(tenantB, entryOf(newEvent("b1"))),
      use.store.log.append(tenantA, entryOf(newEvent("a2"))),
    ]);
    expect(await use.store.log.bounds(tenantA)).toEqual({ head: 2, floor: 1 });
    expect(await use.store.log.bounds(tenantB)).toEqual({ head: 1, floor: 1 });
  });

  test("I5 an append that fails stores nothing, takes no offset and does not harm its neighbours", async () => {
    const { log } = use.store;
    // `completes` cannot be written into what has no `data` at its end: a mistake of the caller.
    await log.append(tenantA, entryOf(newEvent("m", { identity: { contentMissing: true } })));
    const broken = newEvent("m", { id: "evt_broken", json: `{"data":1}` });
    const results = await Promise.allSettled([
      log.append(tenantA, entryOf(newEvent("before"))),
      log.append(tenantA, entryOf(newEvent("gone"), broken)),
      log.append(tenantA, entryOf(newEvent("after"))),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const stored = await log.readAfter(tenantA, 0, 10);
    expect(stored.map((event) => [event.offset, event.id])).toEqual([
      [1, "evt_m"],
      [2, "evt_before"],
      [3, "evt_after"],
    ]);
    expect(await log.append(tenantA, entryOf(newEvent("gone")))).toMatchObject([
      { kind: "appended" },
    ]);
  });

  test("the stored json is the given one with its offset in front", async () => {
    const [outcome] = await use.store.log.append(
      tenantA,
      entryOf(newEvent("x", { data: `{"n":1.50}` })),
    );
    expect(appendedEvent(outcome).json).toBe('{"offset":1,"id":"evt_x","data":{"n":1.50}}');
  });

  test("an event of our own has no body, one without instance and chat has neither", async () => {
    const { instanceId: _none, ...own } = newEvent("own", { type: "app.emitted" });
    const [outcome] = await use.store.log.append(tenantA, { events: [own] });
    const event = appendedEvent(outcome);
    expect(Object.keys(event)).not.toEqual(expect.arrayContaining(["bodyId"]));
    expect(await use.store.log.byId(tenantA, "evt_own")).toEqual(event);
    expect(event).toMatchObject({ type: "app.emitted", index: 0, offset: 1 });
    expect("instanceId" in event || "chatId" in event).toBe(false);
  });

  test("NUL, emoji and 10 MB survive; half an emoji becomes a replacement character everywhere", async () => {
    const chatId = "a\u0000b 👍🏽 \u{1F1E7}\u{1F1F7}";
    const text = "é".repeat(5_000_000);
    const odd = newEvent("odd", {
      chatId: `${chatId}\ud83d`,
      data: JSON.stringify({ text, half: "\ud83d", nul: "\u0000" }),
    });
    const [outcome] = await use.store.log.append(tenantA, {
      body: {
        text: `${text}\u0000👍`,
        meta: { path: "messages-upsert", headers: { "x-name": "ç" } },
      },
      events: [odd],
    });
    const event = appendedEvent(outcome);
    expect(event.chatId).toBe(`${chatId}\ufffd`);
    const { log } = await use.reopen();
    const [read] = await log.query(tenantA, { chatId: `${chatId}\ud83d`, limit: 1 });
    expect(read === undefined ? undefined : { ...read, json: read.json === event.json }).toEqual({
      ...event,
      json: true,
    });
    expect(JSON.parse(event.json).data.nul).toBe("\u0000");
    const body = await log.body(tenantA, event.bodyId ?? 0);
    expect(body?.text === `${text}\u0000👍`).toBe(true);
    expect(body?.meta).toEqual({ path: "messages-upsert", headers: { "x-name": "ç" } });
  });

  test("the epoch stays the same over a reopening", async () => {
    const { epoch } = use.store.log;
    expect(epoch).not.toBe("");
    expect((await use.reopen()).log.epoch).toBe(epoch);
  });
}
