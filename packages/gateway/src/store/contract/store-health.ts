/** How the store is doing, for `/ready`, `/metrics` and the log. Holds nothing of any tenant. */
export interface StoreHealth {
  /**
   * `refusing`: writes fail for now (a full disk); the store tries by itself and goes back to `well`.
   * `failed`: nothing is stored any more in this process, see `Store.failed`.
   */
  readonly state: "well" | "refusing" | "failed";
  /** A plain English sentence without paths; absent while well. */
  readonly reason?: string;
  /** When the state began, Unix milliseconds. */
  readonly since: number;
  /** Writes refused because the store could not write, since the process started. */
  readonly refusedWrites: number;
  /** Absent until it was first read, and where the system does not tell. */
  readonly disk?: DiskSpace;
}

/** Of the file system that holds the data. Bytes. */
export interface DiskSpace {
  /** What this process may still use. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** So little is left that somebody should look. */
  readonly isLow: boolean;
}
