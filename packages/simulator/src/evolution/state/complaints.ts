/** What Evolution's JSON schemas say of a body, in the words of its validator. Pure. */

export type Members = { readonly [name: string]: unknown };

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export type FieldType = "boolean" | "string" | "number" | "object" | "array";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Allowed values; of an array: of its items, which must be texts. */
  readonly oneOf?: readonly unknown[];
  readonly pattern?: RegExp;
}

export interface Schema {
  /** In the schema's order, which is the order of the complaints. */
  readonly fields: readonly Field[];
  readonly required: readonly string[];
  /** Fields that may not be empty texts, but only when the body has no others. */
  readonly notEmptyAlone?: readonly string[];
}

function fits(type: FieldType, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  return type === "object" ? isObject(value) : typeof value === type;
}

const notAmong = (path: string, allowed: readonly unknown[]): string =>
  `${path} is not one of enum values: ${allowed.join(",")}`;

function ofItems(path: string, items: readonly unknown[], allowed: readonly unknown[]): string[] {
  return items.flatMap((item, index) => {
    const wrongType =
      typeof item === "string" ? [] : [`${path}[${index}] is not of a type(s) string`];
    return allowed.includes(item)
      ? wrongType
      : [...wrongType, notAmong(`${path}[${index}]`, allowed)];
  });
}

function ofField(path: string, field: Field, value: unknown): string[] {
  const found: string[] = [];
  if (!fits(field.type, value)) found.push(`${path} is not of a type(s) ${field.type}`);
  if (field.type === "array") {
    if (Array.isArray(value) && field.oneOf) found.push(...ofItems(path, value, field.oneOf));
    return found;
  }
  if (field.oneOf && !field.oneOf.includes(value)) found.push(notAmong(path, field.oneOf));
  if (field.pattern && typeof value === "string" && !field.pattern.test(value))
    found.push(`${path} does not match pattern ${JSON.stringify(field.pattern.source)}`);
  return found;
}

/**
 * Complaints about `value`. `path` is the member's name, empty for the body itself: its own members are
 * then named alone, and the body as a whole is called `instance`.
 */
export function complaintsAbout(value: Members, schema: Schema, path: string): string[] {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const found = schema.fields.flatMap((field) =>
    field.name in value ? ofField(at(field.name), field, value[field.name]) : [],
  );
  for (const name of schema.required) {
    if (!(name in value))
      found.push(`${path === "" ? "instance" : path} requires property "${name}"`);
  }
  const alone = schema.notEmptyAlone ?? [];
  if (Object.keys(value).every((name) => alone.includes(name))) {
    for (const name of alone) if (value[name] === "") found.push(`The "${name}" cannot be empty`);
  }
  return found;
}
