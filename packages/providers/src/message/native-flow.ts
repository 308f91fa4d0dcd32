import type { JsonObject } from "../contract.ts";
import { objectOf } from "./read/members.ts";

/** Larger parameters than any flow has are left unread. */
const maxLength = 1_000_000;

/** A native flow's parameters: JSON inside a text. What does not parse says nothing. */
export function parseNativeParameters(value: unknown): JsonObject | undefined {
  if (typeof value !== "string") return objectOf(value);
  if (value.length > maxLength) return undefined;
  try {
    return objectOf(JSON.parse(value));
  } catch {
    return undefined;
  }
}
