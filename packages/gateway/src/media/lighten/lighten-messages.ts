/** What the gateway and its media thread say to each other. */

export interface LightenPlace {
  /** Where unfinished files go; the thread writes nowhere else. */
  readonly incoming: string;
  readonly key: Uint8Array;
}

export interface LightenCall {
  readonly id: number;
  readonly tenantId: string;
  /** Handed over, and handed back in the reply. */
  readonly bytes: Uint8Array;
}

/** A file on disk, synced, that has no name yet. */
export interface WrittenFile {
  readonly sha256: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export type LightenReply =
  | {
      readonly id: number;
      readonly ok: true;
      readonly bytes: Uint8Array;
      /** Absent: as it came. */
      readonly light?: Uint8Array;
      /** SHA-256 of the body as it came, lower-case hex. */
      readonly bodyHash: string;
      readonly files: readonly WrittenFile[];
    }
  | { readonly id: number; readonly ok: false; readonly message: string };
