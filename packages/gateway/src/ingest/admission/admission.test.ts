import type { EventDraft } from "@recado/providers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Admission } from "./admission.ts";
import { RateLimit } from "./rate-limit.ts";

let made = 0;
function draft(type: string, data: object = {}): EventDraft {
  made += 1;
  return { type, identity: { key: `key ${made}` }, data } as EventDraft;
}

const presence = (): EventDraft => draft("presence.updated", { presences: [] });
const message = (): EventDraft => draft("message.received", { messageId: `M${made}` });

function isStored(
  admission: Admission,
  drafts: readonly EventDraft[],
  now: number,
  instance = "ins_1",
): boolean {
  const verdict = admission.judge("acme", instance, drafts, now);
  if (verdict?.kind === "store") verdict.telling.settle(true);
  return verdict?.kind !== "not stored";
}

describe("admission", () => {
  it("I1 stores messages and all that is no noise whatever the rates, also beside noise in one webhook", () => {
    const admission = new Admission({ perInstance: 1, perTenant: 1 });
    for (let i = 0; i < 100; i += 1) expect(isStored(admission, [message()], 0)).toBe(true);
    expect(isStored(admission, [presence()], 0)).toBe(false);
    expect(isStored(admission, [presence(), message()], 0)).toBe(true);
    expect(isStored(admission, [draft("instance.qr_updated")], 0)).toBe(true);
    expect(isStored(admission, [draft("provider.event")], 0)).toBe(true);
    expect(isStored(admission, [], 0)).toBe(true);
  });

  it("I2 sheds presence above the rate and counts it for its number", () => {
    const admission = new Admission({ perInstance: 10, perTenant: 0 });
    const before = Array.from({ length: 50 }, () => isStored(admission, [presence()], 0));
    expect(before.filter(Boolean)).toHaveLength(20);
    expect(isStored(admission, [presence()], 99)).toBe(false);
    expect(isStored(admission, [presence()], 200)).toBe(true);
    expect(isStored(admission, [presence()], 0, "ins_2")).toBe(true);
    expect(admission.notStored("ins_1")).toEqual({ coalesced: 0, shed: 31 });
    expect(admission.notStored("ins_2")).toEqual({ coalesced: 0, shed: 0 });
  });

  it("gives presence no room that messages have used up, and none of another tenant", () => {
    const admission = new Admission({ perInstance: 0, perTenant: 5 });
    for (let i = 0; i < 10; i += 1) isStored(admission, [message()], 0, `ins_${i}`);
    expect(isStored(admission, [presence()], 0, "ins_11")).toBe(false);
    expect(admission.judge("other", "ins_12", [presence()], 0)).toBeUndefined();
  });

  it("a change of state is stored however much arrives, and tells of its repeats", () => {
    const admission = new Admission({ perInstance: 1, perTenant: 1 });
    const state = (word: string): readonly EventDraft[] => [
      draft("instance.connection_changed", { state: word, providerState: word }),
    ];
    expect(isStored(admission, state("connecting"), 0)).toBe(true);
    for (let i = 1; i <= 36; i += 1)
      expect(isStored(admission, state("connecting"), i)).toBe(false);
    const verdict = admission.judge("acme", "ins_1", state("open"), 50);
    if (verdict?.kind !== "store") throw new Error("a change is stored");
    expect(verdict.drafts[0]?.data).toEqual({
      state: "open",
      providerState: "open",
      repeated: 36,
    });
    expect(admission.notStored("ins_1")).toEqual({ coalesced: 36, shed: 0 });
  });

  it("another reason, another account or another detail is another state", () => {
    const admission = new Admission({ perInstance: 0, perTenant: 0 });
    const close = { state: "close", providerState: "close" };
    const states = [
      close,
      { ...close, reason: "replaced", reasonCode: 440 },
      { ...close, reason: "connection_lost", reasonCode: 428 },
      { ...close, reason: "connection_lost", reasonCode: 428, detail: "more" },
    ];
    for (const data of states) {
      expect(isStored(admission, [draft("instance.connection_changed", data)], 0)).toBe(true);
    }
  });

  it("does not fold a state that comes with a code to pair with", () => {
    const admission = new Admission({ perInstance: 0, perTenant: 0 });
    const waiting = (): readonly EventDraft[] => [
      draft("instance.connection_changed", { state: "connecting", providerState: "SCAN_QR_CODE" }),
      draft("instance.qr_updated"),
    ];
    expect([0, 1, 2].map((now) => isStored(admission, waiting(), now))).toEqual([true, true, true]);
  });
});

describe("a rate limit", () => {
  it.each([
    [
      "a state that comes with a code to pair with",
      () => [
        draft("instance.connection_changed", {
          state: "connecting",
          providerState: "SCAN_QR_CODE",
        }),
        draft("instance.status_changed", { status: "connecting", providerStatus: "SCAN_QR_CODE" }),
        draft("instance.qr_updated"),
      ],
    ],
    ["a logout", () => [draft("instance.logged_out")]],
    ["the end of the codes", () => [draft("instance.qr_expired", { reason: "qr_limit" })]],
  ])(
    "stores a state again that %s separates from the same one, however much arrives",
    (_, between) => {
      const admission = new Admission({ perInstance: 1, perTenant: 1 });
      const both = (): readonly EventDraft[] => [
        draft("instance.connection_changed", { state: "open", providerState: "WORKING" }),
        draft("instance.status_changed", { status: "open", providerStatus: "WORKING" }),
      ];
      const status = (): readonly EventDraft[] => [
        draft("instance.status_changed", { status: "open" }),
      ];
      expect(isStored(admission, both(), 0)).toBe(true);
      expect(isStored(admission, both(), 1)).toBe(false);
      expect(isStored(admission, status(), 1)).toBe(true);
      expect(isStored(admission, between(), 2)).toBe(true);
      expect(isStored(admission, both(), 3)).toBe(true);
      expect(isStored(admission, status(), 3)).toBe(true);
      expect(isStored(admission, [draft("instance.qr_updated")], 4)).toBe(true);
      expect(isStored(admission, both(), 5)).toBe(false);
    },
  );

  it("lets through its rate and two seconds of it at once, for any arrivals", () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), arrivals, (perSecond, gaps) => {
        const limit = new RateLimit(perSecond);
        let now = 5;
        let through = 0;
        for (const gap of gaps) {
          now += gap;
          if (!limit.hasRoom("a", now)) continue;
          limit.spend("a", now);
          through += 1;
        }
        expect(through).toBeLessThanOrEqual(
          2 * perSecond + ((now - 5) * perSecond) / 1_000 + 0.001,
        );
      }),
    );
  });

  it("remembers so many keys and no more", () => {
    const limit = new RateLimit(1, 2);
    for (const key of ["a", "a", "b", "c"]) limit.spend(key, 0);
    expect(["b", "a"].map((key) => limit.hasRoom(key, 0))).toEqual([true, true]);
  });
});
