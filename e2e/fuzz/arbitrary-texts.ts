import fc from "fast-check";

/**
 * Bodies that no provider's fixture is behind: any JSON, objects with a provider's envelope around any
 * data, and texts that are nearly JSON. All begin as fast-check makes them and follow from the seed.
 */
const anyJson = fc.json({ maxDepth: 6, stringUnit: "binary" });

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }),
  fc.constantFrom(0, -0, 1e21, Number.MAX_SAFE_INTEGER, "", "\u0000", [], {}),
);

const evolutionEvents = [
  "messages.upsert",
  "MESSAGES_UPSERT",
  "messages.update",
  "messages.set",
  "send.message",
  "messages.edited",
  "messages.delete",
  "connection.update",
  "qrcode.updated",
  "status.instance",
  "contacts.upsert",
  "chats.set",
  "groups.upsert",
  "group-participants.update",
  "presence.update",
  "call",
  "labels.association",
  "typebot.start",
  "error",
  "constructor",
  "__proto__",
];
const wahaEvents = [
  "message",
  "message.any",
  "message.ack",
  "message.ack.group",
  "message.reaction",
  "message.edited",
  "message.revoked",
  "message.waiting",
  "session.status",
  "poll.vote",
  "group.v2.join",
  "presence.update",
  "call.received",
  "label.upsert",
  "engine.event",
  "toString",
];

const key = fc.record(
  { remoteJid: value, fromMe: value, id: value, participant: value, remoteJidAlt: value },
  { requiredKeys: [] },
);
const evolution = fc.record(
  {
    event: fc.oneof(fc.constantFrom(...evolutionEvents), value),
    instance: fc.oneof(fc.constant("fuzz-evolution"), value),
    data: fc.oneof(
      value,
      fc.record(
        {
          key: fc.oneof(key, value),
          message: fc.oneof(value, fc.record({ conversation: value })),
          messageTimestamp: value,
          pushName: value,
          status: value,
          state: value,
          statusReason: value,
        },
        { requiredKeys: [] },
      ),
      fc.array(fc.record({ key: fc.oneof(key, value), update: value, id: value }), {
        maxLength: 6,
      }),
    ),
    date_time: value,
    server_url: value,
    sender: value,
    apikey: value,
  },
  { requiredKeys: ["event"] },
);
const waha = fc.record(
  {
    event: fc.oneof(fc.constantFrom(...wahaEvents), value),
    session: fc.oneof(fc.constant("fuzz-waha"), value),
    engine: value,
    me: value,
    id: value,
    timestamp: value,
    payload: fc.oneof(
      value,
      fc.record(
        {
          id: value,
          from: value,
          to: value,
          participant: value,
          fromMe: value,
          body: value,
          timestamp: value,
          hasMedia: value,
          media: value,
          ack: value,
          reaction: value,
          status: value,
          _data: value,
          replyTo: value,
        },
        { requiredKeys: [] },
      ),
    ),
    environment: value,
  },
  { requiredKeys: ["event"] },
);

const nearlyJson = fc
  .tuple(anyJson, fc.string({ unit: "binary", maxLength: 8 }), fc.nat(40))
  .map(([json, text, at]) => json.slice(0, at) + text + json.slice(at));

export const arbitraryTexts: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: evolution.map((body) => JSON.stringify(body)), weight: 5 },
  { arbitrary: waha.map((body) => JSON.stringify(body)), weight: 5 },
  { arbitrary: anyJson, weight: 2 },
  { arbitrary: nearlyJson, weight: 1 },
);

/** `count` texts of this seed. */
export function sampleTexts(seed: number, count: number): readonly string[] {
  return fc.sample(arbitraryTexts, { seed, numRuns: count });
}
