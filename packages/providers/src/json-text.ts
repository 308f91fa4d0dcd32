/**
 * Removes members by name from JSON text, and leaves every other byte as it was.
 *
 * Parsing and printing again would round large integers, re-escape texts and merge repeated keys; the
 * raw event promises none of that. So the doomed members are found in the text and cut out: by their
 * keys as they are usually written, and by a scan of the whole text where a key may be written with
 * escapes.
 */

const quote = 0x22;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const backslash = 0x5c;
const plainName = /^[A-Za-z0-9_]+$/;

/** A container that the scan is inside of. */
interface Frame {
  readonly isObject: boolean;
  /** A member was kept, so a comma stands in front of the next one. */
  hasKept: boolean;
  /** Position of the last comma. */
  comma: number;
}

/**
 * `text` without the members called one of `names`, at any depth, however their keys are escaped.
 * `text` must be valid JSON; of other text only the length of the answer is bounded. Linear in `text`.
 */
export function removeMembers(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  const keys = keyPattern(names);
  if (keys === undefined || escapedLetter.test(text)) return new Scan(text, names).run();
  return cutMembers(text, keys);
}

/** A letter, digit or underscore as an escape: nobody writes keys so, but it would be the same key. */
const escapedLetter = /\\u00[3-7]/;

const patterns = new WeakMap<readonly string[], RegExp>();

/** Finds the names as keys; undefined when one of them could be written in several ways. */
function keyPattern(names: readonly string[]): RegExp | undefined {
  const known = patterns.get(names);
  if (known) return known;
  if (!names.every((name) => plainName.test(name))) return undefined;
  // A quotation mark inside a text has a backslash in front, and only a key has a colon behind it.
  const pattern = new RegExp(`(?<!\\\\)"(?:${names.join("|")})"[ \\t\\r\\n]*:`, "g");
  patterns.set(names, pattern);
  return pattern;
}

/** Linear in `text`, however many members go. */
function cutMembers(text: string, keys: RegExp): string {
  let kept = "";
  let copied = 0;
  keys.lastIndex = 0;
  for (let found = keys.exec(text); found !== null; found = keys.exec(text)) {
    const start = found.index;
    const end = endOfValue(text, skipSpace(text, keys.lastIndex));
    const before = lastBefore(text, start);
    // One comma goes with the member: the one in front, or for a first member the one behind. A member
    // right behind one that was cut with its comma is the first now.
    const isFirst = before < copied || text.charCodeAt(before) !== comma;
    const next = skipSpace(text, end);
    const takesNext = isFirst && text.charCodeAt(next) === comma;
    kept += text.slice(copied, isFirst ? start : before);
    copied = takesNext ? skipSpace(text, next + 1) : end;
    keys.lastIndex = copied;
  }
  return kept + text.slice(copied);
}

/** The last position in front of `at` that is no white space. */
function lastBefore(text: string, at: number): number {
  let before = at - 1;
  while (before > 0 && isSpace(text.charCodeAt(before))) before -= 1;
  return before;
}

class Scan {
  readonly #text: string;
  readonly #doomed: ReadonlySet<string>;
  readonly #shortestName: number;
  readonly #longestName: number;
  readonly #frames: Frame[] = [];
  #frame: Frame | undefined;
  #kept = "";
  #copied = 0;
  #expectsKey = false;

  constructor(text: string, names: readonly string[]) {
    this.#text = text;
    this.#doomed = new Set(names);
    this.#shortestName = Math.min(...names.map((name) => name.length));
    this.#longestName = Math.max(...names.map((name) => name.length));
  }

  run(): string {
    const text = this.#text;
    let at = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === quote) at = this.#string(at);
      else {
        if (code === comma) this.#comma(at);
        else if (code === openBrace || code === openBracket) this.#open(at, code === openBrace);
        else if (code === closeBrace || code === closeBracket) this.#close();
        at += 1;
      }
    }
    return this.#kept + text.slice(this.#copied);
  }

  #open(at: number, isObject: boolean): void {
    this.#frame = { isObject, hasKept: false, comma: at };
    this.#frames.push(this.#frame);
    this.#expectsKey = isObject;
  }

  #close(): void {
    this.#frames.pop();
    this.#frame = this.#frames.at(-1);
    this.#expectsKey = false;
  }

  #comma(at: number): void {
    if (this.#frame === undefined) return;
    this.#frame.comma = at;
    this.#expectsKey = this.#frame.isObject;
  }

  /** A string at `start`: where to go on. */
  #string(start: number): number {
    const end = endOfString(this.#text, start);
    const frame = this.#frame;
    if (!this.#expectsKey || frame === undefined) return end;
    this.#expectsKey = false;
    if (!this.#isDoomed(start, end)) {
      frame.hasKept = true;
      return end;
    }
    const cut = cutOut(this.#text, start, end, frame);
    this.#kept += this.#text.slice(this.#copied, cut.from);
    this.#copied = cut.to;
    this.#expectsKey = cut.expectsKey;
    return cut.to;
  }

  /** A letter of a key takes up to six characters when it is escaped. */
  #isDoomed(start: number, end: number): boolean {
    const length = end - start - 2;
    if (length < this.#shortestName || length > this.#longestName * 6) return false;
    const key = this.#text.slice(start + 1, end - 1);
    return this.#doomed.has(key.includes("\\") ? unescaped(key) : key);
  }
}

/** One comma goes with the member: the one in front when something was kept, else the one behind. */
function cutOut(
  text: string,
  keyStart: number,
  keyEnd: number,
  frame: Frame,
): { from: number; to: number; expectsKey: boolean } {
  const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
  const valueEnd = endOfValue(text, valueStart);
  if (frame.hasKept) return { from: frame.comma, to: valueEnd, expectsKey: false };
  const next = skipSpace(text, valueEnd);
  if (text.charCodeAt(next) !== comma) return { from: keyStart, to: valueEnd, expectsKey: false };
  return { from: keyStart, to: skipSpace(text, next + 1), expectsKey: true };
}

function unescaped(key: string): string {
  try {
    return String(JSON.parse(`"${key}"`));
  } catch {
    return key;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

/** Behind the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, at: number, start: number): boolean {
  let first = at;
  while (first - 1 > start && text.charCodeAt(first - 1) === backslash) first -= 1;
  return (at - first) % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = endOfString(text, at);
      if (depth === 0) return at;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
      at += 1;
    } else if (code === closeBrace || code === closeBracket) {
      if (depth <= 1) return depth === 0 ? at : at + 1;
      depth -= 1;
      at += 1;
    } else if (depth === 0 && (code === comma || isSpace(code))) return at;
    else at += 1;
  }
  return at;
}
