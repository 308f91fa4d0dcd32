/**
 * A position in one tenant's log, as an opaque text: `v1.<tenant>.<epoch>.<offset>`.
 *
 * `tenant` is a short hash, so that a cursor pasted into another tenant is refused; it proves nothing
 * and is no credential. `epoch` names one incarnation of the log and changes when a backup is restored.
 */
export interface Cursor {
  readonly tenantHash: string;
  readonly epoch: string;
  /** The last offset the holder has; 0 is before the first event. */
  readonly offset: number;
}

const pattern = /^v1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,15})$/;

export function formatCursor(cursor: Cursor): string {
  return `v1.${cursor.tenantHash}.${cursor.epoch}.${cursor.offset}`;
}

/** The cursor, or undefined when `text` is not one (wrong form, or an offset beyond 2^53 − 1). */
export function parseCursor(text: string): Cursor | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, tenantHash, epoch, digits] = match;
  if (tenantHash === undefined || epoch === undefined || digits === undefined) return undefined;
  const offset = Number(digits);
  return Number.isSafeInteger(offset) ? { tenantHash, epoch, offset } : undefined;
}
