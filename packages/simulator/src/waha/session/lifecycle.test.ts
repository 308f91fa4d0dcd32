import { expect, test } from "vitest";
import type { Clock } from "../../clock.ts";
import { createRandom } from "../../random.ts";
import { createSession, enterStatus, type FakeWahaSession } from "./fake-session.ts";
import { createLifecycle } from "./lifecycle.ts";

const me = { id: "5511900000101@c.us" };

/** A clock that stands still until it is moved, and a lifecycle that is written down. */
function setUp(given: Omit<FakeWahaSession, "name">, connectAfterMs: number | "never" = 300) {
  let now = 0;
  let planned: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(ms, run) {
      const entry = { at: now + ms, run };
      planned.push(entry);
      return () => {
        planned = planned.filter((other) => other !== entry);
      };
    },
  };
  const log: [number, string][] = [];
  const codes: unknown[] = [];
  const session = createSession({ name: "loja", ...given }, now);
  const lifecycle = createLifecycle({
    clock,
    random: createRandom(1),
    connectAfterMs,
    reachable: () => true,
    announce(one, status) {
      enterStatus(one, status, now, "2026.2.1");
      log.push([now, status]);
    },
    tellState: (_session, state) => codes.push(state),
  });
  const moveTo = (until: number): void => {
    for (;;) {
      const next = planned.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      planned = planned.filter((entry) => entry !== next);
      now = next.at;
      next.run();
    }
    now = until;
  };
  return { session, lifecycle, log, codes, moveTo };
}

test("a start connects a paired session by itself", () => {
  const { session, lifecycle, log, moveTo } = setUp({ me, status: "STOPPED" });
  lifecycle.start(session);
  expect(session.me).toBe(null);
  moveTo(1_000_000);
  expect(log).toEqual([
    [0, "STARTING"],
    [300, "WORKING"],
  ]);
  expect(session.me).toEqual(me);
});

test("codes are renewed until the last, then the session fails", () => {
  const { session, lifecycle, log, codes, moveTo } = setUp({});
  lifecycle.start(session);
  moveTo(1_000_000);
  expect(log).toEqual([
    [0, "STARTING"],
    [300, "SCAN_QR_CODE"],
    ...[60, 80, 100, 120, 140].map((second) => [300 + second * 1_000, "SCAN_QR_CODE"]),
    [160_300, "FAILED"],
  ]);
  const shown = codes.flatMap((state) => (state as { qr?: string }).qr ?? []);
  expect(new Set(shown).size).toBe(6);
  expect(shown.every((code) => /^2@[^,]+(?:,[^,]{43}=){3}$/.test(code))).toBe(true);
  expect(session.qr).toBe(null);
});

test("a stop ends what was planned", () => {
  const { session, lifecycle, log, moveTo } = setUp({ me, status: "STOPPED" });
  lifecycle.start(session);
  lifecycle.stop(session);
  moveTo(1_000_000);
  expect(log.map(([, status]) => status)).toEqual(["STARTING", "STOPPED"]);
});

test("while WhatsApp cannot be reached it starts every two seconds, and fails after sixty", () => {
  const { session, lifecycle, log, moveTo } = setUp({ me });
  lifecycle.loop(session);
  moveTo(1_000_000);
  expect(log.length).toBe(61);
  expect(log.slice(0, 3)).toEqual([
    [0, "STARTING"],
    [2_000, "STARTING"],
    [4_000, "STARTING"],
  ]);
  expect(log.at(-1)).toEqual([120_000, "FAILED"]);
  expect(session.account).toEqual(me);
});

test("a loop ends when the connection is there again", () => {
  const { session, lifecycle, log, moveTo } = setUp({ me });
  lifecycle.loop(session);
  moveTo(5_000);
  lifecycle.connect(session);
  moveTo(1_000_000);
  expect(log.at(-1)).toEqual([5_000, "WORKING"]);
});

test("a scenario that connects by itself is not overtaken", () => {
  const { session, lifecycle, log, moveTo } = setUp({ me, status: "STOPPED" }, "never");
  lifecycle.start(session);
  moveTo(1_000_000);
  expect(log).toEqual([[0, "STARTING"]]);
  lifecycle.connect(session);
  expect(session.status).toBe("WORKING");
});
