import type { Random } from "./random.ts";

/** A JSON value whose objects may have a key twice: they are lists of members until they are written. */
type Member = readonly [key: string, value: unknown];

/** Marks text that is written as it is: numbers and literals that no JavaScript value becomes. */
class Verbatim {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

class Members {
  readonly members: Member[];
  constructor(members: Member[]) {
    this.members = members;
  }
}

const oddTexts = [
  "",
  " ",
  "\u0000",
  "\u2028\u2029",
  "\ud83d",
  "\udc00x",
  "👨‍👩‍👧‍👦",
  "\u202eabc",
  "ﬃ",
  "İ",
  "null",
  "true",
  "-1",
  "1e999",
  "../../../etc/passwd",
  "%00%2e%2e%2f",
  "${7*7}{{7*7}}<script>",
  "a".repeat(70_000),
  "@lid",
  "@s.whatsapp.net",
  "0@s.whatsapp.net",
  "5511999999999:99@s.whatsapp.net",
  "5511999999999.0:12@s.whatsapp.net",
  "120363000000000000@g.us",
  "5511999999999-1600000000@g.us",
  "status@broadcast",
  "1234567890@newsletter",
  "55119 9999@c.us",
  "1".repeat(400),
  "-9223372036854775809",
  "2026-13-45T99:99:99Z",
  "data:image/png;base64,iVBORw0KGgo=",
  "http://169.254.169.254/latest/meta-data",
  "evt_00000000-0000-7000-8000-000000000000",
] as const;

const oddLiterals = [
  "0",
  "-0",
  "1",
  "-1",
  "1.5",
  "1e308",
  "1e999",
  "-1e999",
  "9007199254740993",
  "99999999999999999999999999999999",
  "0.1e-400",
  "253402300800000",
  "-62135596800001",
  "null",
  "true",
  "false",
  "[]",
  "{}",
  "[[]]",
  "[null]",
  '[""]',
  '{"":""}',
  '{"low":1,"high":2,"unsigned":false}',
  '{"low":-1,"high":2147483647}',
  '{"low":"1"}',
  '{"type":"Buffer","data":[1,2,3]}',
  '{"length":1000000000}',
  '{"then":1}',
  '{"toJSON":1}',
  '{"0":"a","1":"b"}',
] as const;

const oddKeys = [
  "",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
  "0",
  "id",
  "key",
  "data",
  "event",
  "instance",
  "payload",
  "session",
  "message",
  "\u0000",
  "a.b",
] as const;

/** The JSON text of `value` after one to four changes anywhere in it. */
export function mutatedJson(value: unknown, random: Random): string {
  let tree = toTree(value);
  for (let left = 1 + random.below(4); left > 0; left -= 1) tree = change(tree, random);
  return toText(tree);
}

/** The JSON text of `value`, its ids made other ones, so that it is a new occurrence. */
export function renewedJson(value: unknown, mark: string): string {
  const ids = new Set(["id", "_serialized", "keyId", "waId", "messageId", "stanzaId"]);
  return JSON.stringify(value, (key, member: unknown) =>
    ids.has(key) && typeof member === "string" ? `${member}${mark}` : member,
  );
}

function toTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toTree);
  if (typeof value !== "object" || value === null) return value;
  return new Members(Object.entries(value).map(([key, member]) => [key, toTree(member)]));
}

function toText(tree: unknown): string {
  if (tree instanceof Verbatim) return tree.text;
  if (Array.isArray(tree)) return `[${tree.map(toText).join(",")}]`;
  if (!(tree instanceof Members)) return JSON.stringify(tree) ?? "null";
  const members = tree.members.map(([key, value]) => `${JSON.stringify(key)}:${toText(value)}`);
  return `{${members.join(",")}}`;
}

/** Goes down by chance and changes what is there. */
function change(tree: unknown, random: Random): unknown {
  if (Array.isArray(tree) && tree.length > 0 && random.chance(0.85)) {
    const at = random.below(tree.length);
    return random.chance(0.7)
      ? tree.with(at, change(tree[at], random))
      : changedList(tree, at, random);
  }
  if (tree instanceof Members && tree.members.length > 0 && random.chance(0.92)) {
    const at = random.below(tree.members.length);
    const [key, value] = tree.members[at] ?? ["", null];
    if (random.chance(0.75))
      return new Members(tree.members.with(at, [key, change(value, random)]));
    return new Members(changedMembers(tree.members, at, random));
  }
  return replacement(tree, random);
}

function changedList(list: readonly unknown[], at: number, random: Random): readonly unknown[] {
  const item: unknown = list[at];
  return random.pick<() => readonly unknown[]>([
    () => list.toSpliced(at, 1),
    () => list.toSpliced(at, 0, item),
    () => Array.from({ length: 1 + random.below(60) }, () => item),
    () => list.toReversed(),
    () => [list],
  ])();
}

function changedMembers(members: readonly Member[], at: number, random: Random): Member[] {
  const [key, value] = members[at] ?? ["", null];
  return random.pick<() => Member[]>([
    () => members.toSpliced(at, 1),
    () => [...members, [key, replacement(value, random)]],
    () => members.with(at, [random.pick(oddKeys), value]),
    () => [...members, [random.pick(oddKeys), replacement(value, random)]],
    () => members.toReversed(),
    () => members.with(at, [key.toUpperCase(), value]),
  ])();
}

function replacement(tree: unknown, random: Random): unknown {
  return random.pick<() => unknown>([
    () => random.pick(oddTexts),
    () => new Verbatim(random.pick(oddLiterals)),
    () => (typeof tree === "string" ? editedText(tree, random) : [tree]),
    () => new Members([[random.pick(oddKeys), tree]]),
    () => (typeof tree === "number" ? String(tree) : new Verbatim(random.pick(oddLiterals))),
    () => nested(tree, random),
  ])();
}

function nested(tree: unknown, random: Random): unknown {
  const levels = random.pick([3, 30, 150, 190, 210, 2_000]);
  return new Verbatim(`${"[".repeat(levels)}${toText(tree)}${"]".repeat(levels)}`);
}

function editedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  return random.pick<() => string>([
    () => text.slice(0, at),
    () => text.slice(at),
    () => text.slice(0, at) + random.pick(oddTexts) + text.slice(at),
    () => text.repeat(1 + random.below(5)),
    () => [...text].toReversed().join(""),
    () => text.toUpperCase(),
  ])();
}
