import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventFilter, EventLog, NewEvent } from "../../contract/index.ts";
import { dayOne, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

/** Values from small sets, so that filters meet events; enough events that an index may be built in steps. */
const eventCount = 1_300;

function variedEvent(n: number): NewEvent {
  const chat = n % 11;
  const { instanceId: _none, ...base } = newEvent(`${n}`, {
    type: ["message.received", "message.sent", "presence.updated", "provider.event"][n % 4] ?? "",
    unrecognised: n % 4 === 3,
    // Two minutes apart, and every fifth as if the clock had been set back by an hour.
    receivedAt: dayOne + n * 120_000 - (n % 5 === 0 ? 3_600_000 : 0),
    index: n,
  });
  return {
    ...base,
    ...(n % 7 === 0 ? {} : { instanceId: `ins_${n % 3}` }),
    ...(chat === 10 ? {} : { chatId: `${chat}@s.whatsapp.net` }),
    ...(chat > 7 ? {} : { phone: `${n % 6}` }),
    ...(n % 2 === 0 ? { messageId: `M${n % 400}` } : {}),
    ...(n % 3 === 0 ? {} : { fromMe: n % 3 === 1 }),
  };
}

/** What a filter means, said without an index. `events` in offset order from 1. */
function expectedOffsets(events: readonly NewEvent[], filter: EventFilter): readonly number[] {
  const found = events
    .map((event, index) => ({ event, offset: index + 1 }))
    .filter(({ event, offset }) => {
      const same = (
        ["instanceId", "chatId", "phone", "messageId", "fromMe", "unrecognised"] as const
      ).every((member) => filter[member] === undefined || filter[member] === event[member]);
      return (
        same &&
        (filter.types?.includes(event.type) ?? true) &&
        event.receivedAt >= (filter.since ?? 0) &&
        event.receivedAt < (filter.until ?? Infinity) &&
        offset < (filter.before ?? Infinity) &&
        offset > (filter.after ?? 0)
      );
    })
    .map(({ offset }) => offset);
  return (filter.after === undefined ? found.toReversed() : found).slice(0, filter.limit);
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined, freq: 2 });
}

const time = fc
  .integer({ min: -60, max: eventCount * 2 + 60 })
  .map((minutes) => dayOne + minutes * 60_000 + 1);
const offset = fc.integer({ min: 1, max: eventCount + 2 });
const filters: fc.Arbitrary<EventFilter> = fc
  .record({
    instanceId: optional(fc.constantFrom("ins_0", "ins_1", "ins_2", "ins_9")),
    types: optional(
      fc.subarray(["message.received", "message.sent", "presence.updated", "call.received"]),
    ),
    chatId: optional(fc.integer({ min: 0, max: 10 }).map((n) => `${n}@s.whatsapp.net`)),
    phone: optional(fc.integer({ min: 0, max: 6 }).map(String)),
    messageId: optional(fc.integer({ min: 0, max: 401 }).map((n) => `M${n}`)),
    fromMe: optional(fc.boolean()),
    unrecognised: optional(fc.boolean()),
    since: optional(time),
    until: optional(time),
    before: optional(offset),
    after: optional(offset),
    limit: fc.constantFrom(1, 5, 50, 1_000),
  })
  .map((all) => {
    const given = Object.entries(all).filter(([, value]) => value !== undefined);
    return { limit: all.limit, ...Object.fromEntries(given) } as EventFilter;
  });

async function appendVaried(log: EventLog): Promise<readonly NewEvent[]> {
  const events = Array.from({ length: eventCount }, (_, n) => variedEvent(n));
  for (let at = 0; at < events.length; at += 100) {
    await log.append(tenantA, { events: events.slice(at, at + 100) });
  }
  return events;
}

export function describeQuerying(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);

  test("any filter finds exactly the events that fit, newest first, or oldest first after an offset", async () => {
    const { log } = use.store;
    const events = await appendVaried(log);
    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const found = await log.query(tenantA, filter);
        expect(found.map((event) => event.offset)).toEqual(expectedOffsets(events, filter));
      }),
      { numRuns: 300 },
    );
  });

  test("pages of a query join without a gap", async () => {
    const { log } = use.store;
    const events = await appendVaried(log);
    const filter: EventFilter = { instanceId: "ins_1", limit: 40 };
    const offsets: number[] = [];
    for (let page = await log.query(tenantA, filter); page.length > 0;) {
      offsets.push(...page.map((event) => event.offset));
      page = await log.query(tenantA, { ...filter, before: offsets.at(-1) ?? 0 });
    }
    expect(offsets).toEqual(expectedOffsets(events, { instanceId: "ins_1", limit: eventCount }));
  });

  test("an event is found at once after its append", async () => {
    const { log } = use.store;
    await appendVaried(log);
    await log.append(tenantA, { events: [newEvent("new", { messageId: "NEW" })] });
    expect(await log.query(tenantA, { messageId: "NEW", limit: 5 })).toMatchObject([
      { id: "evt_new" },
    ]);
  });
}
