import { EvolutionWebhookEvent } from "@recado/protocol";
import type { EvolutionVersion } from "../server-version.ts";

/** Which event names a version's webhook configuration takes. One it does not know refuses the whole. */

/** 2.3 and later, as far as known. */
const currentNames: readonly string[] = [...new Set<string>(Object.values(EvolutionWebhookEvent))];

const newIn23: ReadonlySet<string> = new Set([
  "SEND_MESSAGE_UPDATE",
  "INSTANCE_CREATE",
  "INSTANCE_DELETE",
  "STATUS_INSTANCE",
]);
const names22 = currentNames.filter((name) => !newIn23.has(name));

const newIn2: ReadonlySet<string> = new Set([
  "MESSAGES_EDITED",
  "REMOVE_INSTANCE",
  "LOGOUT_INSTANCE",
]);
/** Two of these were never sent, or belong to an integration that is gone. */
const onlyIn1 = ["NEW_JWT_TOKEN", "CHAMA_AI_ACTION"];
const names1 = [...names22.filter((name) => !newIn2.has(name)), ...onlyIn1];

/** The names that `version` takes; a version that is not known is taken for a current one. */
export function eventNamesOf(version: EvolutionVersion | undefined): readonly string[] {
  if (version === undefined || version.major > 2) return currentNames;
  if (version.major < 2) return names1;
  return version.minor < 3 ? names22 : currentNames;
}

/** What every version has, and what nobody wants to miss. */
const coreNames = [
  "MESSAGES_UPSERT",
  "MESSAGES_UPDATE",
  "SEND_MESSAGE",
  "CONNECTION_UPDATE",
  "QRCODE_UPDATED",
];

/**
 * The names that a stored list of "all" must hold. Whole for the versions whose list is known for sure;
 * for others only the core, or else a webhook would look changed for ever.
 */
export function namesOfAll(version: EvolutionVersion | undefined): readonly string[] {
  const isSure =
    version !== undefined &&
    ((version.major === 2 && (version.minor === 2 || version.minor === 3)) ||
      (version.major === 1 && version.minor === 8));
  return isSure ? eventNamesOf(version) : coreNames;
}

/** Letter case and separators say nothing: `messages.upsert`, `messages-upsert`, `messagesUpsert`. */
function folded(name: string): string {
  return name.toUpperCase().replaceAll(/[\s._-]/g, "");
}

const byFolded: ReadonlyMap<string, string> = new Map([
  ...[...currentNames, ...onlyIn1, "MESSAGING_HISTORY_SET"].map(
    (name) => [folded(name), name] as const,
  ),
  // What the body and older documents say; the configuration knows it without the S only.
  ["GROUPSUPDATE", "GROUP_UPDATE"] as const,
]);

const wordsForAll: ReadonlySet<string> = new Set(["*", "ALL"]);

/** Event names, sorted by what a server of one version makes of them. */
export interface TranslatedEvents {
  /** As the configuration spells them, each once; undefined means all. */
  readonly events: readonly string[] | undefined;
  /** Names of other versions of Evolution: left out. */
  readonly notInThisVersion: readonly string[];
  /** Names of no version, as they were given. */
  readonly unknown: readonly string[];
}

/**
 * Translates names in any spelling. No names at all, an empty list, and `*` mean all. What is left out
 * is in the result: whether that is an error is for the caller to say.
 */
export function translateEventNames(
  names: readonly string[] | undefined,
  version: EvolutionVersion | undefined,
): TranslatedEvents {
  const taken = new Set(eventNamesOf(version));
  const events = new Set<string>();
  const missing = new Set<string>();
  const unknown = new Set<string>();
  let all = names === undefined || names.length === 0;
  for (const name of names ?? []) {
    const key = folded(name);
    const known = byFolded.get(key);
    if (wordsForAll.has(key)) all = true;
    else if (known === undefined) unknown.add(name);
    else if (taken.has(known)) events.add(known);
    else missing.add(known);
  }
  return {
    events: all ? undefined : [...events],
    notInThisVersion: [...missing],
    unknown: [...unknown],
  };
}

/**
 * The names of the server's own refusal (`… is not one of enum values: A,B,C`, recorded); undefined when
 * the text is another refusal. For versions whose list is not known here.
 */
export function namesOfRefusal(text: string): readonly string[] | undefined {
  const list = /enum values: ?([A-Z][A-Z_]+(?:, ?[A-Z][A-Z_]+)*)/.exec(text)?.[1];
  return list?.split(/, ?/);
}

/** True when both are one event: old rows have the name that `create` does not check (recorded). */
export function isSameEvent(left: string, right: string): boolean {
  return (byFolded.get(folded(left)) ?? left) === (byFolded.get(folded(right)) ?? right);
}
