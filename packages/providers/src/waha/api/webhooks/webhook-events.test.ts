import { WahaWebhookEvent } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { recordedCall } from "../../testing/recorded-answer.ts";
import {
  chooseWahaEvents,
  isVersionFrom,
  narrowToValid,
  validNamesIn,
  wahaEventsOf,
} from "./webhook-events.ts";

const refusal = JSON.stringify(recordedCall("err-400-webhook-unknown-event").response.body);
const recordedNames = validNamesIn(refusal) ?? [];

describe("the events of a version", () => {
  it("2026.2.1 are those that it named itself", () => {
    expect(["*", ...wahaEventsOf("2026.2.1")].toSorted()).toEqual(recordedNames.toSorted());
  });

  it("older ones lack what came later, newer ones have it", () => {
    const old = wahaEventsOf("2024.10.8");
    for (const later of ["group.v2.join", "message.edited", "message.ack.group"]) {
      expect(old).not.toContain(later);
      expect(wahaEventsOf("2026.7.1")).toContain(later);
    }
    expect(wahaEventsOf("2025.6.3")).toContain("message.edited");
    expect(wahaEventsOf("2025.6.2")).not.toContain("message.edited");
    expect(wahaEventsOf("2026.7.1")).not.toContain("group.v2.participants.join-request");
    expect(wahaEventsOf()).toContain("group.v2.participants.join-request");
  });

  it("an unreadable version is taken for a new one", () => {
    for (const version of ["latest", "", "dev-2", "v"]) {
      expect(wahaEventsOf(version)).toEqual(wahaEventsOf());
    }
    expect(isVersionFrom("v2026.10", "2026.9.1")).toBe(true);
    expect(isVersionFrom("2026.2.1-beta", "2026.2.1")).toBe(true);
    expect(isVersionFrom("2025.12.1", "2026.1")).toBe(false);
  });
});

describe("names in any spelling", () => {
  it("are all known", () => {
    for (const name of Object.values(WahaWebhookEvent)) {
      for (const spelling of [
        name,
        name.toUpperCase(),
        name.replaceAll(".", "_").toUpperCase(),
        name.replaceAll(".", "-"),
        ` ${name} `,
      ]) {
        expect(chooseWahaEvents([spelling])).toEqual({ events: [name], unknown: [] });
      }
    }
  });

  it("are left out, not guessed, when they are unknown", () => {
    const odd = ["message.sent", "", "MESSAGES_UPSERT", 5, null, { a: 1 }, undefined];
    const { events, unknown } = chooseWahaEvents(["message", ...odd]);
    expect(events).toEqual(["message"]);
    expect(unknown).toHaveLength(odd.length);
  });
});

describe("a refusal that names the valid events", () => {
  it("is read out of one or many complaints, whole or cut", () => {
    expect(recordedNames).toContain("engine.event");
    expect(recordedNames).toHaveLength(31);
    const two = JSON.stringify(recordedCall("err-400-webhook-no-events").response.body);
    expect(validNamesIn(two)).toEqual(recordedNames);
    const cut = validNamesIn(`${refusal.slice(0, 200)}…`) ?? [];
    expect(cut.every((name) => recordedNames.includes(name))).toBe(true);
    expect(
      validNamesIn('{"message":["config.webhooks.0.url must be a URL address"]}'),
    ).toBeUndefined();
  });

  it("leaves what the server knows", () => {
    expect(narrowToValid(["message", "a.new.one"], recordedNames)).toEqual({
      events: ["message"],
      unknown: ["a.new.one"],
    });
  });

  it("spells everything out where the server has no name for everything", () => {
    const valid = ["message", "message.ack", "state.change", "engine.event"];
    expect(narrowToValid(["*", "engine.event"], valid)).toEqual({
      events: ["message", "message.ack", "engine.event"],
      unknown: [],
    });
  });
});
