/**
 * Removes members by name from JSON text, and leaves every other byte as it was.
 *
 * Parsing and printing again would round large integers, re-escape texts and merge repeated keys; the
 * raw event promises none of that. So the text is scanned once and the doomed members are cut out.
 */

const quote = '"';
const space = /[\t\n\r ]/;
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
  if (!mayHold(text, names)) return text;
  const doomed = new Set(names);
  const frames: Frame[] = [];
  let kept = "";
  let copied = 0;
  let at = 0;
  let expectsKey = false;
  while (at < text.length) {
    const frame = frames.at(-1);
    const character = text[at];
    if (character === quote) {
      const end = endOfString(text, at);
      if (!expectsKey || frame === undefined) {
        at = end;
        continue;
      }
      expectsKey = false;
      if (!doomed.has(keyIn(text.slice(at, end)))) {
        frame.hasKept = true;
        at = end;
        continue;
      }
      const cut = cutOut(text, at, end, frame);
      kept += text.slice(copied, cut.from);
      copied = cut.to;
      at = cut.to;
      expectsKey = cut.expectsKey;
      continue;
    }
    if (character === "{" || character === "[") {
      frames.push({ isObject: character === "{", hasKept: false, comma: at });
      expectsKey = character === "{";
    } else if (character === "}" || character === "]") {
      frames.pop();
      expectsKey = false;
    } else if (character === "," && frame !== undefined) {
      frame.comma = at;
      expectsKey = frame.isObject;
    }
    at += 1;
  }
  return kept + text.slice(copied);
}

/** False when no name can be in `text`: the usual case, decided without a scan. */
function mayHold(text: string, names: readonly string[]): boolean {
  if (names.length === 0) return false;
  const escape = names.every((name) => plainName.test(name)) ? "\\u" : "\\";
  return text.includes(escape) || names.some((name) => text.includes(name));
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
  if (text[next] !== ",") return { from: keyStart, to: valueEnd, expectsKey: false };
  return { from: keyStart, to: skipSpace(text, next + 1), expectsKey: true };
}

function keyIn(quoted: string): string {
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && space.test(text[at] ?? "")) at += 1;
  return at;
}

/** Behind the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf(quote, start + 1);
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf(quote, end + 1);
  return end === -1 ? text.length : end + 1;
}

function isEscaped(text: string, at: number, start: number): boolean {
  let first = at;
  while (first - 1 > start && text[first - 1] === "\\") first -= 1;
  return (at - first) % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === quote) {
      at = endOfString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || space.test(character ?? ""))) return at;
    at += 1;
  }
  return at;
}
