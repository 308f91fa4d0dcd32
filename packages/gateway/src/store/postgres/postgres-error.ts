import { RecadoError } from "../../base/recado-error.ts";

/**
 * Classes of SQLSTATE in which the statement itself was wrong: the same will fail again, for this
 * statement only. Everything else is the server or the way to it.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const classesOfWrongStatements: ReadonlySet<string> = new Set(["21", "22", "23", "42", "54"]);

/** True when an entry of its own, not the server, made a transaction fail. */
export function isWrongStatement(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // An error without code never came from the server: it is a mistake in what was asked.
  if (!("code" in error) || typeof error.code !== "string") return true;
  return error.code.length === 5 && classesOfWrongStatements.has(error.code.slice(0, 2));
}

export function unavailable(reason: string, cause?: unknown): RecadoError {
  return new RecadoError("store_unavailable", [reason], { cause });
}

/** What a caller hears of a failed read or write. A connection's error may name the server, so it is only the cause. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof RecadoError || isWrongStatement(error)) return error;
  return unavailable("PostgreSQL did not answer", error);
}
