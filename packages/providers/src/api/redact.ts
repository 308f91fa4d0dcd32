import { removeMembers } from "../json-text.ts";

/** What stands in the place of a key. */
const mask = "[key]";

/** A text as it may stand in JSON, in a URL, in a form and plain. */
function spellingsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(secret.toWellFormed());
  const base64 = Buffer.from(secret).toString("base64");
  return [secret, json, url, url.toLowerCase(), base64];
}

/**
 * Cuts keys out of a text that somebody else wrote, before it is cut to length: half a key would not be
 * recognised any more. `secrets` are removed wherever they stand, `members` by their names where the
 * text is JSON.
 */
export function redact(
  text: string,
  secrets: readonly string[],
  members: readonly string[],
): string {
  const forms = [...new Set(secrets.filter((secret) => secret !== "").flatMap(spellingsOf))]
    // A key may be a part of another; the longer one goes first.
    .toSorted((left, right) => right.length - left.length);
  const open = isJson(text) ? removeMembers(text, members) : text;
  return forms.reduce((rest, form) => rest.replaceAll(form, mask), open);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** At most `length` characters, marked where it was cut; lone halves of characters are replaced. */
export function shorten(text: string, length: number): string {
  const whole = text.toWellFormed();
  return whole.length <= length ? whole : `${whole.slice(0, length - 1).toWellFormed()}…`;
}
