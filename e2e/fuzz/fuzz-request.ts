import { gzipSync } from "node:zlib";
import { sampleTexts } from "./arbitrary-texts.ts";
import type { FixtureBody } from "./fixture-bodies.ts";
import { mutatedJson, renewedJson } from "./mutate-json.ts";
import { seededRandom, type Random } from "./random.ts";

/** One request as it goes over the wire. */
export interface FuzzRequest {
  readonly number: number;
  /** The number in its body, by which it is found in the log; undefined when it carries none. */
  readonly mark: number | undefined;
  readonly head: string;
  readonly body: Uint8Array;
  /** Its framing is wrong: the connection is of no use after it. */
  readonly isBroken: boolean;
}

export interface FuzzDoors {
  /** Paths with a token in them, by provider. */
  readonly byToken: Readonly<Record<"evolution" | "waha", readonly [string, ...string[]]>>;
  readonly tokens: readonly [string, ...string[]];
}

/** Every text that starts with `{` gets this member with its number, so that it can be found in the log. */
export const markName = "fuzz_mark";

const eventNames = [
  "messages-upsert",
  "connection-update",
  "message",
  "ack",
  "a%2Fb",
  "%F0%9F%98%80",
  "x".repeat(200),
  "..%2f..%2fetc",
] as const;
const oddContentTypes = [
  "application/json; charset=utf-8",
  "application/json; charset=iso-8859-1",
  "application/json;charset=utf-16",
  "application/vnd.api+json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
  "application/json, text/plain",
  "garbage",
  "",
] as const;

interface Content {
  readonly mark: number | undefined;
  readonly bytes: Uint8Array;
}

/** Requests number 0, 1, 2, … of a seed; the same seed makes the same ones. */
export function* fuzzRequests(
  seed: number,
  count: number,
  fixtures: readonly FixtureBody[],
  doors: FuzzDoors,
): Generator<FuzzRequest> {
  const random = seededRandom(seed);
  const chunk = 500;
  let texts: readonly string[] = [];
  let previous: Content | undefined;
  for (let number = 0; number < count; number += 1) {
    if (number % chunk === 0) texts = sampleTexts(seed + number, chunk);
    const fixture = fixtures[number % fixtures.length];
    const provider = fixture?.provider ?? "evolution";
    const text =
      random.chance(0.35) || fixture === undefined
        ? (texts[number % chunk] ?? "")
        : fixtureText(fixture.body, number, random);
    const mark = text.startsWith("{") ? number : undefined;
    const made = { mark, bytes: bodyBytes(marked(text, number), random) };
    // The same bytes once more: a provider's retry.
    const content = previous !== undefined && random.chance(0.03) ? previous : made;
    previous = content;
    yield framed(number, address(doors, provider, random), content, random);
  }
}

function fixtureText(body: unknown, number: number, random: Random): string {
  const renewed = random.chance(0.8)
    ? renewedJson(body, `F${number}`)
    : (JSON.stringify(body) ?? "null");
  return random.chance(0.15) ? renewed : mutatedJson(JSON.parse(renewed), random);
}

function marked(text: string, number: number): string {
  if (!text.startsWith("{")) return text;
  const rest = text.slice(1).trimStart();
  return `{"${markName}":${number}${rest.startsWith("}") ? "" : ","}${rest}`;
}

/** Changes below JSON: cut, flipped, foreign bytes; behind the mark, which must stay readable. */
function bodyBytes(text: string, random: Random): Uint8Array {
  const bytes = Buffer.from(text);
  if (random.chance(0.88)) return bytes;
  const start = Math.min(bytes.length, 32);
  const at = start + random.below(Math.max(1, bytes.length - start));
  return random.pick<() => Uint8Array>([
    () => bytes.subarray(0, at),
    () => flipped(bytes, start, random),
    () =>
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xc0, 0x00]), bytes.subarray(at)]),
    () => Buffer.concat([bytes, Buffer.from([0x00, 0x0a, 0x7d])]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () => Buffer.from(text, "utf16le"),
    () => Buffer.from(text, "latin1"),
    () => Buffer.alloc(0),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(start)]),
    () => Buffer.concat([bytes, Buffer.alloc(random.pick([10, 1_000, 1_100_000]), 0x20)]),
  ])();
}

function flipped(bytes: Buffer, start: number, random: Random): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let left = 1 + random.below(8); left > 0; left -= 1) {
    const at = start + random.below(Math.max(1, bytes.length - start));
    if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  }
  return copy;
}

