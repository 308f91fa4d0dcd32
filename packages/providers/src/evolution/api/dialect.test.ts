import { describe, expect, test } from "vitest";
import { codeOfStatus } from "../../api/error-code.ts";
import { readAnswer } from "../../api/answer.ts";
import type { Judgement } from "../../api/index.ts";
import { recording, recordingNames } from "../testing/recordings.ts";
import { evolutionDialect } from "./dialect.ts";

function judge(status: number, body: unknown, call = "POST /x/:instance"): Judgement | undefined {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return evolutionDialect.judge(readAnswer({ status, headers: {}, body: Buffer.from(text) }), call);
}

/** What each recorded failure means, where it is not what its status says. */
const meanings: Readonly<Record<string, string>> = {
  "create-duplicate": "conflict",
  "logout-when-closed": "wrong_state",
  "restart-when-closed": "wrong_state",
  "route-unknown": "not_supported",
  "sendText-not-connected": "wrong_state",
  "webhook-delete-method": "not_supported",
  "webhook-set-no-events": "invalid_request",
  "websocket-set-no-events": "invalid_request",
};

test.each(recordingNames())("the recorded answer %s is understood", (name) => {
  const { request, response } = recording(name);
  const call = `${request.method} ${request.path.replace(/\/acme-sales$/, "/:instance")}`;
  const found = judge(response.status, response.body, call);
  const expected = meanings[name] ?? codeOfStatus(response.status);
  if (expected === undefined) {
    expect(found).toBeUndefined();
    return;
  }
  expect(found?.code ?? codeOfStatus(response.status)).toBe(expected);
  expect(found?.message).toMatch(/\S/);
  expect(found?.message).not.toContain("[object");
});

describe("words", () => {
  test.each([
    [{ response: { message: "a" } }, "a"],
    [{ response: { message: ["a", "b"] } }, "a; b"],
    [{ response: { message: [["a"], "b"] } }, "a; b"],
    [
      { response: { message: [{ jid: "1@s.whatsapp.net", exists: false }] } },
      '{"jid":"1@s.whatsapp.net","exists":false}',
    ],
    [{ message: "a" }, "a"],
    [{ error: "a" }, "a"],
    [{ error: "Bad Request", response: { message: [] } }, "Bad Request"],
    [{ response: { message: "" }, message: ["b"] }, "b"],
  ])("are found in %j", (body, message) => {
    expect(judge(400, body)?.message).toBe(message);
  });

  test.each([{}, [], null, "text", 5, { response: 5 }, { error: true }, { message: { a: 1 } }])(
    "are absent in %j, and nothing breaks",
    (body) => {
      expect(judge(400, body)?.message).toBeUndefined();
    },
  );
});

test.each([
  [503, { error: "service not activated", code: "LICENSE_REQUIRED" }, "feature_off"],
  [503, { error: "busy" }, undefined],
  [
    403,
    { response: { message: ["Missing global api key", "The global api key must be set"] } },
    "unauthorised",
  ],
  [403, { response: { message: ["Forbidden"] } }, undefined],
  [400, { response: { message: ['The "x" instance needs to be disconnected'] } }, "wrong_state"],
  [404, "<html>", "unexpected_answer"],
  [500, { response: { message: "TypeError: Cannot read properties of null" } }, "invalid_request"],
])("status %i with %j is %s", (status, body, code) => {
  expect(judge(status, body)?.code).toBe(code);
});
