import { describe, expect, it } from "vitest";
import { eventDataSchemas } from "@recado/protocol";
import { chatAt, parseJid } from "../jid.ts";
import { describeDraft } from "./testing/describe-draft.ts";
import { eventExpectations, zooExpectations } from "./testing/expectations.ts";
import {
  draftsOf,
  hashOf,
  recordedEvents,
  reportedRequests,
  type Fixture,
} from "./testing/fixture.ts";
import { waha } from "./index.ts";

/** Expected lines by fixture name. */
function byName(table: string): ReadonlyMap<string, readonly string[]> {
  const lines = table.split("\n").map((line) => line.trim());
  return Map.groupBy(
    lines.filter((line) => line !== ""),
    (line) => line.split(" | ", 1)[0] ?? "",
  );
}

function described({ name, text }: Fixture): readonly string[] {
  return draftsOf(text).map((draft) => describeDraft(name, draft, hashOf(text)));
}

const suites = [
  ["recorded webhooks", recordedEvents(), byName(eventExpectations)],
  ["reported situations", reportedRequests(), byName(zooExpectations)],
] as const;

describe.each(suites)("%s", (_suite, fixtures, expected) => {
  it("has an expectation for every fixture, and a fixture for every expectation", () => {
    expect([...expected.keys()].toSorted()).toEqual(fixtures.map(({ name }) => name).toSorted());
  });

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))(
    "%s means what its note says",
    (name, fixture) => {
      expect(described(fixture)).toEqual(expected.get(name));
    },
  );

  it.each(fixtures.map((fixture) => [fixture.name, fixture] as const))(
    "%s gives drafts that fit the vocabulary",
    (_name, fixture) => {
      for (const draft of draftsOf(fixture.text)) {
        expect(eventDataSchemas[draft.type].strict().safeParse(draft.data).error).toBeUndefined();
        if (draft.chat !== undefined) expect(draft.chat).toEqual(chatAt(parseJid(draft.chat.id)!));
      }
    },
  );
});

describe("a phone", () => {
  it("is never there unless the body itself writes it as a phone address", () => {
    for (const { name, text } of [...recordedEvents(), ...reportedRequests()]) {
      for (const { contact } of draftsOf(text)) {
        if (contact?.phone === undefined) continue;
        const written = [
          `${contact.phone}@c.us`,
          `${contact.phone}@s.whatsapp.net`,
          `${contact.phone}:`,
        ];
        expect(
          written.some((address) => text.includes(address)),
          name,
        ).toBe(true);
      }
    }
  });
});

describe("WAHA's envelope", () => {
  it("is recognised in every recorded webhook", () => {
    for (const { name, body } of recordedEvents()) expect(waha.recognises(body), name).toBe(true);
  });
});
