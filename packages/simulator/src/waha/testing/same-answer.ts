/** Comparing an answer with a recorded one: equal, but for values that are of the moment. */

/** What of an answer is of the moment: dotted paths, `*` for any index. */
export type OfTheMoment = readonly string[];

/** Letters and digits as one sign, so that only the form is compared. */
const form = (text: string): string => text.replace(/[A-Za-z0-9+/]+=*/g, "x");

function shapeOf(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\n") ? "lines" : form(value);
  return typeof value;
}

/** `value` with what is of the moment replaced by its form. */
export function comparable(value: unknown, moment: OfTheMoment, path = ""): unknown {
  if (path !== "" && moment.includes(path)) return shapeOf(value);
  const under = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((entry) => comparable(entry, moment, under("*")));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, comparable(member, moment, under(key))]),
  );
}
