import { describe, expect, expectTypeOf, test } from "vitest";
import type { MessageContent } from "./content.ts";
import type { EventData } from "./event-data.ts";
import { eventTypes, isEventType, type EventType } from "./event-types.ts";
import { eventSchema, type EventOf, type RecadoEvent } from "./event.ts";
import { eventDataSamples } from "./testing/event-data-samples.ts";

const envelope = {
  id: "evt_0199a8f0-7b1c-7c3e-9a4d-2f6b8c0d1e2f",
  tenantId: "default",
  instance: { id: "ins_1", name: "minha-loja", provider: "evolution" },
  offset: 1,
  occurredAt: "2026-01-02T03:04:05.000Z",
  receivedAt: "2026-01-02T03:04:05.678Z",
  chat: { id: "5511900000001@s.whatsapp.net", kind: "person" },
  contact: { jid: "5511900000001@s.whatsapp.net", phone: "5511900000001", name: "Maria" },
  fromMe: false,
} as const;

const message = eventDataSamples["message.received"][0];

describe("every type of the vocabulary has an envelope and data of its own", () => {
  const samples = eventTypes.flatMap((type) =>
    eventDataSamples[type].map((data, index) => ({ type, index, data })),
  );

  test.each(samples)("$type, sample $index, is accepted unchanged", ({ type, data }) => {
    const event = { ...envelope, type, data };
    expect(eventSchema.parse(event)).toEqual(event);
  });

  test.each(eventTypes)("%s with data of no type at all is refused", (type) => {
    expect(eventSchema.safeParse({ ...envelope, type, data: "text" }).success).toBe(false);
  });

  test("every kind of content has a sample", () => {
    const kinds = eventDataSamples["message.received"].map((sample) => sample.content.kind);
    expectTypeOf(kinds).toEqualTypeOf<MessageContent["kind"][]>();
    expect(new Set(kinds).size).toBe(18);
  });
});

describe("the envelope is strict about what consumers rely on", () => {
  const event = { ...envelope, type: "message.received", data: message };

  test.each([
    ["an id that is no UUID version 7", { id: "evt_0199a8f0-7b1c-4c3e-9a4d-2f6b8c0d1e2f" }],
    ["an id without its prefix", { id: "0199a8f0-7b1c-7c3e-9a4d-2f6b8c0d1e2f" }],
    ["offset 0", { offset: 0 }],
    ["a fraction as offset", { offset: 1.5 }],
    ["a time with an offset instead of UTC", { occurredAt: "2026-01-02T03:04:05-03:00" }],
    ["a time in seconds", { receivedAt: 1_767_323_045 }],
    ["a kind of chat that does not exist", { chat: { id: "x@g.us", kind: "channel" } }],
    ["a provider that does not exist", { instance: { ...envelope.instance, provider: "other" } }],
    ["null for what is absent", { contact: null }],
    ["late that is not late", { late: false }],
    ["a type that is not in the vocabulary", { type: "message.exploded" }],
  ])("%s is refused", (_name, change) => {
    expect(eventSchema.safeParse({ ...event, ...change }).success).toBe(false);
  });

  test("a tenant's own event needs neither instance nor chat", () => {
    const own = {
      id: envelope.id,
      tenantId: "default",
      offset: 7,
      occurredAt: envelope.occurredAt,
      receivedAt: envelope.receivedAt,
      type: "app.emitted",
      data: { event: "order.paid", payload: { total: 10 } },
    };
    expect(eventSchema.parse(own)).toEqual(own);
  });

  test("the provider's own body is kept whatever it is", () => {
    for (const raw of [null, 0, "text", [1], { deep: { deeper: [null] } }]) {
      expect(eventSchema.parse({ ...event, raw })).toMatchObject({ raw });
    }
  });
});

describe("the vocabulary", () => {
  test("isEventType knows exactly its types", () => {
    for (const type of eventTypes) expect(isEventType(type)).toBe(true);
    for (const other of ["", "message", "message.", "MESSAGE.RECEIVED", "toString", "__proto__"]) {
      expect(isEventType(other)).toBe(false);
    }
  });

  test("types are dotted lower-case words, each once", () => {
    expect(new Set(eventTypes).size).toBe(eventTypes.length);
    for (const type of eventTypes) expect(type).toMatch(/^[a-z]+\.[a-z]+(?:_[a-z]+)*$/);
  });

  test("isEventType narrows a text to a type", () => {
    const text: string = "message.received";
    if (isEventType(text)) expectTypeOf(text).toEqualTypeOf<EventType>();
    expect(isEventType(text)).toBe(true);
  });
});

describe("switch (event.type) narrows event.data", () => {
  /** Compiles only while every branch sees the data of its own type. */
  function describeEvent(event: RecadoEvent): string {
    switch (event.type) {
      case "message.received":
        expectTypeOf(event).toEqualTypeOf<EventOf<"message.received">>();
        expectTypeOf(event.data.content).toEqualTypeOf<MessageContent>();
        return event.data.content.kind === "reaction"
          ? event.data.content.emoji
          : event.data.messageId;
      case "message.acked":
        expectTypeOf(event.data.status).toEqualTypeOf<number | null>();
        return String(event.data.status);
      case "instance.connection_changed":
        expectTypeOf(event.data.state).toEqualTypeOf<"open" | "connecting" | "close">();
        return event.data.state;
      default:
        expectTypeOf(event.type).toEqualTypeOf<
          Exclude<EventType, "message.received" | "message.acked" | "instance.connection_changed">
        >();
        return event.type;
    }
  }

  test("at run time as in the types", () => {
    const parse = (type: EventType, data: unknown) =>
      describeEvent(eventSchema.parse({ ...envelope, type, data }));
    expect(parse("message.received", message)).toBe(message.messageId);
    expect(parse("message.acked", { messageId: "A", status: null })).toBe("null");
    expect(parse("instance.connection_changed", { state: "open", providerState: "open" })).toBe(
      "open",
    );
    expect(parse("chat.deleted", {})).toBe("chat.deleted");
  });

  test("the union has every type, and each type one kind of data", () => {
    expectTypeOf<RecadoEvent["type"]>().toEqualTypeOf<EventType>();
    expectTypeOf<keyof EventData>().toEqualTypeOf<EventType>();
    expectTypeOf<EventOf<"poll.voted">["data"]>().toEqualTypeOf<EventData["poll.voted"]>();
  });
});
