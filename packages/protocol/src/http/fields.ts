import { z } from "zod";
import { eventTypes } from "../event-types.ts";

/** Fields that several routes share. Input is strict, so that a misspelt field is named, not ignored. */

/** Why a field was refused where zod has no word for it; the server says it in the caller's language. */
export const fieldProblems = [
  "ill_formed_text",
  "name_length",
  "blank",
  "unknown_event_type",
  "line_break",
  "not_a_moment",
  "needs_one_of",
] as const;
export type FieldProblem = (typeof fieldProblems)[number];

/** Options of a refinement that fails with `problem`. */
export function because(problem: FieldProblem): {
  readonly error: string;
  readonly params: { readonly problem: FieldProblem };
} {
  return { error: problem, params: { problem } };
}

/** Longest name, in Unicode code points. */
export const maxNameLength = 200;

/** A name as people write it: any script, emoji, `/`; stored in Unicode's composed form (NFC). */
export const nameSchema = z
  .string()
  .max(4_000)
  .refine((text) => text.isWellFormed(), because("ill_formed_text"))
  .normalize("NFC")
  .refine((text) => text.trim() !== "", because("blank"))
  .refine((text) => [...text].length <= maxNameLength, because("name_length"))
  .meta({ minLength: 1, maxLength: maxNameLength });

/** What stands in answers for a secret that is set. Sent back unchanged, it leaves the secret as it is. */
export const maskedSecret = "********";

/** A credential: any text that fits into an HTTP header. */
export const secretTextSchema = z
  .string()
  .min(1)
  .max(1_000)
  .refine((text) => text.isWellFormed(), because("ill_formed_text"))
  .refine((text) => !/[\r\n\0]/.test(text), because("line_break"));

export const maskSchema = z.string().describe("Set; the value is never shown");

/** ISO-8601 UTC, as every answer has it. */
export const timeSchema = z.iso.datetime();

const momentText = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

/** ISO-8601 with `Z` or an offset, or a date (its first moment in UTC); as Unix milliseconds afterwards. */
export const momentSchema = z
  .string()
  .max(50)
  .refine((text) => momentText.safeParse(text).success, because("not_a_moment"))
  .transform((text) => Date.parse(text));

/** True for a type of the vocabulary, `<group>.*` of at least one of them, and `*`. */
export function isTypePattern(pattern: string): boolean {
  return eventTypes.some((type) => matchesType(pattern, type));
}

/** Whether a type pattern (`message.received`, `message.*`, `*`) covers a type. */
export function matchesType(pattern: string, type: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith(".*")
    ? pattern.length > 2 && type.startsWith(pattern.slice(0, -1))
    : pattern === type;
}

export const typePatternSchema = z
  .string()
  .max(100)
  .refine(isTypePattern, because("unknown_event_type"))
  .describe("An event type, a group such as message.*, or *");

export const scopesSchema = z
  .array(z.enum(["read", "write"]))
  .min(1)
  .max(2);

/** A thing's id; for instances its name works too (percent-encoded). */
export const idParams = z.strictObject({ id: z.string().min(1) });

/** A comma list in a query; empty items are ignored. */
export const commaListSchema = z
  .string()
  .max(4_000)
  .transform((text) =>
    text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
  );

/** `true` or `false` in a query. */
export const flagSchema = z.enum(["true", "false"]).transform((text) => text === "true");
