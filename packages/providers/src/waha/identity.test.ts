import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contract.ts";
import { draftsOf, recordedEvents, reportedRequests } from "./testing/fixture.ts";

const bodies = new Map(
  [...recordedEvents(), ...reportedRequests()].map(({ name, text }) => [name, text]),
);

function keysOf(name: string): readonly string[] {
  return keys(bodies.get(name) ?? "");
}

function keys(text: string): readonly string[] {
  return draftsOf(text).map(({ identity }) => identity.key);
}

function changed(
  name: string,
  change: (body: Record<string, unknown>) => JsonObject,
): readonly string[] {
  return keys(
    JSON.stringify(change(JSON.parse(bodies.get(name) ?? "") as Record<string, unknown>)),
  );
}

describe("one occurrence has one identity", () => {
  it.each([
    ["message and message.any", "message-text-noweb", "message-any-text-noweb"],
    [
      "a message the engine repeated",
      "message-duplicate-first-noweb",
      "message-duplicate-second-noweb",
    ],
    [
      "the same under phone and LID",
      "message-duplicate-first-noweb",
      "message-duplicate-lid-noweb",
    ],
    [
      "message and message.any in a group",
      "051-waha-same-message-two-events#0",
      "051-waha-same-message-two-events#1",
    ],
    ["jobs that ran twice", "053-waha-gows-duplicate-jobs#0", "053-waha-gows-duplicate-jobs#1"],
    [
      "a message that came again days later",
      "075-waha-old-messages-after-reconnect#0",
      "075-waha-old-messages-after-reconnect#1",
    ],
    [
      "a label event sent again",
      "070-waha-labels-burst-null-label#0",
      "070-waha-labels-burst-null-label#1",
    ],
    [
      "an ack as number and as text",
      "066-waha-ack-order-and-words#0",
      "066-waha-ack-order-and-words#4",
    ],
  ])("%s", (_what, first, second) => {
    expect(keysOf(first)).toEqual(keysOf(second));
  });

  it("whatever the envelope says, in every recorded message", () => {
    const messages = recordedEvents().filter(({ body }) =>
      /^message(\.any)?$/.test(String(body["event"])),
    );
    expect(messages.length).toBeGreaterThan(40);
    for (const { name } of messages) {
      const other = changed(name, (body) => ({
        ...body,
        id: "evt_0000000000000000000000000z",
        timestamp: 1_800_000_000_000,
        event: body["event"] === "message" ? "message.any" : "message",
      }));
      expect(other, name).toEqual(keysOf(name));
    }
  });

  it("whether the placeholder or the message itself came", () => {
    const real = changed("message-waiting-webjs", (body) => ({
      ...body,
      event: "message",
      payload: { ...(body["payload"] as object), body: "agora sim", _data: {} },
    }));
    expect(real).toEqual(keysOf("message-waiting-webjs"));
  });

  it("whether a group receipt has its own event or the common one", () => {
    const before = changed("message-ack-group-read-noweb", (body) => ({
      ...body,
      event: "message.ack",
    }));
    expect(before).toEqual(keysOf("message-ack-group-read-noweb"));
  });

  it("whether a deletion came as its own event or inside message.any", () => {
    const inside = changed("message-revoked-noweb", (body) => ({
      ...body,
      event: "message.any",
      payload: (body["payload"] as { after: unknown }).after,
    }));
    expect(inside).toEqual(keysOf("message-revoked-noweb"));
  });

  it.each(["message-edited-noweb", "message-edited-plain-noweb"])(
    "whether an edit came as its own event or inside message.any: %s",
    (name) => {
      const inside = changed(name, (body) => ({ ...body, event: "message.any" }));
      expect(inside).toEqual(keysOf(name));
    },
  );

  it("whether or not an own group message names its author, when the account is known", () => {
    const own = (participant: string | undefined) => ({
      event: "message.any",
      session: "s",
      me: { id: "5511900000101@c.us", lid: "111000000000101@lid" },
      payload: {
        id: `true_120363000000000001@g.us_3EB0OWN${participant === undefined ? "" : `_${participant}`}`,
        fromMe: true,
        from: "120363000000000001@g.us",
        body: "oi",
        ...(participant === undefined ? {} : { participant }),
      },
    });
    const spellings = [
      undefined,
      "5511900000101@c.us",
      "111000000000101@lid",
      "5511900000101:7@s.whatsapp.net",
    ];
    const found = spellings.map((participant) => keys(JSON.stringify(own(participant))));
    expect(new Set(found.map((key) => key.join())).size).toBe(1);
  });
});

describe("different occurrences have different identities", () => {
  it.each([
    [
      "two messages whose composed ids are broken",
      "056-waha-group-broken-composed-id#0",
      "056-waha-group-broken-composed-id#1",
    ],
    ["a label put on and taken off", "label-chat-added-noweb", "label-chat-deleted-noweb"],
    [
      "one change seen as v1 and v2 event under one envelope time",
      "group-join-legacy-noweb",
      "group-v2-join-noweb",
    ],
    ["a call and its acceptance", "call-received-noweb", "call-accepted-noweb"],
    ["a reaction and its removal", "message-reaction-add-noweb", "message-reaction-remove-noweb"],
    ["two edits of one message", "message-edited-noweb", "message-edited-plain-noweb"],
    ["a vote and its withdrawal", "poll-vote-noweb", "poll-vote-none-noweb"],
    [
      "a group receipt of the server and of a reader",
      "message-ack-group-server-noweb",
      "message-ack-group-read-noweb",
    ],
    [
      "two QR codes",
      "session-status-scan-qr-first-noweb",
      "session-status-scan-qr-refreshed-noweb",
    ],
  ])("%s", (_what, first, second) => {
    const shared = keysOf(first).filter((key) => keysOf(second).includes(key));
    expect(keysOf(first).length).toBeGreaterThan(0);
    expect(shared).toEqual([]);
  });

  it("each step of a message's acks", () => {
    const acks = ["error", "pending", "device", "read", "played"];
    const found = acks.flatMap((ack) => keysOf(`message-ack-${ack}-noweb`));
    expect(new Set(found).size).toBe(acks.length);
  });

  it("the receipts of two members of a group", () => {
    const other = changed("message-ack-group-read-noweb", (body) => {
      const payload = body["payload"] as JsonObject;
      return { ...body, payload: { ...payload, participant: "222000000000022@lid" } };
    });
    expect(other).not.toEqual(keysOf("message-ack-group-read-noweb"));
  });

  it("the events of one body among themselves", () => {
    for (const [name, text] of bodies)
      expect(new Set(keys(text)).size, name).toBe(keys(text).length);
  });

  it("the same envelope id under another event name", () => {
    const other = changed("label-upsert-noweb", (body) => ({ ...body, event: "label.deleted" }));
    expect(other).not.toEqual(keysOf("label-upsert-noweb"));
  });
});

describe("a body without an id of its own", () => {
  it("repeats only while the provider may be retrying", () => {
    const [draft] = draftsOf(
      '{"event":"presence.update","session":"s","payload":{"id":"5511900000009@c.us","presences":[{"lastKnownPresence":"typing"}]}}',
    );
    expect(draft?.type).toBe("presence.updated");
    expect(draft?.identity.windowMs).toBe(35 * 60_000);
  });

  it("repeats a state only at once: the same state a minute later is news", () => {
    const [draft] = draftsOf(
      '{"event":"session.status","session":"s","payload":{"status":"WORKING"}}',
    );
    expect(draft?.identity.windowMs).toBeLessThan(20_000);
  });
});
