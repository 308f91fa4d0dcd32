import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { EventDraft, JsonObject } from "../../contract.ts";
import { normalise } from "../normalise.ts";

/** Reads the recorded bodies that the tests of this folder share. */

export interface Fixture {
  /** File name without its ending; a situation's request adds `#` and its number. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: JsonObject;
}

interface Recorded {
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

const folder = new URL("../fixtures/", import.meta.url);

function fixtureOf(name: string, { headers = {}, body }: Recorded): Fixture {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { name, headers, text, body: JSON.parse(text) as JsonObject };
}

function filesOf(kind: "events" | "zoo"): readonly (readonly [string, unknown])[] {
  const directory = new URL(`${kind}/`, folder);
  return readdirSync(directory)
    .toSorted()
    .map((file) => [
      file.replace(/\.json$/, ""),
      JSON.parse(readFileSync(new URL(file, directory), "utf8")) as unknown,
    ]);
}

/** One recorded webhook a file. */
export function recordedEvents(): readonly Fixture[] {
  return filesOf("events").map(([name, file]) => fixtureOf(name, file as Recorded));
}

/** The requests of reported situations. */
export function reportedRequests(): readonly Fixture[] {
  return filesOf("zoo").flatMap(([name, file]) =>
    (file as { requests: Recorded[] }).requests.map((request, index) =>
      fixtureOf(`${name}#${index}`, request),
    ),
  );
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The drafts of a body as the gateway would ask for them. */
export function draftsOf(text: string): readonly EventDraft[] {
  const body = JSON.parse(text) as JsonObject;
  return normalise(body, { receivedAt: Date.UTC(2026, 10, 25), bodyHash: hashOf(text) });
}
