/** What the door asks of whoever takes files out of large bodies; structural, so that neither imports the other. */
export interface LargeBodies {
  /** Undefined: the body is small enough to be read as it is. Empties `bytes` otherwise. */
  lighten(tenantId: string, bytes: Uint8Array): Promise<LightenedBody> | undefined;
}

export interface LightenedBody {
  /** As it came: what a signature covers. */
  readonly original: Uint8Array;
  /** With references in the place of files: what is read and stored. */
  readonly light: Uint8Array;
  /** SHA-256 of the body as it came, lower-case hex. */
  readonly bodyHash: string;
  /** Before the event is stored: its files are on disk when this resolves. */
  keep(): Promise<void>;
  /** Once the event is stored or refused. */
  release(): Promise<void>;
}
