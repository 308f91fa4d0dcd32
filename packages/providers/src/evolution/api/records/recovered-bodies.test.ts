import { describe, expect, test } from "vitest";
import type { EventDraft, JsonObject } from "../../../contract.ts";
import { listOf, member } from "../../../message/index.ts";
import { loadFixtures } from "../../../testing/fixtures.ts";
import { normalise } from "../../normalise.ts";
import { recording } from "../../testing/recordings.ts";
import { evolutionMessageBodies } from "./recovered-bodies.ts";
import { readStoredMessage, type StoredMessage } from "./stored-messages.ts";

function draftsOf(body: JsonObject): readonly EventDraft[] {
  return normalise(body, { receivedAt: 1_800_000_000_000, bodyHash: "0".repeat(64) });
}

function facts(drafts: readonly EventDraft[]): unknown[] {
  return drafts.map(({ type, identity, chat, contact, occurredAt, fromMe }) => ({
    type,
    identity,
    chat,
    contact,
    occurredAt,
    fromMe,
  }));
}

/** The row that the server would keep of a webhook's message. */
function storedOf(row: unknown, extra: object = {}): StoredMessage {
  const { status: _, ...kept } = row as JsonObject;
  const found = readStoredMessage({ id: "row-1", ...kept, ...extra });
  if (found === undefined) throw new Error("the fixture has no id");
  return found;
}

const here = new URL("../../fixtures/", import.meta.url);
const messages = loadFixtures(here).filter(
  ({ name, body }) =>
    /^events\/(?:messages\.upsert|send\.message)\.(?!update)/.test(name) &&
    member(member(member(body, "data"), "key"), "id") !== undefined,
);

describe("a stored message is the same event as the one of the webhook", () => {
  test("for enough fixtures to mean something", () => {
    expect(messages.length).toBeGreaterThan(50);
  });

  test.each(messages)("$name", ({ body }) => {
    const told = body as JsonObject;
    const instance = { name: String(told["instance"]), ownerJid: told["sender"] as string };
    const [asked] = evolutionMessageBodies(instance, storedOf(told["data"], { MessageUpdate: [] }));
    expect(facts(draftsOf(asked ?? {}))).toEqual(facts(draftsOf(told)));
  });

  test("as recorded, for what the API sent on the EVOLUTION channel too", () => {
    const { records } = (
      recording("findMessages").response.body as { messages: { records: unknown[] } }
    ).messages;
    const drafts = records.flatMap((record) =>
      evolutionMessageBodies({ name: "rec-evo" }, storedOf(record)).flatMap(draftsOf),
    );
    expect(drafts.map(({ type }) => type).toSorted()).toEqual([
      ...Array.from({ length: 4 }, () => "message.received"),
      ...Array.from({ length: 3 }, () => "message.sent"),
    ]);
    expect(drafts.every(({ chat }) => chat !== undefined)).toBe(true);
  });
});

describe("stored delivery states", () => {
  const [sent] = messages.filter(({ name }) => name.includes("fromme-phone.json"));

  test("are the events that messages.update would have been", () => {
    const row = member(sent?.body, "data");
    const updates = ["SERVER_ACK", "DELIVERY_ACK", "READ"].map((status) => ({ status }));
    const stored = storedOf(row, { MessageUpdate: [...updates, {}, null] });
    const bodies = evolutionMessageBodies({ name: "a" }, stored);
    expect(bodies.map(({ event }) => event)).toEqual([
      "messages.upsert",
      "messages.update",
      "messages.update",
      "messages.update",
    ]);
    const acks = bodies.slice(1).flatMap(draftsOf);
    const live = updates.flatMap(({ status }) =>
      draftsOf({
        event: "messages.update",
        instance: "a",
        data: {
          messageId: "row-1",
          keyId: stored.id,
          remoteJid: stored.chat,
          fromMe: true,
          status,
        },
      }),
    );
    expect(acks.map(({ type, identity }) => [type, identity])).toEqual(
      live.map(({ type, identity }) => [type, identity]),
    );
    expect(acks.map(({ type }) => type)).toEqual([
      "message.acked",
      "message.acked",
      "message.acked",
    ]);
  });

  test("do not stay in the message's own body, nor does any token", () => {
    for (const { body } of messages) {
      const [message] = evolutionMessageBodies({ name: "a" }, storedOf(member(body, "data")));
      expect(message).not.toHaveProperty("apikey");
      expect(listOf(member(message, "MessageUpdate"))).toEqual([]);
    }
  });
});
