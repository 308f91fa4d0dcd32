import fc from "fast-check";
import { connectionReasons, type RecadoEvent } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { newsOf, type PairingNews } from "./pairing-news.ts";
import { newsOfOffer } from "./offer-news.ts";
import { nextPairing, noPairing, type PairingState } from "./pairing-state.ts";
import { pairingSentence } from "./pairing-words.ts";

const start = 1_800_000_000_000;

/** What is left after news, each heard `s` seconds after the start. */
function after(
  provider: "evolution" | "waha",
  ...heard: readonly (readonly [s: number, news: PairingNews])[]
): PairingState {
  let state = noPairing;
  for (const [s, news] of heard) state = nextPairing(state, news, provider, start + s * 1_000);
  return state;
}

const asked: PairingNews = { kind: "asked" };
const code = (qr: string): PairingNews => ({ kind: "code", qr });
const says = (
  state: "open" | "connecting" | "close",
  providerState: string = state,
  reason?: (typeof connectionReasons)[number],
): PairingNews => ({ kind: "connection", state, providerState, ...(reason ? { reason } : {}) });

describe("a pairing", () => {
  it("with Evolution goes from asking over codes and the scan to connected", () => {
    const heard = [
      [0, asked],
      [1, says("connecting")],
      [2, code("A")],
      [47, code("B")],
    ] as const;
    expect(after("evolution", ...heard)).toMatchObject({
      stage: "code",
      attempts: 2,
      code: { qr: "B", attemptsLeft: 28, expiresAt: start + 92_000 },
    });
    expect(after("evolution", ...heard, [60, says("connecting")]).stage).toBe("connecting");
    const account = { jid: "5511900000102@s.whatsapp.net", phone: "5511900000102" };
    const open = { kind: "connection", state: "open", providerState: "open", account } as const;
    expect(after("evolution", ...heard, [60, says("connecting")], [63, open])).toEqual({
      stage: "connected",
      since: start + 63_000,
      attempts: 2,
      account,
    });
  });

  it("with WAHA shows its first code for 60 s and the others for 20 s", () => {
    const first = after(
      "waha",
      [0, asked],
      [3, says("connecting", "SCAN_QR_CODE")],
      [3, { kind: "code_due" }],
      [4, code("A")],
    );
    expect(first.code).toEqual({ qr: "A", attemptsLeft: 5, expiresAt: start + 64_000 });
    const second = nextPairing(first, code("B"), "waha", start + 63_000);
    expect(second.code).toEqual({ qr: "B", attemptsLeft: 4, expiresAt: start + 83_000 });
    const scanned = nextPairing(second, says("connecting", "STARTING"), "waha", start + 70_000);
    expect(scanned.stage).toBe("connecting");
  });

  it("counts a code that is said twice once", () => {
    const state = after("waha", [0, code("A")]);
    for (const again of [code("A"), { kind: "code_due" }, says("connecting", "SCAN_QR_CODE")]) {
      expect(nextPairing(state, again as PairingNews, "waha", start + 1_000)).toBe(state);
    }
  });

  it("keeps the code to type while the code to scan is renewed, and forgets both at the end", () => {
    const typed: PairingNews = { kind: "code", pairingCode: "ABCD-1234" };
    const heard = [
      [0, code("A")],
      [1, typed],
      [60, code("B")],
    ] as const;
    expect(after("waha", ...heard)).toMatchObject({ pairingCode: "ABCD-1234", attempts: 2 });
    for (const end of [
      says("open", "WORKING"),
      says("close", "FAILED", "failed"),
      { kind: "codes_over" } as const,
      says("connecting", "STARTING"),
    ]) {
      const state = after("waha", ...heard, [61, end]);
      expect([state.code, state.pairingCode]).toEqual([undefined, undefined]);
    }
  });

  it("that connects again because a code was too old was not scanned", () => {
    expect(after("evolution", [0, code("A")], [46, says("connecting")]).stage).toBe("waiting");
    expect(
      after("evolution", [0, code("A")], [10, says("close", "close", "timed_out")]).stage,
    ).toBe("waiting");
  });

  it("does not take a late word about its beginning for a scan", () => {
    const state = after("evolution", [0, asked], [2, code("A")]);
    expect(nextPairing(state, says("connecting"), "evolution", start + 2_500)).toBe(state);
  });

  it("goes on over the restart that follows a scan, which 2.2 calls closed", () => {
    const scanned = after(
      "evolution",
      [0, code("A")],
      [5, says("close", "close", "restart_required")],
    );
    expect(scanned.stage).toBe("connecting");
  });

  it.each([
    ["banned", "failed"],
    ["logged_out", "failed"],
    ["replaced", "failed"],
    ["bad_session", "failed"],
    ["qr_limit", "expired"],
  ] as const)("that ends because of %s is %s and says so", (reason, stage) => {
    const state = after("evolution", [0, code("A")], [5, says("close", "close", reason)]);
    expect([state.stage, state.reason]).toEqual([stage, reason]);
    expect(
      after("evolution", [0, code("A")], [5, says("close", "close", reason)], [6, asked]),
    ).toEqual({ stage: "waiting", since: start + 6_000, attempts: 0 });
  });

  it("that WAHA ends without a reason, when its last code was over, has expired", () => {
    const failed = says("close", "FAILED", "failed");
    expect(after("waha", [0, code("A")], [59, failed]).stage).toBe("expired");
    expect(after("waha", [0, code("A")], [20, failed])).toMatchObject({ stage: "failed" });
  });

  it("survives the stop that comes before a start", () => {
    expect(after("waha", [0, asked], [1, says("close", "STOPPED", "stopped")]).stage).toBe(
      "waiting",
    );
    expect(after("waha", [0, asked], [20, says("close", "STOPPED", "stopped")])).toMatchObject({
      stage: "failed",
      reason: "stopped",
    });
  });

  it("does not begin because a connected number connects again", () => {
    const state = after("waha", [0, says("open", "WORKING")]);
    expect(nextPairing(state, says("connecting", "STARTING"), "waha", start)).toBe(state);
  });

  it("asks for a passkey in words instead of waiting for ever", () => {
    const state = after("waha", [0, code("A")], [5, says("connecting", "PASSKEY_REQUIRED")]);
    expect(state).toMatchObject({ stage: "failed", reason: "passkey_required" });
    expect(pairingSentence(state.stage, state.reason).pt).toContain("chave de acesso");
  });
});

