import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateRuns, type Telling } from "./state-runs.ts";

const track = "ins_1 instance.connection_changed";
let made = 0;

function told(fact: string, isOverRate = false): Parameters<StateRuns["tell"]>[1] {
  made += 1;
  return { fact, identityKey: `key ${made}`, isOverRate };
}

function stored(runs: StateRuns, fact: string, now: number): number | undefined {
  const telling = runs.tell(track, told(fact), now);
  telling?.settle(true);
  return telling?.repeated;
}

describe("runs of a state", () => {
  it("store the first, fold what follows within ten seconds, and tell how many", () => {
    const runs = new StateRuns();
    expect(stored(runs, "connecting", 0)).toBe(0);
    for (let now = 28; now < 10_000; now += 28) {
      expect(stored(runs, "connecting", now)).toBeUndefined();
    }
    expect(stored(runs, "connecting", 10_000)).toBe(357);
    expect(stored(runs, "connecting", 10_028)).toBeUndefined();
    expect(stored(runs, "open", 10_056)).toBe(1);
  });

  it("go on without end while more arrives than the number may send", () => {
    const runs = new StateRuns();
    stored(runs, "connecting", 0);
    expect(runs.tell(track, told("connecting", true), 3_600_000)).toBeUndefined();
    expect(runs.tell(track, told("open", true), 3_600_001)?.repeated).toBe(1);
  });

  it("leave a copy with the same identity to the log", () => {
    const runs = new StateRuns();
    const state = told("close");
    runs.tell(track, state, 0)?.settle(true);
    expect(runs.tell(track, state, 1)).toBeDefined();
    expect(stored(runs, "close", 2)).toBeUndefined();
  });

  it("end where the gateway found something out by itself", () => {
    const runs = new StateRuns();
    stored(runs, "open", 0);
    runs.forget(track);
    expect(stored(runs, "open", 1)).toBe(0);
  });

  it("of many numbers do not mix, and what is forgotten is only stored once more", () => {
    const runs = new StateRuns(2);
    for (const number of ["a", "b", "c"]) runs.tell(number, told("open"), 0)?.settle(true);
    expect(runs.tell("a", told("open"), 1)).toBeDefined();
    expect(runs.tell("c", told("open"), 1)).toBeUndefined();
  });

  it("I1 I2 fold only what equals the last that is stored, and lose no count, in every order of arrivals and answers", () => {
    const steps = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom("connecting", "open", "close") },
        { weight: 2, arbitrary: fc.constantFrom("stored", "failed", "forget") },
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const runs = new StateRuns();
        /** In order of arrival; the log keeps it. */
        const admitted: { fact: string; telling: Telling; outcome?: boolean }[] = [];
        let folds = 0;
        let news = false;
        for (const step of list) {
          if (step === "forget") {
            runs.forget(track);
            news = true;
          } else if (step === "stored" || step === "failed") {
            const next = admitted.find(({ outcome }) => outcome === undefined);
            if (next === undefined) continue;
            next.outcome = step === "stored";
            next.telling.settle(next.outcome);
          } else {
            const telling = runs.tell(track, told(step), 1);
            if (telling !== undefined) {
              admitted.push({ fact: step, telling });
              news = false;
              continue;
            }
            folds += 1;
            const last = admitted.findLast(({ outcome }) => outcome !== false);
            expect([last?.fact, last?.outcome, news]).toEqual([step, true, false]);
          }
        }
        for (const one of admitted) {
          if (one.outcome === undefined) one.telling.settle(true);
          one.outcome ??= true;
        }
        const counts = admitted
          .filter(({ outcome }) => outcome)
          .map(({ telling }) => telling.repeated);
        const rest = runs.tell(track, told("another"), 2)?.repeated ?? 0;
        expect(counts.reduce((sum, one) => sum + one, rest)).toBe(folds);
      }),
    );
  });
});
