import { readFileSync } from "node:fs";
import { type EventDraft, recognise } from "@recado/providers";
import { describe, expect, test } from "vitest";
import { evolutionEvents } from "../evolution/evolution-traffic.ts";
import { evolutionBody } from "../evolution/evolution-webhook.ts";
import { createRandom } from "../random.ts";
import { wahaAct } from "../waha/waha-traffic.ts";
import { wahaBody } from "../waha/waha-webhook.ts";
import { createCast, createPerson } from "./cast.ts";
import type { Happening, MessageRef } from "./happening.ts";
import { tellStory } from "./story.ts";

type Data = Record<string, unknown>;

const cast = createCast(0, "Loja Centro Teste", createRandom("cast"));
const number = { name: "loja-centro", instanceId: "9c1f0a52-5d0e-4c8e-9b7e-2f6d1a3b4c5d", cast };
const now = Date.parse("2026-11-24T09:26:15.000Z");
const person = createPerson(201, "Maria Teste", "phone");
const group = { id: "120363000000000201@g.us", members: [person] };
const theirs: MessageRef = { id: "ACCA0DF2C95AA144C1D0FF2FF3C8F967", fromMe: false, person };
const ours: MessageRef = { id: "3EB0374FE782C51F1D91FF", fromMe: true, person };

function message(
  ref: MessageRef,
  content: Extract<Happening, { kind: "message" }>["content"],
  via: "app" | "api" = "app",
): Happening {
  return { kind: "message", ref, via, content };
}
const text = { kind: "text", text: "Olá, tudo bem? 👋" } as const;
const image = { kind: "image", caption: "foto do produto" } as const;
const lid = { ...theirs, person: createPerson(201, "Maria Teste", "lid") };
const inGroup = { ...theirs, group };

const fixtureBody = (path: string): Data =>
  (
    JSON.parse(
      readFileSync(new URL(`../../../providers/src/${path}.json`, import.meta.url), "utf8"),
    ) as { body: Data }
  ).body;

/** Every path of members with the type of its value; what is keyed by index or address is one member. */
function shape(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  const names = Object.keys(value).map((name) =>
    /^\d+$/.test(name) ? "#" : name.includes("@") ? "@" : name,
  );
  return Object.fromEntries(names.map((name, index) => [name, shape(Object.values(value)[index])]));
}

describe("Evolution's events have the shape of the fixtures", () => {
  test.each<[fixture: string, happening: Happening]>([
    ["messages.upsert.conversation", message(theirs, text)],
    [
      "messages.upsert.image",
      message({ ...theirs, person: { ...person, addressing: "phone" } }, image),
    ],
    ["messages.upsert.lid-sender-237", message(lid, text)],
    ["messages.upsert.group-lid", message(inGroup, text)],
    ["messages.upsert.fromme-phone", message({ ...ours, id: "AC01" }, text)],
    [
      "messages.upsert.reaction-add",
      { kind: "reaction", id: "AC02", person, target: ours, emoji: "👍" },
    ],
    ["messages.update.delivery-ack", { kind: "ack", ref: ours, level: 2 }],
    ["messages.edited.by-contact", { kind: "edit", id: "AC03", target: theirs, text: "Olá!" }],
    ["presence.update.composing", { kind: "typing", person }],
    ["connection.update.connecting", { kind: "connection", state: "connecting" }],
    ["connection.update.open", { kind: "connection", state: "open" }],
    ["qrcode.updated.code", { kind: "qr", code: "2@AAAA" }],
  ])("%s", (fixture, happening) => {
    const recorded = fixtureBody(`evolution/fixtures/events/${fixture}`);
    const [event] = evolutionEvents(number, happening, now, createRandom(1));
    expect(event?.event).toBe(recorded["event"]);
    const made = shape(event?.data) as { key?: Data };
    const expected = shape(recorded["data"]) as { key?: Data };
    // Whether the other form of an address is known differs from message to message.
    for (const key of [made.key, expected.key]) if (key) delete key["remoteJidAlt"];
    expect(made).toEqual(expected);
  });
});

describe("WAHA's events have the shape of the fixtures", () => {
  test.each<[fixture: string, happening: Happening]>([
    ["message-text-lid-noweb", message(lid, text)],
    ["message-group-lid-noweb", message(inGroup, text)],
    ["message-ack-device-noweb", { kind: "ack", ref: ours, level: 2 }],
    [
      "message-reaction-add-noweb",
      { kind: "reaction", id: "3EB1", person, target: ours, emoji: "👍" },
    ],
    ["message-edited-noweb", { kind: "edit", id: "3EB2", target: theirs, text: "Olá!" }],
    ["presence-typing-noweb", { kind: "typing", person }],
  ])("%s", (fixture, happening) => {
    const recorded = fixtureBody(`waha/fixtures/events/${fixture}`);
    const act = wahaAct(cast, happening, now, createRandom(1));
    if (act.kind !== "event") throw new Error("not an event");
    expect(act.events).toContain(recorded["event"]);
    expect(shape(act.payload)).toEqual(shape(recorded["payload"]));
  });
});

/** What a gateway makes of a whole story. */
function understood(bodies: readonly Uint8Array[]): readonly EventDraft[] {
  return bodies.flatMap((bytes) => {
    const body = JSON.parse(Buffer.from(bytes).toString()) as Data;
    const provider = recognise(body);
    if (!provider) throw new Error("a body that nobody recognises");
    return provider.normalise(body, { receivedAt: now, bodyHash: "00" });
  });
}

const story = tellStory(cast, createRandom(2), { unpaired: true });
const happenings = Array.from({ length: 800 }, () => story.next().value);

test("a story told by Evolution is understood, and only bare LIDs have no phone", () => {
  const server = {
    destination: "http://r",
    dateTime: new Date(now).toISOString(),
    serverUrl: "http://evo",
  };
  const source = { name: number.name, token: null, owner: undefined };
  const bodies = happenings.flatMap(({ happening }) =>
    evolutionEvents(number, happening, now, createRandom(1)).map((event) =>
      evolutionBody(source, event, server),
    ),
  );
  expectUnderstood(understood(bodies));
});

test("a story told by WAHA is understood, and only bare LIDs have no phone", () => {
  const bodies = happenings.flatMap(({ happening }) => {
    const act = wahaAct(cast, happening, now, createRandom(1));
    const server = { version: "2026.2.1", workerId: "waha-1" };
    const events = act.kind === "event" ? act.events : ["session.status"];
    const payload =
      act.kind === "event" ? act.payload : { name: "clinica", status: act.status, statuses: [] };
    return events.map((event) =>
      wahaBody(
        { name: "clinica", me: null },
        { id: "evt_1", timestamp: now, event, payload },
        server,
      ),
    );
  });
  expectUnderstood(understood(bodies));
});

function expectUnderstood(drafts: readonly EventDraft[]): void {
  const types = new Set(drafts.map(({ type }) => type));
  for (const type of ["received", "sent", "acked", "reacted", "edited"] as const)
    expect(types).toContain(`message.${type}`);
  expect(types).toContain("instance.connection_changed");
  expect(types).toContain("instance.qr_updated");
  expect(types).not.toContain("provider.event");
  const bareLids = new Set(
    cast.people.filter(({ addressing }) => addressing === "lid_only").map((bare) => bare.lid),
  );
  for (const { type, contact, chat } of drafts) {
    if (type !== "message.received" || chat?.kind !== "person") continue;
    expect(contact?.phone === undefined).toBe(bareLids.has(contact?.jid ?? ""));
  }
}
