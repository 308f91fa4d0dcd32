import { describe, expect, it } from "vitest";
import { createRandom, type Random } from "@recado/simulator";
import { learnHour, noRhythm, rhythmFrom, type Rhythm } from "./rhythm.ts";
import { silenceOf } from "./silence-rule.ts";

const hourMs = 3_600_000;
const minuteMs = 60_000;
const weekHours = 168;
const monday = Date.UTC(2026, 0, 5);
const firstHour = monday / hourMs;

type Shape = (hour: number) => number;

/** Messages an hour: a shop that is open from 8 to 20, quieter on Saturday, shut on Sunday, still at night. */
function shop(perHour: number): Shape {
  return (hour) => {
    const ofDay = hour % 24;
    const day = Math.floor((hour - firstHour) / 24) % 7;
    if (ofDay < 8 || ofDay >= 20 || day === 6) return perHour / 200;
    return day === 5 ? perHour / 4 : perHour;
  };
}

/** Poisson arrivals by the shape, as times. */
function* arrivals(shape: Shape, from: number, until: number, random: Random): Generator<number> {
  const peak = Math.max(...Array.from({ length: weekHours }, (_, i) => shape(firstHour + i)));
  for (let at = from; ;) {
    at += (-Math.log(1 - random.next()) / peak) * hourMs;
    if (at >= until) return;
    if (random.next() < shape(Math.floor(at / hourMs)) / peak) yield at;
  }
}

interface Listener {
  rhythm: Rhythm;
  last: number;
  alarms: number;
}

/** Lives through `weeks`, looking every 5 minutes; alarms count once per silence, from week `judgedFrom` on. */
function live(shape: Shape, weeks: number, random: Random, judgedFrom = 0): Listener {
  const end = monday + weeks * weekHours * hourMs;
  const coming = arrivals(shape, monday, end, random);
  const state: Listener = { rhythm: noRhythm, last: monday, alarms: 0 };
  let next = coming.next();
  let alarmed = false;
  for (let hour = firstHour; hour < end / hourMs; hour++) {
    const minutes = new Set<number>();
    for (let at = hour * hourMs; at < (hour + 1) * hourMs; at += 5 * minuteMs) {
      while (!next.done && next.value < at + 5 * minuteMs) {
        minutes.add(Math.floor(next.value / minuteMs));
        state.last = next.value;
        alarmed = false;
        next = coming.next();
      }
      const judged = hour >= firstHour + judgedFrom * weekHours;
      if (alarmed || !judged) continue;
      alarmed = silenceOf(state.rhythm, state.last, at + 5 * minuteMs).level !== "usual";
      if (alarmed) state.alarms++;
    }
    state.rhythm = learnHour(state.rhythm, hour, minutes.size);
  }
  return state;
}

const seed = "silence";

describe("the rule of silence", () => {
  it.each([0.5, 3, 20, 120, 900])(
    "hardly ever suspects a shop with %d messages an hour that goes on as ever",
    (perHour) => {
      const weeks = 12;
      const { alarms } = live(shop(perHour), weeks, createRandom(`${seed} ${perHour}`));
      // One question a week would cost a provider nothing; a louder rule would be ignored by people.
      expect(alarms, `seed ${seed}`).toBeLessThanOrEqual(weeks / 2);
    },
  );

  it.each([
    [900, 20],
    [120, 25],
    [20, 60],
    [3, 8 * 60],
  ])(
    "suspects a shop of %d messages an hour within %d open minutes of its last one",
    (perHour, bound) => {
      const { rhythm } = live(shop(perHour), 6, createRandom(`${seed} stop ${perHour}`));
      const stopped = monday + 6 * weekHours * hourMs + 9 * hourMs;
      expect(silenceOf(rhythm, stopped, stopped + bound * minuteMs).level, `seed ${seed}`).not.toBe(
        "usual",
      );
    },
  );

  it("takes a quiet night and a shut Sunday for what they are", () => {
    const { rhythm } = live(shop(120), 4, createRandom(`${seed} night`));
    const sunday = monday + 4 * weekHours * hourMs + 6 * 24 * hourMs;
    expect(silenceOf(rhythm, sunday + 9 * hourMs, sunday + 13 * hourMs).level).toBe("usual");
    expect(silenceOf(rhythm, monday + hourMs, monday + 5 * hourMs).level).toBe("usual");
  });

  it("expects nothing of a new number, nor of an hour of the week that it has not seen", () => {
    const newcomer = live(shop(120), 0, createRandom(seed)).rhythm;
    expect(silenceOf(newcomer, monday, monday + 48 * hourMs).level).toBe("usual");
    const hour = firstHour + 10;
    const rhythm = learnHour(noRhythm, hour, 40);
    const nextWeek = (hour + weekHours) * hourMs;
    expect(silenceOf(rhythm, nextWeek, nextWeek + hourMs).level).toBe("beyond_doubt");
    const nextDay = (hour + 24) * hourMs;
    expect(silenceOf(rhythm, nextDay, nextDay + hourMs).level).toBe("usual");
  });

  it("never speaks of less than a quarter of an hour", () => {
    const { rhythm } = live(shop(3_000), 3, createRandom(`${seed} busy`));
    const at = monday + 3 * weekHours * hourMs + 10 * hourMs;
    expect(silenceOf(rhythm, at, at + 14 * minuteMs).level).toBe("usual");
    expect(silenceOf(rhythm, at, at + 15 * minuteMs).level).not.toBe("usual");
  });

  it("forgets a rhythm that is no longer true within weeks", () => {
    const busy = live(shop(120), 4, createRandom(`${seed} was busy`)).rhythm;
    let rhythm = busy;
    for (let hour = firstHour; hour < firstHour + 12 * weekHours; hour++) {
      rhythm = learnHour(rhythm, hour, 0);
    }
    expect(silenceOf(rhythm, monday + 9 * hourMs, monday + 19 * hourMs).level).toBe("usual");
  });

  it("is forgotten, not believed, when what was stored is not a rhythm", () => {
    for (const value of [undefined, null, 3, {}, { rate: [1], seen: [1] }, { rate: "x" }]) {
      expect(rhythmFrom(value)).toBe(noRhythm);
    }
    const { rhythm } = live(shop(20), 1, createRandom(seed));
    expect(rhythmFrom(JSON.parse(JSON.stringify(rhythm)))).toEqual(rhythm);
  });
});
