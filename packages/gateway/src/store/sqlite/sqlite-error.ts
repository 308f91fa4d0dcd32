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
/** IOERR_CORRUPTFS: the file system says that it is damaged. */
const damagedFileSystem = 8458;
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
  if (failedSyncs.has(code) || isDamage(error)) return "fatal";
  const primaryCode = code & 0xff;
  return unavailable.has(primaryCode) ? "unavailable" : "statement";
}

/** What is in the file, or under it, is not what was written. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  if (code === undefined) return false;
  const primaryCode = code & 0xff;
  return (
    primaryCode === primary.corrupt ||
    primaryCode === primary.notADatabase ||
    code === damagedFileSystem
  );
}

export const damagedReason = "the database is damaged";

const reasons: ReadonlyMap<number, string> = new Map([
  [primary.perm, "the data folder cannot be written to"],
  [primary.busy, "another program holds the database"],
  [primary.locked, "another program holds the database"],
  [primary.noMemory, "there is not enough memory"],
  [primary.readOnly, "the data folder cannot be written to"],
  [primary.ioError, "the disk refuses to be written to"],
  [primary.corrupt, damagedReason],
  [primary.full, "the disk is full"],
  [primary.cantOpen, "the data folder cannot be written to"],
  [primary.notADatabase, damagedReason],
]);

/** Why the store cannot write, in plain words without a path. */
export function reasonOf(error: unknown): string {
  const code = resultCode(error);
  if (code === undefined || failedSyncs.has(code))
    return "a sync failed: what was written may not be on disk";
  if (code === damagedFileSystem) return "the file system is damaged";
  return reasons.get(code & 0xff) ?? "the store cannot write";
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

/** A call of the operating system failed, for example the sync of a file. */
export function isFileError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && typeof error.syscall === "string";
}
