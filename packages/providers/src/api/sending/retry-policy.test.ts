import { expect, test } from "vitest";
import { retryAfterMsOf } from "./retry-policy.ts";

const now = Date.UTC(2026, 10, 25, 3, 59);

test.each([
  ["5", 5_000],
  [" 7.5 ", 7_500],
  ["5, 7", 5_000],
  ["Wed, 25 Nov 2026 04:00:00 GMT", 60_000],
  ["Wednesday, 25-Nov-26 04:00:00 GMT", 60_000],
  ["2026-11-25T01:00:00-03:00", 60_000],
  ["2026-11-25T04:00:00.000Z", 60_000],
  ["Tue, 01 Jan 1980 00:00:00 GMT", 0],
])("retry-after %j is %j ms", (header, ms) => {
  expect(retryAfterMsOf(header, now)).toBe(ms);
});

// A time without a zone would mean another moment on every machine; "-5" is a date to JavaScript.
test.each([undefined, "", "-5", "soon", "1e3", "Infinity", "2026-11-25T04:00:00", "May 5"])(
  "retry-after %j says nothing",
  (header) => {
    expect(retryAfterMsOf(header, now)).toBeUndefined();
  },
);
