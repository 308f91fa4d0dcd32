import { removeMembers } from "../json-text.ts";
import { withoutSecrets } from "./secret-search.ts";

/** What stands in the place of a key. */
const mask = "[key]";

/** So long a run is a file, a picture, or something packed that no secret could be found in. */
const packed = /(?:[A-Za-z0-9+/]|\\\/){120,}={0,2}/g;

/** More than is ever shown; what is longer is not searched to its end. */
const maxSearched = 16 * 1024;

/**
 * Cuts keys out of a text that somebody else wrote, before it is cut to length: half a key would not be
 * recognised any more. `secrets` are removed wherever they stand, `members` by their names, also in JSON
 * that ends early.
 */
export function redact(
  text: string,
  secrets: readonly string[],
  members: readonly string[],
): string {
  const whole = isJson(text) ? removeMembers(text, members) : text.slice(0, maxSearched);
  const open = maskMembers(whole, members);
  return withoutSecrets(open, secrets, mask).replaceAll(packed, "[data]");
}

function isJson(text: string): boolean {
  if (text.length > maxSearched) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * For JSON that ends early, for JSON inside a text of another one, and for what else names a key in front
 * of its value: objects as programs print them, queries, header lines. `members` are plain words; their
 * letter case says nothing.
 */
function maskMembers(text: string, members: readonly string[]): string {
  if (members.length === 0) return text;
  const names = `(?:${members.join("|")})`;
  const inJson = String.raw`((\\{0,7})"${names}\2"\s*:\s*)(?:\2"(?:[^"\\]|\\.)*?(?:\2"|$)|\{[^}]*\}?|\[[^\]]*\]?|[^\s,}\]]+)`;
  const printed = String.raw`((?<![\w-])['"]?${names}['"]?\s*[:=]\s*)(\\{0,7})(?:"[^"\\]*(?:\2"|$)|'[^'\\]*(?:\2'|$))`;
  const inQuery = String.raw`((?<![\w-])${names}=)[^&\s"'\\<>]+`;
  // Shorter ones are ordinary words: "token: expired".
  const inHeader = String.raw`((?<![\w-])${names}:\s*(?:(?:Bearer|Basic)\s+)?)[\w.~+/=-]{12,}`;
  return [inJson, printed, inQuery, inHeader].reduce(
    (rest, pattern) => rest.replaceAll(new RegExp(pattern, "gi"), `$1${mask}`),
    text,
  );
}

/** At most `length` characters, marked where it was cut; lone halves of characters are replaced. */
export function shorten(text: string, length: number): string {
  const whole = text.toWellFormed();
  return whole.length <= length ? whole : `${whole.slice(0, length - 1).toWellFormed()}…`;
}
