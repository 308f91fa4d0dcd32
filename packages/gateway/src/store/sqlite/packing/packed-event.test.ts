import fc from "fast-check";
import { expect, test } from "vitest";
import {
  inlineBody,
  packEvent,
  refersToBody,
  unpackEvent,
  type PackedColumns,
} from "./packed-event.ts";
import { packId, unpackId } from "./packed-id.ts";

interface Kept {
  readonly stored: string | undefined;
  readonly restored: string | undefined;
}

function keep(json: string, columns: PackedColumns, body?: string): Kept {
  const texts: string[] = [];
  const stored = packEvent(json, columns, body, (text) => texts.push(text) - 1);
  if (stored === undefined) return { stored, restored: undefined };
  const inlined = refersToBody(stored) ? inlineBody(stored, body ?? "") : stored;
  const restored = unpackEvent(inlined, 7, columns, (number) => texts[number] ?? "missing");
  return { stored, restored };
}

const columns: PackedColumns = {
  id: "evt_01a211f5-03d8-7745-9170-e349ff5e7668",
  type: "message.received",
  chat: "5511900000081@s.whatsapp.net",
  phone: "5511900000081",
  messageId: "CDBE0641CBA2D880359D",
  occurredAt: 1_795_174_230_000,
  receivedAt: 1_795_174_230_317,
};

function envelope({ id, type, occurredAt, receivedAt }: PackedColumns, rest: object): string {
  return JSON.stringify({
    id,
    type,
    tenantId: "loja",
    instance: { id: "ins_1", name: 'a "b"', provider: "evolution" },
    occurredAt: new Date(occurredAt).toISOString(),
    receivedAt: new Date(receivedAt).toISOString(),
    ...rest,
  });
}

test("an envelope takes half of its room or less, and what its body has in the same spelling none", () => {
  const text = "Bom dia! O pedido de ontem já saiu para entrega? Preciso avisar a portaria. 📦";
  const data = { messageId: columns.messageId, content: { kind: "text", text } };
  const json = envelope(columns, { chat: { id: columns.chat }, data });
  const { stored, restored } = keep(json, columns, JSON.stringify({ conversation: text }));
  expect(restored).toBe(`{"offset":7,${json.slice(1)}`);
  expect(stored?.length).toBeLessThan(json.length / 2);
  expect(stored).not.toContain("portaria");
});

// Texts in which what stands for something might be taken for what it stands for.
const awkward = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\u0000", "\u0001", "\u0004", "\u0010", '"', "\\", "1", ",", ";"),
  }),
  fc.constantFrom(
    "a",
    "offset",
    "occurredAt",
    '","',
    "\\u0001",
    "x".repeat(60),
    `${"\\".repeat(41)}"`,
  ),
);

test("whatever an envelope and a body hold, what is read is byte for byte what was stored", () => {
  const value = fc.letrec((tie) => ({
    tree: fc.oneof(
      awkward,
      fc.integer(),
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.dictionary(awkward, tie("tree"), { maxKeys: 3 }),
    ),
  })).tree;
  const anyColumns = fc.record({
    id: fc.oneof(
      fc.uuid({ version: 7 }).map((uuid) => `evt_${uuid}`),
      awkward,
    ),
    type: fc.constant("message.received"),
    chat: fc.option(awkward),
    phone: fc.option(awkward),
    messageId: fc.option(awkward),
    occurredAt: fc.integer({ min: 0, max: 4e12 }),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
  });
  let packed = 0;
  fc.assert(
    fc.property(
      anyColumns,
      value,
      value,
      fc.array(awkward, { maxLength: 6 }),
      (given, one, two, more) => {
        const wellFormed = Object.fromEntries(
          Object.entries(given).map(([name, text]) => [
            name,
            typeof text === "string" ? text.toWellFormed() : text,
          ]),
        ) as unknown as PackedColumns;
        const said = [...more, given.chat, given.phone, given.messageId];
        const json = envelope(wellFormed, { one, said, data: two }).toWellFormed();
        const body = JSON.stringify({ two, one: [said, one] }).toWellFormed();
        const { restored } = keep(json, wellFormed, body);
        if (restored === undefined) return;
        packed += 1;
        expect(restored).toBe(`{"offset":7,${json.slice(1)}`);
      },
    ),
    { numRuns: 3_000 },
  );
  expect(packed).toBeGreaterThan(1_000);
});

test.each([
  ["another order of members", `{"type":"x","id":"${columns.id}"}`],
  ["a time that is not the row's", envelope({ ...columns, receivedAt: 0 }, { data: {} })],
  ["no times", `{"id":"${columns.id}","type":"${columns.type}","data":{}}`],
])("an envelope with %s is not packed", (_name, json) => {
  expect(keep(json, columns).stored).toBeUndefined();
});

test("ids of events are kept as bytes, others as they are", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uuid().map((uuid) => `evt_${uuid}`),
        fc.string(),
      ),
      (id) => {
        expect(unpackId(packId(id))).toBe(id);
      },
    ),
  );
  expect(packId(columns.id)).toHaveLength(16);
  expect(packId(columns.id.toUpperCase())).toBe(columns.id.toUpperCase());
});
