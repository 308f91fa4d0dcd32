import { connectionReasons } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { stateSentence } from "./state-sentence.ts";
import { heard, noTraffic, type HeardEvent } from "./traffic.ts";

const at = Date.UTC(2026, 2, 3, 10);

function event(type: string, change: Partial<HeardEvent> = {}): HeardEvent {
  const receivedAt = change.receivedAt ?? at;
  return { type, receivedAt, occurredAt: () => receivedAt - 1_000, recovered: false, ...change };
}

describe("the sentence about a number", () => {
  it("explains every reason in both languages, each in its own words", () => {
    const said = connectionReasons.map((reason) => stateSentence({ state: "close", reason }));
    for (const language of ["en", "pt"] as const) {
      expect(new Set(said.map((sentence) => sentence[language])).size).toBe(said.length);
    }
    expect(stateSentence({ state: "close", reason: "banned" }).pt).toMatch(/^Desconectado: número/);
  });

  it("says what contradicts the state", () => {
    expect(stateSentence({ state: "open", silentMinutes: 43 })).toEqual({
      en: "Connected: but no events for 43 min",
      pt: "Conectado: mas sem eventos há 43 min",
    });
    expect(stateSentence({ state: "open", isFrozen: true, silentMinutes: 43 }).pt).toMatch(
      /travado/,
    );
    expect(stateSentence({ state: "close", reason: "unknown", code: 999 }).en).toMatch(/\(999\)/);
    expect(stateSentence({ state: "open", stormChanges: 2_000 }).pt).toMatch(/2000 mudanças/);
  });

  it("says that nothing is known where nothing is", () => {
    expect(stateSentence({}).en).toBe("Nothing is known of this number yet");
  });
});

describe("what is heard of a number", () => {
  it("counts the minutes of an hour in which anything came, each once", () => {
    const traffic = noTraffic();
    for (const offset of [0, 1_000, 59_000, 60_000, 61_000, 600_000]) {
      heard(traffic, event("message.received", { receivedAt: at + offset }));
    }
    expect([traffic.hour, traffic.activeMinutes]).toEqual([at / 3_600_000, 3]);
  });

  it("takes what was fetched afterwards for no sign of life, and knows how far it reaches", () => {
    const traffic = noTraffic();
    heard(traffic, event("message.received", { recovered: true, occurredAt: () => at - 5 }));
    expect([traffic.eventAt, traffic.messageAt, traffic.newestMessageAt]).toEqual([0, 0, at - 5]);
  });

  it("does not believe a message from the future", () => {
    const traffic = noTraffic();
    heard(traffic, event("message.received", { occurredAt: () => at + 86_400_000 }));
    expect(traffic.newestMessageAt).toBe(0);
  });

  it("notes messages to people that nothing followed, and forgets them at any sign of life", () => {
    const traffic = noTraffic();
    for (const phone of ["1", "2", "2", "3"]) {
      heard(traffic, event("message.sent", { chatId: `55119000${phone}@s.whatsapp.net` }));
    }
    heard(traffic, event("message.sent", { chatId: "120363000000000000@g.us" }));
    expect(traffic.unanswered?.chats.size).toBe(3);
    heard(traffic, event("presence.updated"));
    expect(traffic.unanswered).toBeUndefined();
  });
});
