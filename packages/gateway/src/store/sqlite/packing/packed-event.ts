/**
 * An event's JSON as it is stored: without what the row's columns say already. What is left out is put back
 * by {@link unpackEvent}, byte by byte; an envelope that is not built as expected is stored as it is.
 *
 * Packed text is `<number of a text> <rest>`. The text is what stands between type and times; in the rest,
 * control characters stand for the chat, the contact and the message, and for long strings that the body
 * has in the same spelling: the words of a message, most often. JSON never contains them as such.
 */
export interface PackedColumns {
  readonly id: string;
  readonly type: string;
  readonly chat: string | null;
  /** Digits of a phone, or a LID. */
  readonly phone: string | null;
  readonly messageId: string | null;
  /** Unix milliseconds. */
  readonly occurredAt: number;
  readonly receivedAt: number;
}

const chatMark = "\u0001";
const phoneMark = "\u0002";
const messageMark = "\u0003";
const bodyMark = "\u0004";
const marks = new RegExp(`[${chatMark}${phoneMark}${messageMark}]`, "g");
/** Where a string is in the body, and how long it is: two numbers whose digits are control characters too. */
const bodyMarks = new RegExp(`${bodyMark}([\u0010-\u001f]{5})([\u0010-\u001f]{5})`, "g");
const firstDigit = 0x10;
const digits = 5;
/** Shorter strings are not worth looking for. */
const longStrings = /"(?:[^"\\]|\\.){40,}"/g;
/** Looking through a longer body for every string would take too long. */
const maxSearched = 65_536;

let lastMs = Number.NaN;
let lastIso = "";

/** Times of one commit are mostly equal or near: the last one is remembered. */
function isoOf(ms: number): string {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastIso;
}

function timesOf({ occurredAt, receivedAt }: PackedColumns): string {
  return `,"occurredAt":"${isoOf(occurredAt)}","receivedAt":"${isoOf(receivedAt)}"`;
}

const anyMark = new RegExp(`[\u0001-\u001f]`);

function marked(text: string, value: string | null, mark: string): string {
  // Such a value is never found in JSON, and must not be found in a mark.
  if (value === null || value === "" || anyMark.test(value)) return text;
  return text.replaceAll(value, mark);
}

function digitsOf(number: number): string {
  let text = "";
  for (let shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += String.fromCharCode(firstDigit + ((number >> shift) & 15));
  return text;
}

function numberOfDigits(text: string): number {
  let number = 0;
  for (let index = 0; index < text.length; index += 1)
    number = number * 16 + text.charCodeAt(index) - firstDigit;
  return number;
}

/** Strings of `rest` that `body` has become where they are in it. */
function withReferences(rest: string, body: string): string {
  if (body.length > maxSearched || rest.length > maxSearched) return rest;
  return rest.replace(longStrings, (string) => {
    const at = body.indexOf(string);
    return at < 0 ? string : bodyMark + digitsOf(at) + digitsOf(string.length);
  });
}

/** True when {@link inlineBody} needs the body. */
export function refersToBody(stored: string): boolean {
  return stored.includes(bodyMark);
}

/** Puts back what was left out because the body has it. */
export function inlineBody(stored: string, body: string): string {
  return stored.replace(bodyMarks, (_mark, begin: string, length: string) => {
    const at = numberOfDigits(begin);
    return body.slice(at, at + numberOfDigits(length));
  });
}

/** `json`: the envelope without its offset. `body`: its text, when it has one. `numberOf`: of a text, undefined when it cannot have one. */
export function packEvent(
  json: string,
  columns: PackedColumns,
  body: string | undefined,
  numberOf: (text: string) => number | undefined,
): string | undefined {
  const begin = `{"id":"${columns.id}","type":"${columns.type}"`;
  if (!json.startsWith(begin)) return undefined;
  const at = json.indexOf(',"occurredAt":"', begin.length);
  const times = timesOf(columns);
  if (at < 0 || !json.startsWith(times, at)) return undefined;
  const number = numberOf(json.slice(begin.length, at));
  if (number === undefined) return undefined;
  let rest = json.slice(at + times.length);
  if (body !== undefined) rest = withReferences(rest, body);
  rest = marked(rest, columns.chat, chatMark);
  rest = marked(rest, columns.phone, phoneMark);
  rest = marked(rest, columns.messageId, messageMark);
  return `${number} ${rest}`;
}

/** The envelope with its offset, of a text without references to the body. `textOf`: by number. */
export function unpackEvent(
  stored: string,
  offset: number,
  columns: PackedColumns,
  textOf: (number: number) => string,
): string {
  // What was not packed has its offset already.
  if (stored.startsWith("{")) return stored;
  const space = stored.indexOf(" ");
  const text = textOf(Number(stored.slice(0, space)));
  const rest = stored.slice(space + 1).replace(marks, (mark) => {
    if (mark === chatMark) return columns.chat ?? "";
    return (mark === phoneMark ? columns.phone : columns.messageId) ?? "";
  });
  return `{"offset":${offset},"id":"${columns.id}","type":"${columns.type}"${text}${timesOf(columns)}${rest}`;
}
