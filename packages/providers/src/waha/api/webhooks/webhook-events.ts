import { WahaWebhookEvent } from "@recado/protocol";
import { knownEventName } from "../../event-names.ts";

/**
 * The event names of a webhook's configuration.
 *
 * One unknown name makes WAHA refuse the whole configuration with 400 and the list of the names that it
 * knows (recorded on 2026.2.1), so a name goes out only in WAHA's own spelling, and what a server does
 * not know is left out on the second try.
 */

/** Everything but {@link neverInAll}. Understood by every version that was seen. */
export const allEvents = "*";

/** What `*` leaves out: both repeat the engine's raw events, keys and QR codes included. */
const neverInAll: readonly string[] = ["state.change", "engine.event"];

/** Since when a name is known, where that was told; the others are older than 2025. */
const knownSince: Readonly<Record<string, string>> = {
  "group.v2.join": "2025.2",
  "group.v2.leave": "2025.2",
  "group.v2.update": "2025.2",
  "group.v2.participants": "2025.2",
  "message.edited": "2025.6.3",
  "message.ack.group": "2025.12.2",
  // In WAHA's source after 2026.7.1, in no release that was seen.
  "group.v2.participants.join-request": "2026.7.2",
};

const names: readonly string[] = [
  ...new Set([...Object.values(WahaWebhookEvent), ...Object.keys(knownSince)]),
];

function numbersOf(version: string): readonly number[] | undefined {
  const match = /^v?(\d{4})\.(\d{1,2})(?:\.(\d{1,3}))?/.exec(version.trim());
  return match === null ? undefined : match.slice(1).map((part) => Number(part ?? 0));
}

/** True for `version` (`2026.2.1`) from `since` on, and for a version that cannot be read. */
export function isVersionFrom(version: string | undefined, since: string): boolean {
  const actual = version === undefined ? undefined : numbersOf(version);
  const wanted = numbersOf(since);
  if (actual === undefined || wanted === undefined) return true;
  for (const [index, part] of wanted.entries()) {
    const other = actual[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}

/** The event names that a version of WAHA has, `*` not among them; without a version all that are known. */
export function wahaEventsOf(version?: string): readonly string[] {
  return names.filter((name) => {
    const since = knownSince[name];
    return since === undefined || version === undefined || isVersionFrom(version, since);
  });
}

/** Names sorted out. */
export interface WahaEventChoice {
  /** In WAHA's spelling, each once, in the order given. */
  readonly events: readonly string[];
  /** What was left out, as it was given. */
  readonly unknown: readonly string[];
}

/**
 * Names in any spelling (`MESSAGE_ACK`, `message-ack`, the documented `state.changed`) as WAHA spells
 * them. With `version`, names that came later count as unknown too. What to do about unknown names is
 * the caller's to decide.
 */
export function chooseWahaEvents(given: readonly unknown[], version?: string): WahaEventChoice {
  const possible = new Set([allEvents, ...wahaEventsOf(version)]);
  const events = new Set<string>();
  const unknown: string[] = [];
  for (const entry of given) {
    const text = typeof entry === "string" ? entry.trim() : "";
    const name = text === allEvents ? allEvents : knownEventName(text);
    if (name !== undefined && possible.has(name)) events.add(name);
    else unknown.push(typeof entry === "string" ? entry : (JSON.stringify(entry) ?? "undefined"));
  }
  return { events: [...events], unknown };
}

/**
 * What is left of `events` on a server that knows `valid`. A server without `*` gets every name that `*`
 * stands for.
 */
export function narrowToValid(
  events: readonly string[],
  valid: readonly string[],
): WahaEventChoice {
  const known = new Set(valid);
  const spelledOut = valid.filter((name) => !neverInAll.includes(name));
  const wanted = events.flatMap((name) =>
    name === allEvents && !known.has(allEvents) ? spelledOut : [name],
  );
  return {
    events: [...new Set(wanted.filter((name) => known.has(name)))],
    unknown: wanted.filter((name) => !known.has(name)),
  };
}

/** The names that a refusal (400) lists as valid; undefined when it is about something else. */
export function validNamesIn(refusal: string): readonly string[] | undefined {
  const match = /each value in events must be one of the following values: ([^"\]]+)/.exec(refusal);
  const list = match?.[1]
    ?.split(/[,;]/)
    .map((name) => name.trim())
    // A refusal may be cut in the middle of a name.
    .filter((name) => /^(?:\*|[a-z0-9.-]+)$/.test(name));
  return list === undefined || list.length === 0 ? undefined : list;
}
