import type { ProviderName } from "@recado/protocol";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDoor, type Body, type DoorStage } from "./testing/door-stage.ts";

/**
 * A phone is what a provider says, in a phone's address, and belongs to a LID only where one and the same
 * person has both. Digits of every form of address are drawn from numbers of their own, so that a phone
 * made of anything else shows.
 */

let door: DoorStage;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const phones = ["5511900000201", "5511900000202", "4915700000203"];
const device = fc.constantFrom("", ":12", ".0:7", "_1:3");
const digitsOf = (prefix: string) => fc.nat(2).map((n) => `${prefix}${n}`);

/** Every form of address that was met, and some that were not. */
const address = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...phones), device, fc.constantFrom("s.whatsapp.net", "c.us"))
      .map(([user, suffix, server]) => `${user}${suffix}@${server}`),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(digitsOf("12000000000030"), device).map((all) => `${all.join("")}@lid`),
  },
  fc.tuple(digitsOf("12000000000040"), device).map((all) => `${all.join("")}@hosted.lid`),
  digitsOf("77000000000").map((user) => `${user}@hosted`),
  digitsOf("12036300000000050").map((user) => `${user}@g.us`),
  // Old groups have their maker's phone in their name, which says nobody's phone.
  digitsOf("5521900000600-151234567").map((user) => `${user}@g.us`),
  digitsOf("12036300000000070").map((user) => `${user}@newsletter`),
  digitsOf("16000000080").map((user) => `${user}@broadcast`),
  fc.constant("status@broadcast"),
  digitsOf("13135550").map((user) => `${user}@bot`),
  digitsOf("88000000090").map((user) => `${user}@interop`),
  digitsOf("88100000090").map((user) => `${user}@msgr`),
  fc.constantFrom(
    "",
    "@lid",
    "@s.whatsapp.net",
    "abc@lid",
    "5511900000999",
    "120000000000999",
    null,
  ),
  fc.nat(),
);

const chatMembers = ["remoteJid", "remoteJidAlt", "previousRemoteJid"] as const;
const senderMembers = ["senderPn", "senderLid"] as const;
const writerMembers = ["participant", "participantAlt", "participantPn", "participantLid"] as const;
const allMembers = [...chatMembers, ...senderMembers, ...writerMembers];

const said = fc.record({
  kind: fc.constantFrom("message", "ack", "delete", "group", "contact", "call", "history" as const),
  fromMe: fc.boolean(),
  key: fc.record(Object.fromEntries(allMembers.map((name) => [name, address])), {
    requiredKeys: ["remoteJid"],
  }),
  id: fc.nat(3),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

function evolutionBody({ kind, fromMe, key, id }: Said): Body {
  const own = { ...key, fromMe, id: `3EB0${id}` };
  const events: Readonly<Record<Said["kind"], readonly [string, unknown]>> = {
    message: [
      "messages.upsert",
      { key: own, pushName: key["remoteJid"], message: { conversation: "a" } },
    ],
    ack: ["messages.update", { ...own, keyId: own.id, status: "READ" }],
    delete: ["messages.delete", own],
    group: [
      "group-participants.update",
      {
        id: "120363000000000001@g.us",
        action: "add",
        participants: [
          {
            id: key["participant"],
            phoneNumber: key["participantAlt"],
            lid: key["participantLid"],
          },
        ],
      },
    ],
    contact: ["contacts.upsert", [{ remoteJid: key["remoteJid"], lid: key["remoteJidAlt"] }]],
    call: [
      "call",
      [{ id: own.id, status: "offer", from: key["remoteJid"], callerPn: key["remoteJidAlt"] }],
    ],
    history: ["messages.set", [{ key: own }]],
  };
  const [event, data] = events[kind];
  return { event, instance: "a", data, sender: "5511900000001@s.whatsapp.net" };
}

function wahaBody({ kind, fromMe, key, id }: Said): Body {
  const waId = `3EB0${id}`;
  const message = {
    id: `${fromMe}_${String(key["remoteJid"])}_${waId}`,
    from: key["remoteJid"],
    fromMe,
    ...(key["participant"] === undefined ? {} : { participant: key["participant"] }),
    body: "a",
    _data: { key: { ...key, fromMe, id: waId }, pushName: "5511900000998" },
  };
  const group = { id: "120363000000000001@g.us" };
  const events: Readonly<Record<Said["kind"], readonly [string, unknown]>> = {
    message: ["message.any", message],
    ack: ["message.ack", { ...message, ack: 3 }],
    delete: ["message.revoked", { revokedMessageId: waId, after: message, before: null }],
    group: [
      "group.v2.participants",
      {
        group,
        type: "join",
        participants: [{ id: key["participant"], pn: key["participantAlt"] }],
      },
    ],
    contact: ["message", message],
    call: ["call.received", { id: waId, from: key["remoteJid"], isVideo: false }],
    history: [
      "presence.update",
      {
        id: key["remoteJid"],
        presences: [{ participant: key["remoteJidAlt"], lastKnownPresence: "typing" }],
      },
    ],
  };
  const [event, payload] = events[kind];
  return { event, session: "a", engine: "NOWEB", me: { id: "5511900000001@c.us" }, payload };
}

const phoneAddress = /^(\d{5,20})(?:[.:_][0-9:._]*)?@(?:s\.whatsapp\.net|c\.us)$/;
const lidAddress = /^([^@\s]+?)(?:[.:_][0-9:._]*)?@((?:hosted\.)?lid)$/;

/** LIDs, each with every phone that some body gave the same person. */
function pairsSaid(all: readonly Said[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = new Map<string, Set<string>>();
  for (const { key } of all) {
    for (const members of [
      [...chatMembers, ...senderMembers],
      [...writerMembers, ...senderMembers],
    ]) {
      const values = members.map((name) => String(key[name] ?? ""));
      const together = values.flatMap((value) => phoneAddress.exec(value)?.[1] ?? []);
      for (const value of values) {
        const [, user, server] = lidAddress.exec(value) ?? [];
        if (user === undefined) continue;
        const lid = `${user}@${server ?? ""}`;
        pairs.set(lid, new Set([...(pairs.get(lid) ?? []), ...together]));
      }
    }
  }
  return pairs;
}

/** Every `phone` anywhere in a value. */
function phonesIn(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "phone" ? [member as unknown] : phonesIn(member),
  );
}

let made = 0;

test.each([
  ["evolution", evolutionBody],
  ["waha", wahaBody],
] as const)(
  "no phone is ever made of a LID, a group or anything but a phone's address: %s",
  async (provider: ProviderName, bodyOf) => {
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 8 }), async (all) => {
        made += 1;
        const number = await door.number(`${provider}-${made}`, provider);
        await Promise.all(all.map((one) => number.send(bodyOf(one))));
        const addresses = all.flatMap(({ key }) => Object.values(key).map(String));
        const mayBe = new Set([
          "5511900000001",
          ...addresses.flatMap((one) => phoneAddress.exec(one)?.[1] ?? []),
        ]);
        const pairs = pairsSaid(all);
        for (const event of await door.events(number.id)) {
          const { contact } = event;
          for (const phone of phonesIn({ contact, data: event.data }))
            expect(mayBe).toContain(phone);
          if (contact?.lid !== undefined && contact.phone !== undefined)
            expect(pairs.get(contact.lid)).toContain(contact.phone);
        }
        for (const [lid, phone] of await door.phones(number.id, [...pairs.keys()]))
          expect(pairs.get(lid)).toContain(phone.split("@")[0]);
      }),
      { numRuns: 40 },
    );
  },
  60_000,
);
