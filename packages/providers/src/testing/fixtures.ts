import { readdirSync, readFileSync } from "node:fs";

/** A request that a provider sent, or that somebody reported. */
export interface Fixture {
  /** `events/messages.upsert.image.json`, or `zoo/003-evo-….json#2` for the second request of one. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; a text where the request's body was no JSON. */
  readonly body: unknown;
}

interface StoredRequest {
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

function readJson<T>(folder: URL, file: string): T {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8")) as T;
}

function jsonFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted();
}

function fixtureFrom(name: string, stored: StoredRequest): Fixture {
  return { name, headers: stored.headers ?? {}, body: stored.body };
}

/**
 * Every fixture under a provider's `fixtures/` folder: one event a file in `events/`, one situation of
 * several requests a file in `zoo/`.
 */
export function loadFixtures(folder: URL): readonly Fixture[] {
  const events = new URL("events/", folder);
  const zoo = new URL("zoo/", folder);
  return [
    ...jsonFiles(events).map((file) =>
      fixtureFrom(`events/${file}`, readJson<StoredRequest>(events, file)),
    ),
    ...jsonFiles(zoo).flatMap((file) =>
      readJson<{ requests: StoredRequest[] }>(zoo, file).requests.map((request, index) =>
        fixtureFrom(`zoo/${file}#${index + 1}`, request),
      ),
    ),
  ];
}
