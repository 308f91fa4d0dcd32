/** A tenant's place in the log while it is written to. */
export interface LogTenant {
  readonly number: number;
  /** Newest offset; written back before each commit. */
  head: number;
  /** Newest offset whose terms are written. */
  termsThrough: number;
}
