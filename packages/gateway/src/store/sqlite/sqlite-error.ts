/** How a failed statement or commit is to be taken. */
export type SqliteFailure =
  /** This statement was wrong (a constraint, a value): only its own job fails. */
  | "statement"
  /** The disk is full or refuses writes for now: this commit fails, a later one may succeed. */
  | "unavailable"
  /** What is on disk can no longer be trusted: nothing may be acknowledged any more. */
  | "fatal";

// Result codes of https://sqlite.org/rescode.html; the low byte is the primary code.
const primary = {
  perm: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
};
const unavailable: ReadonlySet<number> = new Set([
  primary.perm,
  primary.busy,
  primary.locked,
  primary.noMemory,
  primary.readOnly,
  primary.ioError,
  primary.full,
  primary.cantOpen,
]);
/** IOERR_FSYNC and IOERR_DIR_FSYNC: the kernel may have dropped the pages and forgotten about it. */
const failedSyncs: ReadonlySet<number> = new Set([1034, 1290]);
const constraintUnique = 2067;
const constraintPrimaryKey = 1555;

function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode
    : undefined;
}

export function classifyFailure(error: unknown): SqliteFailure {
  const code = resultCode(error);
  if (code === undefined) return "statement";
  if (failedSyncs.has(code)) return "fatal";
  const primaryCode = code & 0xff;
  if (primaryCode === primary.corrupt || primaryCode === primary.notADatabase) return "fatal";
  return unavailable.has(primaryCode) ? "unavailable" : "statement";
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && (code & 0xff) === primary.busy;
}

/** The row exists already, by a unique column or its key. */
export function isTaken(error: unknown): boolean {
  const code = resultCode(error);
  return code === constraintUnique || code === constraintPrimaryKey;
}
