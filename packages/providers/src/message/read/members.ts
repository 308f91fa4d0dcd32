import type { JsonObject } from "../../contract.ts";

/**
 * Tolerant reading of parsed JSON. Servers built on Go write `URL`, `stanzaID`, `paramsJSON` where
 * those built on Node write `url`, `stanzaId`, `paramsJson`; a member is found in any letter case.
 * Wrong types read as absent: a strange field never hides its neighbours.
 */

/** `value` when it is a JSON object (no array, not null). */
export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

/** `value` when it is an array, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The member called `name` in any letter case; the exact spelling wins; null reads as absent. */
export function member(owner: unknown, name: string): unknown {
  const object = objectOf(owner);
  if (object === undefined) return undefined;
  if (Object.hasOwn(object, name)) return object[name] ?? undefined;
  for (const key of Object.keys(object)) {
    if (key.length === name.length && key.toLowerCase() === name.toLowerCase()) {
      return object[key] ?? undefined;
    }
  }
  return undefined;
}

/** The first of `names` that is there. */
export function firstMember(owner: unknown, ...names: readonly string[]): unknown {
  for (const name of names) {
    const value = member(owner, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The member's value when it is an object. */
export function objectAt(owner: unknown, name: string): JsonObject | undefined {
  return objectOf(member(owner, name));
}

/** A text; an empty one counts. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The first of `names` whose value is a text that is not empty. */
export function wordAt(owner: unknown, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = member(owner, name);
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** Ids and codes come as texts or as numbers; empty ones are none. */
export function idAt(owner: unknown, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = member(owner, name);
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number" && Number.isFinite(value)) return String(value);
  }
  return undefined;
}

/** True for `true` and for the word of it. */
export function flagAt(owner: unknown, name: string): boolean {
  const value = member(owner, name);
  return value === true || value === "true";
}

/** `value` without the members that are undefined: what a provider did not say is absent. */
export function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
