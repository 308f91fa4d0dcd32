import { readdirSync, readFileSync } from "node:fs";
import type { WahaConfig } from "../session/session-config.ts";

/** A recorded request of the management API and its answer. */
export interface RecordedPair {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

const folder = new URL("../recorded/http/", import.meta.url);

export const recordedNames: readonly string[] = readdirSync(folder)
  .map((file) => file.replace(/\.json$/, ""))
  .toSorted();

export function recordedPair(name: string): RecordedPair {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as RecordedPair;
}

/** The configuration that a recorded answer shows. */
export function recordedConfig(name: string): WahaConfig {
  return (recordedPair(name).response.body as { readonly config: WahaConfig }).config;
}

/** Recorded webhook bodies of messages on 2026.2.1, NOWEB, in the order in which they were sent. */
export interface RecordedEvent {
  readonly event: string;
  readonly timestamp: number;
  readonly payload: unknown;
}

export function recordedMessageEvents(): readonly RecordedEvent[] {
  const events = new URL("../../../../providers/src/waha/fixtures/events/", import.meta.url);
  const bodies = readdirSync(events)
    .filter((file) => file.startsWith("message-") && file.endsWith("-noweb.json"))
    .map((file) => JSON.parse(readFileSync(new URL(file, events), "utf8")) as FixtureFile)
    .filter(({ provenance }) => provenance === "recorded");
  return bodies.map(({ body }) => body).toSorted((left, right) => left.timestamp - right.timestamp);
}

interface FixtureFile {
  readonly provenance: string;
  readonly body: RecordedEvent;
}
