import { expect, test } from "vitest";
import { unknownConnection } from "./number/connection.ts";
import { newlyWatched, type WatchedNumber } from "./number/watched-number.ts";
import { countNumbers } from "./number-counts.ts";

const number = (change: Partial<WatchedNumber>): WatchedNumber => ({
  ...newlyWatched("acme", "ins_1"),
  ...change,
});
const connection = (state: "open" | "connecting" | "close") => ({ ...unknownConnection, state });
const incident = {
  kind: "silent",
  reason: "webhooks_lost",
  since: 1,
  foundAt: 2,
  evidence: {},
} as const;

test("each number is counted by its state, and once for each thing that is wrong with it", () => {
  const numbers = [
    number({}),
    number({ connection: connection("open"), probe: { at: 1, answer: "open" } }),
    number({ connection: connection("open"), gapFrom: 1, incident }),
    number({ connection: connection("open"), incident: { ...incident, kind: "frozen" } }),
    number({ connection: connection("close"), gapFrom: 1 }),
    number({ connection: connection("connecting"), probe: { at: 1, answer: "unreachable" } }),
  ];
  expect(countNumbers(numbers)).toEqual({
    states: { open: 3, connecting: 1, close: 1, unknown: 1 },
    incidents: { silent: 1, frozen: 1 },
    incomplete: 1,
    unanswered: 1,
  });
});
