import { readdirSync, readFileSync } from "node:fs";
import type { Reply } from "./answer-server.ts";

/** One call of WAHA's API as it was recorded, `fixtures/http/<name>.json`. */
export interface RecordedCall {
  readonly provenance: "recorded" | "source" | "documentation";
  readonly version: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

const folder = new URL("../fixtures/http/", import.meta.url);

export function recordedCall(name: string): RecordedCall {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as RecordedCall;
}

/** The names of all recordings that begin with `prefix`. */
export function recordedNames(prefix = ""): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(prefix))
    .map((file) => file.replace(/\.json$/, ""))
    .toSorted();
}

interface Binary {
  readonly $binary: { readonly bytes: number; readonly head_hex: string };
}

/** Bytes were recorded as their number and their beginning; the rest is zeros. */
function bytesOf({ $binary: { bytes, head_hex: head } }: Binary): Buffer {
  return Buffer.concat([Buffer.from(head, "hex")], bytes);
}

function isBinary(body: unknown): body is Binary {
  return typeof body === "object" && body !== null && "$binary" in body;
}

/** A recorded answer as a server gives it again. */
export function recordedAnswer(name: string): Reply {
  const { status, headers, body } = recordedCall(name).response;
  const { "content-type": contentType } = headers;
  const bytes = isBinary(body) ? bytesOf(body) : JSON.stringify(body);
  return {
    status,
    ...(contentType === undefined ? {} : { headers: { "content-type": contentType } }),
    body: body === "" ? "" : bytes,
  };
}

/** Any JSON as an answer. */
export function jsonAnswer(value: unknown, status = 200): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(value),
  };
}
