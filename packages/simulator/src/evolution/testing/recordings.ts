import { readdirSync, readFileSync } from "node:fs";
import { request } from "undici";
import { onTestFinished } from "vitest";
import {
  type FakeEvolution,
  type FakeEvolutionOptions,
  startFakeEvolution,
} from "../fake-evolution.ts";

/** A call as it was recorded. */
export interface RecordedCall {
  readonly label: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const folder = new URL("../recorded/", import.meta.url);

export function recording<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as T;
}

/** Every recorded pair of the management API, in the order in which they were made. */
export function recordedCalls(): readonly RecordedCall[] {
  return readdirSync(new URL("http/", folder))
    .toSorted()
    .map((file) => recording<RecordedCall>(`http/${file.replace(/\.json$/, "")}`));
}

export interface Answer {
  readonly status: number;
  /** An empty body is an empty text, as in the recordings. */
  readonly body: unknown;
}

/** Makes a call; a body that is a text is sent as it is. */
export async function callTo(
  url: string,
  { method, path, headers, body }: RecordedCall["request"],
): Promise<Answer> {
  const text = typeof body === "string" || body === null ? body : JSON.stringify(body);
  const type = text === null ? {} : { "content-type": "application/json" };
  const answer = await request(url + path, {
    method: method as "GET",
    headers: { ...type, ...headers },
    body: text,
  });
  const content = await answer.body.text();
  return { status: answer.statusCode, body: content === "" ? "" : JSON.parse(content) };
}

const ofTheMoment = /^(?:id|instanceId|createdAt|updatedAt|windowStart|windowExpires)$/;
const madeUp = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function shapeOf(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (ofTheMoment.test(name)) return `some ${name}`;
  if (madeUp.test(value)) return "some uuid";
  return value.replace(/^http:\/\/127\.0\.0\.1:\d+\/manager$/, "some address");
}

/** Leaves out what a server makes up for itself: ids, dates, tokens that nobody named, its own address. */
export function withoutInventions(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (name, value: unknown) =>
    shapeOf(name, value),
  ) as unknown;
}

export const globalKey = "GLOBAL-KEY-0001";

/** A server of a test, closed with it, and calls to it with the global key unless another is named. */
export async function startRecorded(options: Partial<FakeEvolutionOptions> = {}): Promise<{
  readonly fake: FakeEvolution;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}> {
  const fake = await startFakeEvolution({ apikey: globalKey, instances: [], ...options });
  onTestFinished(() => fake.close());
  return {
    fake,
    call: (method, path, body = null, headers = { apikey: globalKey }) =>
      callTo(fake.url, { method, path, headers, body }),
  };
}
