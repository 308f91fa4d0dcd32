import { expect, test } from "vitest";
import type { AppendOutcome, PersonPair } from "../../contract/index.ts";
import {
  appendedEvent,
  entryOf,
  newEvent,
  tenantA,
  tenantB,
  type EventChanges,
} from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

const lid = "120000000000105@lid";
const phone = "5511900000105@s.whatsapp.net";
const digits = "5511900000105";
const otherPhone = "5511900000199@s.whatsapp.net";
const pair: PersonPair = { lid, phone };
const key = (...jids: readonly string[]) =>
  JSON.stringify(["message", "3EB0", false, ...jids.map((jid) => ({ jid }))]);

let made = 0;

/** A message whose identity names these addresses. */
function message(jids: readonly string[], changes: EventChanges = {}) {
  const id = `evt_${(made += 1)}`;
  return newEvent(id, { key: key(...jids), ...changes });
}

/** As a provider's body becomes one: the contact by LID alone. */
function byLid(changes: EventChanges = {}) {
  const id = `evt_${(made += 1)}`;
  const contact = `"contact":{"jid":"${lid}","lid":"${lid}","name":"M\\"phone\\":"}`;
  return newEvent(id, {
    key: key(lid, id),
    chatId: lid,
    contactLid: lid,
    json: `{"id":"${id}",${contact},"data":{"contact":{"jid":"${lid}"}}}`,
    ...changes,
  });
}

const kinds = (outcomes: readonly AppendOutcome[]) => outcomes.map(({ kind }) => kind);