function address(doors: FuzzDoors, provider: FixtureBody["provider"], random: Random): string {
  const event = random.chance(0.3) ? `/${random.pick(eventNames)}` : "";
  if (random.chance(0.75)) return `POST ${random.pick(doors.byToken[provider])}${event} HTTP/1.1`;
  if (random.chance(0.1)) {
    const method = random.pick(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"]);
    return `${method} ${random.pick(doors.byToken[provider])}${event} HTTP/1.1`;
  }
  const token = random.pick(doors.tokens);
  const route = `/api/webhooks/${random.pick(["whatsapp", "evolution", "waha", "ack"])}${event}`;
  return random.pick([
    `POST ${route}?token=${token} HTTP/1.1`,
    `POST ${route} HTTP/1.1\r\nAuthorization: Bearer ${token}`,
    `POST ${route} HTTP/1.1\r\napikey: ${token}`,
    `POST ${route} HTTP/1.1\r\nX-Api-Key: ${token}`,
    `POST ${route} HTTP/1.1`,
    `POST ${route}?token=&token=${token}&a%5B%5D=1&__proto__=2 HTTP/1.1`,
    `POST ${route} HTTP/1.1\r\nX-Webhook-Hmac: ${"0".repeat(128)}\r\nX-Webhook-Hmac-Algorithm: sha512`,
    `POST /in/${random.pick(["unknown", "%00", "%zz", "x".repeat(500), "..", "constructor"])} HTTP/1.1`,
  ]);
}

type RequestId = Pick<FuzzRequest, "number" | "mark">;

function framed(
  number: number,
  line: string,
  { mark, bytes }: Content,
  random: Random,
): FuzzRequest {
  const id = { number, mark };
  const isPacked = random.chance(0.02);
  const body = isPacked ? gzipSync(bytes, { level: 1 }) : bytes;
  const type = random.chance(0.9) ? "application/json" : random.pick(oddContentTypes);
  const head = [
    line,
    "Host: 127.0.0.1",
    ...(type === "" ? [] : [`Content-Type: ${type}`]),
    ...(isPacked ? ["Content-Encoding: gzip"] : []),
    ...(random.chance(0.01) ? ["Expect: nonsense"] : []),
    ...(random.chance(0.02) ? [`X-Odd: ${"y".repeat(random.pick([10, 5_000, 20_000]))}`] : []),
  ];
  if (random.chance(0.06)) return brokenly(id, head, body, random);
  if (random.chance(0.1)) {
    const chunked = chunks(body, random);
    return requestOf(id, [...head, "Transfer-Encoding: chunked"], chunked, false);
  }
  return requestOf(id, [...head, `Content-Length: ${body.length}`], body, false);
}

/** Framing that a careful server refuses, or that never comes to its end. */
function brokenly(
  id: RequestId,
  head: readonly string[],
  body: Uint8Array,
  random: Random,
): FuzzRequest {
  const { length } = body;
  const broken = (lines: readonly string[], bytes: Uint8Array): FuzzRequest =>
    requestOf(id, [...head, ...lines], bytes, true);
  return random.pick<() => FuzzRequest>([
    () => broken([`Content-Length: ${length + 1 + random.below(50)}`], body),
    () => broken([`Content-Length: ${Math.max(0, length - 1 - random.below(50))}`], body),
    () => broken(["Content-Length: -1"], body),
    () => broken(["Content-Length: abc"], body),
    () => broken([`Content-Length: ${length}`, `Content-Length: ${length + 1}`], body),
    () => broken([`Content-Length: ${length}`, "Transfer-Encoding: chunked"], chunks(body, random)),
    () => broken(["Transfer-Encoding: gzip"], body),
    () => broken(["Transfer-Encoding: chunked"], Buffer.from("zz\r\nabc\r\n0\r\n\r\n")),
    () => broken(["Transfer-Encoding: chunked"], Buffer.from("ffffffffffffffff\r\nabc")),
    () => broken([], body),
    () => broken(["Expect: 100-continue", `Content-Length: ${length}`], body),
    () => broken(["Bad Header", `Content-Length: ${length}`], body),
    () => broken(["Connection: upgrade", "Upgrade: websocket", `Content-Length: ${length}`], body),
    () =>
      broken(
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", `Content-Length: ${length}`],
        body,
      ),
  ])();
}

function chunks(body: Uint8Array, random: Random): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length;) {
    const size = Math.min(body.length - at, 1 + random.below(body.length));
    parts.push(Buffer.from(`${size.toString(16)}\r\n`), body.subarray(at, at + size));
    parts.push(Buffer.from("\r\n"));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

function requestOf(
  id: RequestId,
  head: readonly string[],
  body: Uint8Array,
  isBroken: boolean,
): FuzzRequest {
  return { ...id, head: `${head.join("\r\n")}\r\n\r\n`, body, isBroken };
}
