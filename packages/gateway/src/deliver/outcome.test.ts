import { describe, expect, test } from "vitest";
import type { OutboundOutcome } from "../outbound/index.ts";
import { attemptOf, hintOf, nextState, unsentAttempt, type NextQuestion } from "./outcome.ts";

const timings = { dnsMs: 1, connectMs: 2, firstByteMs: 3, totalMs: 9 };

function answered(
  statusCode: number,
  change: Partial<Extract<OutboundOutcome, { kind: "answered" }>> = {},
): OutboundOutcome {
  return {
    kind: "answered",
    statusCode,
    headers: {},
    body: Buffer.from("ok"),
    truncated: false,
    remoteAddress: "1.2.3.4",
    timings,
    ...change,
  };
}

describe("what an answer means", () => {
  test.each([200, 201, 202, 204, 299])("%i is success", (status) =>
    expect(attemptOf(answered(status), 0)).toMatchObject({
      outcome: "succeeded",
      statusCode: status,
    }),
  );

  test.each([301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503])(
    "%i is failure",
    (status) =>
      expect(attemptOf(answered(status), 0)).toMatchObject({
        outcome: "failed",
        errorCode: "status",
        statusCode: status,
      }),
  );

  test("a 2xx whose body broke off is success and says so", () => {
    const outcome = answered(200, { truncated: true, bodyErrorCode: "connection_reset" });
    expect(attemptOf(outcome, 0)).toMatchObject({
      outcome: "succeeded",
      errorCode: "body_incomplete",
      responseTruncated: true,
    });
  });

  test("timings, address, body and duration are kept", () => {
    expect(attemptOf(answered(200), 77)).toEqual({
      startedAt: 77,
      durationMs: 9,
      timings: { dnsMs: 1, connectMs: 2, firstByteMs: 3 },
      outcome: "succeeded",
      statusCode: 200,
      remoteAddress: "1.2.3.4",
      responseBody: "ok",
    });
  });

  test("without an answer the error's word is kept", () => {
    const outcome: OutboundOutcome = {
      kind: "failed",
      errorCode: "dns_error",
      errorMessage: "the name cannot be resolved",
      timings: { totalMs: 4 },
    };
    expect(attemptOf(outcome, 0)).toMatchObject({ outcome: "failed", errorCode: "dns_error" });
    expect(hintOf(outcome, 0)).toBeUndefined();
  });
});

describe("what happens next", () => {
  const schedule = [1_000, 2_000];
  const ask = (change: Partial<NextQuestion>) =>
    nextState({
      attempt: attemptOf(answered(500), 0),
      attemptsBefore: 0,
      now: 10_000,
      random: 0,
      schedule,
      ...change,
    });

  test("success ends the delivery", () =>
    expect(ask({ attempt: attemptOf(answered(200), 0) })).toEqual({ kind: "succeeded" }));

  test("failure waits as the schedule says", () => {
    expect(ask({})).toEqual({ kind: "retry", dueAt: 11_000 });
    expect(ask({ attemptsBefore: 1 })).toEqual({ kind: "retry", dueAt: 12_000 });
  });

  test("failure after the last wait gives up", () =>
    expect(ask({ attemptsBefore: 2 })).toEqual({ kind: "exhausted" }));

  test("a hint of the receiver is honoured on any failed status", () => {
    const outcome = answered(503, { headers: { "retry-after": "60" } });
    const hintMs = hintOf(outcome, 10_000);
    expect(ask({ attempt: attemptOf(outcome, 0), hintMs })).toEqual({
      kind: "retry",
      dueAt: 70_000,
    });
  });

  test("410 asks for the endpoint to be disabled and leaves the delivery waiting", () =>
    expect(ask({ attempt: attemptOf(answered(410), 0) })).toMatchObject({ kind: "gone" }));

  test("an event that is no longer there is given up at once", () =>
    expect(ask({ attempt: unsentAttempt("payload_expired", "gone", 0) })).toEqual({
      kind: "exhausted",
    }));
});