/** Identities over addresses, and the phone of who is known by LID. */
export function describePeople(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);
  const append = (...events: readonly ReturnType<typeof newEvent>[]) =>
    use.store.log.append(tenantA, entryOf(...events));

  test.each([
    ["by LID, then by phone with the pair", [[lid], []], [[phone], [pair]]],
    ["by phone with the pair, then by LID", [[phone], [pair]], [[lid], []]],
    ["by LID with the pair, then by phone", [[lid], [pair]], [[phone], []]],
    ["in a group", [["1@g.us", lid], []], [["1@g.us", phone], [pair]]],
  ] as const)("I3 one message %s is one event, also after a reopening", async (_, one, two) => {
    const first = message(one[0], { pairs: one[1] });
    await append(first);
    const second = () => message(two[0], { pairs: two[1] });
    expect(await append(second())).toMatchObject([{ kind: "duplicate", of: first.id }]);
    await use.reopen();
    expect(await append(second(), message(one[0]))).toMatchObject([
      { kind: "duplicate", of: first.id },
      { kind: "duplicate", of: first.id },
    ]);
  });

  test("I3 the pair may come from any event of the entry, and of the same commit", async () => {
    const first = message([lid]);
    const [, entry] = await Promise.all([
      append(first),
      append(message([phone]), message(["x@g.us"], { pairs: [pair] })),
      append(message([lid])),
    ]);
    expect(kinds(entry)).toEqual(["duplicate", "appended"]);
    expect(await use.store.log.bounds(tenantA)).toEqual({ head: 2, floor: 1 });
  });

  test("I3 without the pair, and for another instance or tenant, they stay two", async () => {
    await append(message([lid]), message(["x"], { pairs: [pair], instanceId: "ins_2" }));
    expect(kinds(await append(message([phone])))).toEqual(["appended"]);
    await append(message([lid], { pairs: [pair] }));
    expect(kinds(await append(message([phone], { instanceId: "ins_3" })))).toEqual(["appended"]);
    const elsewhere = entryOf(message([phone]));
    expect(kinds(await use.store.log.append(tenantB, elsewhere))).toEqual(["appended"]);
  });

  test("a LID that moved to another phone merges nothing of the two people", async () => {
    const before = message([lid], { pairs: [pair], contactLid: lid });
    await append(before);
    const moved = { lid, phone: otherPhone };
    const after = message([otherPhone], { pairs: [moved], phone: "5511900000199" });
    expect(kinds(await append(after))).toEqual(["appended"]);
    // The very same address is the very same message whoever it belongs to now.
    expect(await append(message([lid], { contactLid: lid }))).toMatchObject([
      { kind: "duplicate", of: before.id },
    ]);
  });

  test("I3 many people in one identity: all by phone is what was all by LID", async () => {
    const people = Array.from({ length: 40 }, (_, n) => ({
      lid: `1200000000${n + 10}@lid`,
      phone: `55119000${n + 10}@s.whatsapp.net`,
    }));
    const first = message(people.map((person) => person.lid));
    await append(first);
    const again = message(
      people.map((person) => person.phone),
      { pairs: people },
    );
    expect(await append(again)).toMatchObject([{ kind: "duplicate", of: first.id }]);
  });

  test("content that was missing under one address is completed once, whichever address brings it", async () => {
    const missing = (jid: string) => message([jid], { identity: { contentMissing: true } });
    const first = missing(lid);
    await append(first);
    const full = message([phone], { pairs: [pair], data: '{"text":"oi"}' });
    const [completing] = await append(full);
    expect(JSON.parse(appendedEvent(completing).json)).toMatchObject({
      data: { completes: first.id },
    });
    for (const late of [missing(lid), missing(phone), message([lid]), message([phone])])
      expect(await append(late)).toMatchObject([{ kind: "duplicate", of: full.id }]);
  });

  test("an event by LID gets the phone that is known, in its JSON, its lookups and for its readers", async () => {
    const { log } = use.store;
    const early = byLid();
    await append(early);
    const late = byLid({ pairs: [pair] });
    const heard: string[] = [];
    log.subscribe((events) => heard.push(...events.map(({ json }) => json)));
    const [outcome] = await append(late);
    const stored = appendedEvent(outcome);
    expect(JSON.parse(stored.json)).toMatchObject({
      contact: { jid: lid, lid, phone: digits, name: 'M"phone":' },
      data: { contact: { jid: lid } },
    });
    expect(heard).toEqual([stored.json]);
    expect((await log.byId(tenantA, late.id))?.json).toBe(stored.json);
    // What is stored stays: who reads it adds what became known.
    expect((await log.byId(tenantA, early.id))?.json).not.toContain(digits);
  });

  test("events by phone are found with those that only had the LID, in offset order, page by page", async () => {
    const { log } = use.store;
    const events = Array.from({ length: 1_500 }, (_, n) => {
      if (n % 3 !== 0) return newEvent(`o${n}`, { phone: "551190", contactLid: "1@lid" });
      return n % 2 === 0 ? byLid() : newEvent(`p${n}`, { phone: digits });
    });
    const expected = events.filter((_, n) => n % 3 === 0).map(({ id }) => id);
    // Not one by one: that would take a log whose commits travel many seconds.
    for (let at = 0; at < events.length; at += 50) await append(...events.slice(at, at + 50));
    const found: string[] = [];
    for (let before: number | undefined = undefined, page = 60; page === 60;) {
      const place = before === undefined ? {} : { before };
      const some = await log.query(tenantA, { phone: digits, lids: [lid], ...place, limit: 60 });
      found.push(...some.map(({ id }) => id));
      before = some.at(-1)?.offset;
      page = some.length;
    }
    expect(found).toEqual(expected.toReversed());
    const after = await log.query(tenantA, { phone: digits, lids: [lid], after: 0, limit: 1_000 });
    expect(after.map(({ id }) => id)).toEqual(expected);
    const alone = await log.query(tenantA, { phone: digits, limit: 1_000 });
    expect(alone.length).toBe(expected.length / 2);
  });

  test("duplicates are counted for each instance", async () => {
    await append(newEvent("a"), newEvent("b", { instanceId: "ins_2" }));
    await append(newEvent("a", { id: "evt_a2" }), newEvent("a", { id: "evt_a3" }));
    await append(
      newEvent("b", { id: "evt_b2", instanceId: "ins_2", identity: { bodyHash: "c".repeat(64) } }),
    );
    const { log } = await use.reopen();
    expect(Object.fromEntries(await log.duplicatesByInstance(tenantA))).toEqual({
      ins_1: { retry: 2, overlap: 0, redelivered: 0 },
      ins_2: { retry: 0, overlap: 0, redelivered: 1 },
    });
    expect((await log.duplicatesByInstance(tenantB)).size).toBe(0);
  });
}
