import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";

/** A request that does not fit its route. The issues are told in the caller's language when answered. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
  readonly issues: readonly z.core.$ZodIssue[];

  constructor(issues: readonly z.core.$ZodIssue[]) {
    super("the request does not fit its route");
    this.issues = issues;
  }
}

/** Parses with zod; what follows has the parsed value. */
export const zodValidator: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data) => {
    // Inputs stay in the issues so that a sentence can say what kind of value came; they are not shown.
    const result = schema.safeParse(data, { reportInput: true });
    return result.success
      ? { value: result.data }
      : { error: new InvalidInput(result.error.issues) };
  };

/** An issue of our own, where a value fits its schema and still cannot be taken. */
export function fieldIssue(
  path: readonly (string | number)[],
  problem: string,
  input?: unknown,
): InvalidInput {
  return new InvalidInput([
    { code: "custom", path: [...path], message: problem, params: { problem }, input },
  ]);
}
