/** Finds files written as base64 in JSON bytes, from quotation mark to quotation mark, without parsing. Pure. */

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

export interface Base64String {
  /** Of the opening quotation mark. */
  readonly start: number;
  /** Behind the closing one. */
  readonly end: number;
  /** `data:…;base64,` when it stood there, else empty. */
  readonly dataPrefix: string;
  readonly file: Buffer;
}

/** Members in which people's own words stand: a word of 100,000 letters is no file. */
const words: ReadonlySet<string> = new Set([
  "conversation",
  "text",
  "caption",
  "body",
  "title",
  "description",
  "contentText",
  "hydratedContentText",
  "vcard",
]);

const dataUrl = /^data:[\w.+-]*\/?[\w.+-]*(?:;[\w.+-]+=(?:[\w.+-]+|"[^"]*"))*;base64,/i;
const alphabet = /^[A-Za-z0-9+/_-]+={0,2}$/;
const lineBreaks = /[\r\n]+/g;
const shortestLine = 60;

function isEscaped(bytes: Buffer, at: number): boolean {
  let first = at;
  while (first > 0 && bytes[first - 1] === backslash) first--;
  return (at - first) % 2 === 1;
}

/** Behind the closing quotation mark; -1 when there is none. */
function endOfString(bytes: Buffer, start: number): number {
  let end = bytes.indexOf(quote, start + 1);
  while (end !== -1 && isEscaped(bytes, end)) end = bytes.indexOf(quote, end + 1);
  return end === -1 ? -1 : end + 1;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isKey(bytes: Buffer, end: number): boolean {
  let at = end;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === colon;
}

/** The name of the member whose value starts at `start`; undefined in a list. */
function nameBefore(bytes: Buffer, start: number): string | undefined {
  let at = start - 1;
  while (at >= 0 && isSpace(bytes[at])) at--;
  if (bytes[at] !== colon) return undefined;
  at--;
  while (at >= 0 && isSpace(bytes[at])) at--;
  if (bytes[at] !== quote) return undefined;
  let from = bytes.lastIndexOf(quote, at - 1);
  while (from > 0 && isEscaped(bytes, from)) from = bytes.lastIndexOf(quote, from - 1);
  return from < 0 || at - from > 200 ? undefined : bytes.toString("latin1", from + 1, at);
}

/** What JSON escapes is resolved, and undefined when the escapes are none. */
function unescaped(text: string): string | undefined {
  if (!text.includes("\\")) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined;
  }
}

function withoutLineBreaks(text: string): string | undefined {
  if (!/[\r\n]/.test(text)) return text;
  let breaks = 0;
  const joined = text.replaceAll(lineBreaks, () => {
    breaks++;
    return "";
  });
  // Base64 in lines has long ones; a text of short lines is a text.
  return breaks <= joined.length / shortestLine + 2 ? joined : undefined;
}

function decoded(
  raw: string,
  name: string | undefined,
): { readonly dataPrefix: string; readonly file: Buffer } | undefined {
  const text = unescaped(raw);
  if (text === undefined) return undefined;
  const dataPrefix = dataUrl.exec(text.slice(0, 400))?.[0] ?? "";
  if (dataPrefix === "" && name !== undefined && words.has(name)) return undefined;
  const joined = withoutLineBreaks(dataPrefix === "" ? text : text.slice(dataPrefix.length));
  if (joined === undefined || !alphabet.test(joined)) return undefined;
  const letters = joined.length - (joined.endsWith("==") ? 2 : joined.endsWith("=") ? 1 : 0);
  if (letters % 4 === 1) return undefined;
  return { dataPrefix, file: Buffer.from(joined, "base64") };
}

/** Every string value of more than `threshold` bytes that is base64, in order. */
export function* base64Strings(bytes: Buffer, threshold: number): Generator<Base64String> {
  for (let at = bytes.indexOf(quote); at !== -1;) {
    const end = endOfString(bytes, at);
    if (end === -1) return;
    if (end - at - 2 > threshold && !isKey(bytes, end)) {
      const found = decoded(bytes.toString("latin1", at + 1, end - 1), nameBefore(bytes, at));
      if (found) yield { start: at, end, ...found };
    }
    at = bytes.indexOf(quote, end);
  }
}
