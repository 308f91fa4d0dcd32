import type { EventData, EventType, RecadoEvent } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../../store/contract/index.ts";
import { numberFrom, numberRecord } from "./number-record.ts";
import { takeEvent, type EventEffect } from "./take-event.ts";
import { newlyWatched, type WatchedNumber } from "./watched-number.ts";

const start = Date.UTC(2026, 2, 3, 10);

interface Told<T extends EventType> {
  readonly type: T;
  readonly data: EventData[T];
  readonly at: number;
  readonly occurredAt?: number;
  readonly own?: true;
  readonly recovered?: true;
  readonly chatId?: string;
}

let offset = 0;
function take<T extends EventType>(number: WatchedNumber, told: Told<T>): EventEffect {
  offset++;
  const event = {
    type: told.type,
    data: told.data,
    occurredAt: new Date(told.occurredAt ?? told.at).toISOString(),
    receivedAt: new Date(told.at).toISOString(),
    ...(told.recovered ? { recovered: true } : {}),
  } as unknown as RecadoEvent;
  const stored: StoredEvent = {
    tenantId: "acme",
    offset,
    id: `evt_${offset}`,
    type: told.type,
    instanceId: "ins_1",
    ...(told.own ? {} : { bodyId: offset }),
    ...(told.chatId === undefined ? {} : { chatId: told.chatId }),
    index: 0,
    receivedAt: told.at,
    json: JSON.stringify(event),
  };
  return takeEvent(number, stored, () => event);
}

const message: EventData["message.received"] = {
  messageId: "A",
  content: { kind: "text", text: "oi" },
};
const said = (
  state: "open" | "connecting" | "close",
): EventData["instance.connection_changed"] => ({
  state,
  providerState: state,
});
const connection = "instance.connection_changed";

describe("what an event changes", () => {
  it("a gap begins with the newest message before the number went, and stays until it is closed", () => {
    const number = newlyWatched("acme", "ins_1");
    take(number, { type: connection, data: said("open"), at: start });
    number.gapFrom = undefined;
    const type = "message.received";
    take(number, { type, data: message, at: start + 60_000, occurredAt: start + 58_000 });
    take(number, { type: connection, data: said("connecting"), at: start + 120_000 });
    expect(number.gapFrom).toBe(start + 58_000);
    expect(take(number, { type: connection, data: said("open"), at: start + 900_000 }).isBack).toBe(
      true,
    );
    take(number, { type, data: message, at: start + 901_000, occurredAt: start + 901_000 });
    expect(number.gapFrom).toBe(start + 58_000);
  });

  it("an incident ends with what the provider sends, not with what is fetched, nor with our own words", () => {
    const number = newlyWatched("acme", "ins_1");
    const incident = { kind: "silent", reason: "x", since: 1, foundAt: 2, evidence: {} } as const;
    number.incident = incident;
    take(number, { type: "message.received", data: message, at: start, recovered: true });
    take(number, {
      type: "instance.silent",
      data: { reason: "x", evidence: {} },
      at: start,
      own: true,
    });
    expect(number.incident).toEqual(incident);
    expect(take(number, { type: "message.received", data: message, at: start }).isChange).toBe(
      true,
    );
    expect(number.incident).toBeUndefined();
    expect(number.pastIncidents).toEqual([{ ...incident, until: start }]);
  });

  it("a frozen number is not taken for well because it sent something", () => {
    const number = newlyWatched("acme", "ins_1");
    number.incident = { kind: "frozen", reason: "x", since: 1, foundAt: 2, evidence: {} };
    take(number, { type: "message.sent", data: message, at: start });
    expect(number.incident?.kind).toBe("frozen");
    const ack: EventData["message.acked"] = { messageId: "A", status: 2 };
    take(number, { type: "message.acked", data: ack, at: start + 1 });
    expect(number.incident).toBeUndefined();
  });

  it("an event that is already known changes nothing", () => {
    const number = newlyWatched("acme", "ins_1");
    take(number, { type: connection, data: said("open"), at: start });
    offset = 0;
    const before = structuredClone(numberRecord(number));
    take(number, { type: connection, data: said("close"), at: start });
    expect(numberRecord(number)).toEqual(before);
  });

  it("survives being stored, and a record of another time costs no more than what is odd in it", () => {
    const number = newlyWatched("acme", "ins_1");
    offset = 10;
    take(number, { type: connection, data: said("close"), at: start });
    take(number, { type: "message.received", data: message, at: start });
    const record = JSON.parse(JSON.stringify(numberRecord(number))) as Record<string, unknown>;
    expect(numberFrom("acme", "ins_1", record)).toEqual(number);
    const odd = numberFrom("acme", "ins_1", { ...record, incident: 3, pastIncidents: "none" });
    expect(odd.connection).toEqual(number.connection);
    for (const value of [undefined, null, "x", [], {}]) {
      expect(numberFrom("acme", "ins_1", value)).toEqual(newlyWatched("acme", "ins_1"));
    }
  });
});
