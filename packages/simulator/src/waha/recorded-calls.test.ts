import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { compressedClock } from "../clock.ts";
import { startFakeWaha } from "./fake-waha.ts";
import { recordedNames, recordedPair, type RecordedPair } from "./testing/recorded-pair.ts";
import { type RecordedState, recordedStates } from "./testing/recorded-states.ts";
import { comparable, type OfTheMoment } from "./testing/same-answer.ts";

const moments: Readonly<Record<string, OfTheMoment>> = {
  "qr-raw": ["value"],
  "qr-raw-accept-any": ["value"],
  "qr-base64": ["data"],
  "qr-binary": ["$binary.bytes"],
  "qr-image-accept-png": ["$binary.bytes"],
  "screenshot-qr": ["data"],
  "screenshot-webjs-base64": ["data"],
  "request-code": ["code"],
  "server-status": ["startTimestamp", "uptime"],
  "send-text": ["key.id", "messageTimestamp"],
  "send-reaction": ["key.id", "messageTimestamp"],
  "send-text-gows": ["id", "_data.Info.ID"],
  "err-500-send-text-empty": ["timestamp", "exception.stack"],
  "keys-media": ["key"],
  "messages-list-download-media": ["*.media.error.details"],
};

/** Recordings of which only some entries were kept. */
const shortened = new Set(["messages-list-download-media"]);

function readBody(bytes: Buffer, contentType: string | undefined): unknown {
  if (contentType?.startsWith("image/"))
    return { $binary: { bytes: bytes.length, head_hex: bytes.subarray(0, 16).toString("hex") } };
  const text = bytes.toString("utf8");
  return text === "" ? "" : (JSON.parse(text) as unknown);
}

async function call(url: string, { method, path, headers, body }: RecordedPair["request"]) {
  const text = typeof body === "string" || body === null ? body : JSON.stringify(body);
  const json = text === null ? {} : { "content-type": "application/json" };
  const answer = await request(url + path, {
    method: method as "GET",
    headers: { ...json, ...headers },
    body: text,
  });
  const type = answer.headers["content-type"] as string | undefined;
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, type, body: readBody(bytes, type) };
}

/** The answer of a server in `state`, its clock a thousand times faster: calls are held as the real ones are. */
async function replay({ options, prepare }: RecordedState, name: string) {
  const clock = compressedClock(1_000);
  const apiKey = "recado-fixture-api-key";
  const fake = await startFakeWaha({ ...options, apiKey, clock, pauses: true });
  onTestFinished(() => fake.close());
  await prepare?.(fake);
  return call(fake.url, recordedPair(name).request);
}

test("each recorded call has its place among the states", () => {
  const placed = recordedStates.flatMap(({ pairs }) => pairs).toSorted();
  expect(placed).toEqual(recordedNames);
});

for (const state of recordedStates) {
  test.each(state.pairs)("every recorded call is answered as recorded: %s", async (name) => {
    const { response } = recordedPair(name);
    const moment = moments[name] ?? [];
    const expected = comparable(response.body, moment);
    const answer = await replay(state, name);
    expect({ ...answer, body: comparable(answer.body, moment) }).toEqual({
      status: response.status,
      type: response.headers["content-type"],
      body: shortened.has(name) ? expect.arrayContaining(expected as unknown[]) : expected,
    });
  });
}
