/** Finds secrets in texts that somebody else wrote, however they are spelled there. */

const entities: Readonly<Record<string, string>> = {
  "&": "amp",
  '"': "quot",
  "'": "apos",
  "<": "lt",
  ">": "gt",
};

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

const backslashes = String.raw`(?:\\|%(?:25){0,3}5c|&#92;){0,7}`;

/**
 * One character in every spelling met: plain, behind backslashes, in a URL or a form, in a page, as
 * `\u00e9`; each of them also twice over, and in either letter case.
 */
function characterPattern(character: string): RegExp {
  const code = character.codePointAt(0) ?? 0;
  const bytes = [...Buffer.from(character.toWellFormed())];
  const units = character.split("").map((unit) => unit.charCodeAt(0));
  const spellings = [
    bytes.map((byte) => `%(?:25){0,3}${hex(byte, 2)}`).join(""),
    units.map((unit) => String.raw`\\{1,7}u${hex(unit, 4)}`).join(""),
    `&(?:amp;){0,3}(?:#${code}|#x0{0,3}${hex(code, 1)}|${entities[character] ?? "#"});`,
    ...(character === " " ? [String.raw`\+`] : []),
    // Last: `&amp;` begins with a plain one.
    character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`),
  ];
  return new RegExp(`${backslashes}(?:${spellings.join("|")})`, "iy");
}

/** Keys are made of few characters; a text of strange ones only makes them anew. */
const mostPatterns = 512;
const patterns = new Map<string, RegExp>();

function patternOf(character: string): RegExp {
  const known = patterns.get(character);
  if (known !== undefined) return known;
  if (patterns.size >= mostPatterns) patterns.clear();
  const pattern = characterPattern(character);
  patterns.set(character, pattern);
  return pattern;
}

/** Of a longer secret so much is looked for, and with it goes the rest of the word. */
const maxSought = 256;

/** Where the secret that starts at `start` ends; undefined where none starts. */
function endOf(text: string, start: number, characters: readonly string[]): number | undefined {
  let at = start;
  for (const character of characters) {
    const pattern = patternOf(character);
    pattern.lastIndex = at;
    if (!pattern.test(text)) return undefined;
    at = pattern.lastIndex;
  }
  return at;
}

const restOfWord = /[^\s"'<>]*/y;

function withoutSecret(text: string, secret: string, mask: string): string {
  const characters = [...secret];
  const sought = characters.slice(0, maxSought);
  const first = new RegExp(patternOf(sought[0] ?? "").source, "gi");
  let clean = "";
  let copied = 0;
  for (let found = first.exec(text); found !== null; found = first.exec(text)) {
    let end = endOf(text, found.index, sought);
    if (end === undefined) {
      first.lastIndex = found.index + 1;
      continue;
    }
    if (characters.length > maxSought) {
      restOfWord.lastIndex = end;
      end += restOfWord.exec(text)?.[0].length ?? 0;
    }
    clean += text.slice(copied, found.index) + mask;
    copied = end;
    first.lastIndex = end;
  }
  return clean + text.slice(copied);
}

/** Letters and digits are the same in every spelling, so most secrets are known not to be there at once. */
function mayHold(lowerCase: string, secret: string): boolean {
  const runs = secret.slice(0, maxSought).match(/[A-Za-z0-9]{4,}/g) ?? [];
  return runs.every((run) => lowerCase.includes(run.toLowerCase()));
}

/** A secret, and the parts of it that open doors by themselves: a token behind its scheme, a path. */
function partsOf(secret: string): readonly string[] {
  const token = /^(?:bearer|basic|token) +(\S{4,})$/i.exec(secret)?.[1];
  const url = /^https?:/i.test(secret) ? URL.parse(secret) : null;
  const path = url === null ? "" : `${url.pathname}${url.search}`;
  // "/webhook" alone is a word that the server's own refusals need.
  const isTelling = path.length >= 12;
  return [secret, ...(token === undefined ? [] : [token]), ...(isTelling ? [path] : [])];
}

/** `text` with `mask` in the place of every secret, of its telling parts, and of its base64. */
export function withoutSecrets(text: string, secrets: readonly string[], mask: string): string {
  const sought = [...new Set(secrets.filter((secret) => secret !== "").flatMap(partsOf))]
    // A key may be a part of another; the longer one goes first.
    .toSorted((left, right) => right.length - left.length);
  const lowerCase = text.toLowerCase();
  return sought.reduce((rest, secret) => {
    const plain = rest
      .replaceAll(secret, mask)
      .replaceAll(Buffer.from(secret).toString("base64"), mask);
    return mayHold(lowerCase, secret) ? withoutSecret(plain, secret, mask) : plain;
  }, text);
}
