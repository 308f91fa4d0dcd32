import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  longestWaitMs,
  step,
  waitMs,
  type ConnectionState,
  type Happening,
} from "./connection-state.ts";
import { endReasons, type EndReasonCode } from "./ending.ts";

const closed = { reason: "closed" } as const;
const reasons = Object.keys(endReasons) as EndReasonCode[];

/** The state after each happening, a second apart, and what was to be done. */
function run(happenings: readonly Happening[], random = 0.5, stepMs = 1_000) {
  let state: ConnectionState = { kind: "disconnected", since: 0 };
  const actions: string[] = [];
  let now = 0;
  for (const happening of happenings) {
    now += stepMs;
    const next = step(state, happening, now, random);
    state = next.state;
    if (next.action) actions.push(next.action.kind);
  }
  return { state, actions, now };
}

const wanted: Happening = { kind: "wanted" };
const due: Happening = { kind: "due" };
const opened: Happening = { kind: "opened" };
const ended: Happening = { kind: "ended", ending: closed };
const unwanted: Happening = { kind: "unwanted" };

describe("a connection", () => {
  test("is tried, made, lost, waited for, and tried again", () => {
    const { state, actions } = run([wanted, opened, ended, due, opened]);
    expect(actions).toEqual(["connect", "wait", "connect"]);
    expect(state).toEqual({
      kind: "live",
      since: 5_000,
      attempts: 1,
      downSince: 3_000,
      ending: closed,
    });
  });

  test("remembers since when nothing comes, over any number of failed tries", () => {
    const { state } = run([wanted, opened, ended, due, ended, due, ended]);
    expect(state).toMatchObject({ kind: "waiting", downSince: 3_000, attempts: 3 });
  });

  test("that was never made has nothing to remember", () => {
    expect(run([wanted, ended]).state).not.toHaveProperty("downSince");
  });

  test("that breaks at once counts as a failed try, one that lasted does not", () => {
    const flapping = [wanted, opened, ended, due, opened, ended, due, opened, ended];
    expect(run(flapping).state).toMatchObject({ attempts: 3 });
    expect(run(flapping, 0.5, 60_000).state).toMatchObject({ attempts: 1 });
  });

  test("that is not wanted any more is closed, whatever it was doing", () => {
    for (const before of [[wanted], [wanted, opened], [wanted, ended], []]) {
      const { state, actions } = run([...before, unwanted]);
      expect(state.kind).toBe("disconnected");
      expect(actions.at(-1)).toBe("close");
    }
  });

  test("goes on for ever: whatever happens while it is wanted, something is under way", () => {
    const happening = fc.oneof(
      fc.constantFrom<Happening>(wanted, due, opened),
      fc
        .constantFrom(...reasons)
        .map((reason): Happening => ({ kind: "ended", ending: { reason } })),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let state: ConnectionState = { kind: "disconnected", since: 0 };
        let isWaiting = false;
        for (const one of [wanted, ...happenings]) {
          const next = step(state, one, 1, 0.3);
          if (next.action?.kind === "wait") isWaiting = true;
          if (one.kind === "due" && state.kind === "waiting") isWaiting = false;
          state = next.state;
          expect(state.kind).not.toBe("disconnected");
          expect(state.kind === "waiting").toBe(isWaiting);
        }
      }),
    );
  });
});

describe("a wait", () => {
  const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test("is drawn from the whole of a limit that grows to 30 seconds and no further", () => {
    const passing = reasons.filter((reason) => !endReasons[reason].standing);
    fc.assert(
      fc.property(
        fc.constantFrom(...passing),
        fc.nat(10_000),
        draws,
        (reason, attempts, random) => {
          const ms = waitMs({ reason }, attempts, random);
          expect(ms).toBeGreaterThanOrEqual(200);
          expect(ms).toBeLessThanOrEqual(longestWaitMs);
        },
      ),
    );
    expect(waitMs(closed, 1, 0.999)).toBeLessThanOrEqual(1_000);
    expect(waitMs(closed, 50, 0.999)).toBeGreaterThan(29_000);
    expect(waitMs(closed, 50, 0.001)).toBeLessThan(1_000);
  });

  test("is long where a person has to act first, and never longer than five minutes", () => {
    const standing = reasons.filter((reason) => endReasons[reason].standing);
    expect(standing).toContain("key_refused");
    fc.assert(
      fc.property(
        fc.constantFrom(...standing),
        fc.nat(10_000),
        draws,
        (reason, attempts, random) => {
          const ms = waitMs({ reason }, attempts, random);
          expect(ms).toBeGreaterThanOrEqual(longestWaitMs);
          expect(ms).toBeLessThanOrEqual(300_000);
        },
      ),
    );
  });
});