const anyNews: fc.Arbitrary<PairingNews> = fc.oneof(
  fc.constantFrom<PairingNews>(
    asked,
    { kind: "code_due" },
    { kind: "codes_over" },
    { kind: "removed" },
  ),
  fc.record(
    {
      kind: fc.constant("code" as const),
      qr: fc.constantFrom("A", "B"),
      image: fc.constantFrom("data:image/png;base64,AA"),
      pairingCode: fc.constant("ABCD-1234"),
      attempt: fc.integer({ min: 1, max: 40 }),
    },
    { requiredKeys: ["kind"] },
  ),
  fc.record(
    {
      kind: fc.constant("connection" as const),
      state: fc.constantFrom("open" as const, "connecting" as const, "close" as const),
      providerState: fc.constantFrom("open", "STARTING", "SCAN_QR_CODE", "FAILED", "new word"),
      reason: fc.constantFrom(...connectionReasons),
    },
    { requiredKeys: ["kind", "state", "providerState"] },
  ),
);

describe("whatever is heard in whatever order", () => {
  it("can be shown, holds a code only to be scanned, and said again changes nothing", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("evolution" as const, "waha" as const),
        fc.array(fc.tuple(anyNews, fc.integer({ min: 0, max: 90_000 })), { maxLength: 30 }),
        (provider, heard) => {
          let state = noPairing;
          let now = start;
          for (const [news, ms] of heard) {
            now += ms;
            state = nextPairing(state, news, provider, now);
            if (state.code !== undefined) expect(state.stage).toBe("code");
            if (state.stage === "expired" || state.stage === "failed")
              expect(state.reason).toBeDefined();
            expect(pairingSentence(state.stage, state.reason).en).not.toBe("");
            if (news.kind !== "connection" && news.kind !== "asked")
              expect(nextPairing(state, news, provider, now)).toBe(state);
          }
        },
      ),
    );
  });
});

describe("what providers say", () => {
  const event = (type: string, data: object): RecadoEvent =>
    ({ type, data, instance: { id: "i", name: "n", provider: "waha" } }) as unknown as RecadoEvent;

  it("without a code means that one is due", () => {
    for (const data of [{}, { qr: "" }, { base64: "" }, { qr: "", pairingCode: "" }])
      expect(newsOf(event("instance.qr_updated", data))).toEqual({ kind: "code_due" });
  });

  it.each([
    "data:image/svg+xml;base64,PHN2Zz4=",
    "data:text/html,<script>",
    'data:image/png;base64,AA" onload="x',
    "https://tracker.example/x.png",
    `data:image/png;base64,${"A".repeat(400_000)}`,
  ])("as a picture is shown only when it is one: not %.40s", (base64) => {
    expect(newsOf(event("instance.qr_updated", { base64 }))).toEqual({ kind: "code_due" });
    expect(newsOfOffer({ state: "connecting", providerState: "x", base64 })).toEqual([
      { kind: "connection", state: "connecting", providerState: "x" },
    ]);
  });

  it("about anything else is no news", () => {
    expect(newsOf(event("message.received", {}))).toBeUndefined();
  });
});
