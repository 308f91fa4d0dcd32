import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One recorded or rebuilt webhook, ready to be sent again. */
export interface FixtureWebhook {
  /** File name without `.json`; several webhooks of one file get `#1`, `#2` … */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Appended to the receiver's address as it is. */
  readonly urlSuffix: string;
  readonly body: Uint8Array;
}

interface FixtureRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly url_suffix?: string;
  readonly body?: unknown;
}

/** Written by the HTTP client itself for each sending. */
const ofTheConnection = /^(host|connection|content-length|transfer-encoding|accept-encoding)$/i;

function toWebhook(name: string, request: FixtureRequest): FixtureWebhook {
  const headers = Object.entries(request.headers ?? {}).filter(
    ([key]) => !ofTheConnection.test(key),
  );
  const text = typeof request.body === "string" ? request.body : JSON.stringify(request.body);
  return {
    name,
    headers: Object.fromEntries(headers),
    urlSuffix: request.url_suffix ?? "",
    body: Buffer.from(text),
  };
}

/**
 * Every webhook of a folder of fixtures, by file name. Understands both layouts: one webhook a file
 * (`body`), and a situation of several (`requests`). A body given as text is sent as that text.
 */
export function loadFixtures(folder: string): readonly FixtureWebhook[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.toSorted().flatMap((file) => {
    const name = file.slice(0, -".json".length);
    const fixture = JSON.parse(readFileSync(join(folder, file), "utf8")) as FixtureRequest & {
      readonly requests?: readonly FixtureRequest[];
    };
    if (fixture.requests)
      return fixture.requests.map((request, index) => toWebhook(`${name}#${index + 1}`, request));
    return "body" in fixture ? [toWebhook(name, fixture)] : [];
  });
}
