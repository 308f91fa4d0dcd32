import { markerPrefix, remoteAbout, type MediaKeys } from "../links/media-keys.ts";
import { endOfObject } from "../links/put-back.ts";
import { fetchFailures } from "./file-source.ts";
import type { FileOutcome } from "./remote-records.ts";

/** Files at providers, as stored texts name them. Pure. */

const opening = '{"url":"';
const remoteMarker = new RegExp(
  `${markerPrefix}[0-9a-f]{64}\\.${remoteAbout}\\.[A-Za-z0-9_-]{22}"`,
  "g",
);

export interface RemotePlace {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** The object between both, its link included. */
  readonly media: Readonly<Record<string, unknown>>;
}

/** Where the tenant's own markers stand, in order; what is forged or another's is none. */
export function remotePlaces(
  keys: MediaKeys,
  tenantId: string,
  text: string,
): readonly RemotePlace[] {
  const places: RemotePlace[] = [];
  if (!text.includes(markerPrefix)) return places;
  for (const { 0: found, index } of text.matchAll(remoteMarker)) {
    const start = index - opening.length;
    if (start < 0 || !text.startsWith(opening, start)) continue;
    let key: string | undefined;
    const left = keys.replaceMarkers(tenantId, found.slice(0, -1), ({ sha256 }) => {
      key = sha256;
      return "";
    });
    const end = endOfObject(text, start);
    if (key === undefined || left !== "" || end === -1) continue;
    const media = JSON.parse(text.slice(start, end)) as Record<string, unknown>;
    places.push({ key, start, end, media });
  }
  return places;
}

/** `text` with what became of its files written beside their links. */
export function withOutcomes(
  text: string,
  places: readonly RemotePlace[],
  outcomes: ReadonlyMap<string, FileOutcome>,
): string {
  const parts: string[] = [];
  let copied = 0;
  for (const { key, start, end, media } of places) {
    const outcome = outcomes.get(key);
    if (!outcome) continue;
    parts.push(text.slice(copied, start), JSON.stringify({ ...media, ...toldOf(outcome, media) }));
    copied = end;
  }
  return parts.join("") + text.slice(copied);
}

/** What was counted and hashed here is certain; the type is the message's own where it has one. */
function toldOf(outcome: FileOutcome, media: RemotePlace["media"]): Record<string, unknown> {
  if (outcome.kind === "failed") return { error: fetchFailures[outcome.cause] };
  const { mimetype, size, sha256 } = outcome;
  return { ...(media["mimetype"] === undefined ? { mimetype } : {}), size, sha256 };
}

/** Members of a body that are looked at for a link. */
const mostMembers = 100_000;

/** The text in a provider's body of which `keyOf` says `key`; undefined when there is none. */
export function linkIn(
  body: unknown,
  key: string,
  keyOf: (url: string) => string,
): string | undefined {
  const rest: unknown[] = [body];
  for (let seen = 0; rest.length > 0 && seen < mostMembers; seen++) {
    const value = rest.pop();
    if (typeof value === "string") {
      if (/^https?:/i.test(value.trimStart())) {
        for (const url of new Set([value, value.trim()])) if (keyOf(url) === key) return url;
      }
    } else if (typeof value === "object" && value !== null) {
      for (const member of Object.values(value)) rest.push(member);
    }
  }
  return undefined;
}
