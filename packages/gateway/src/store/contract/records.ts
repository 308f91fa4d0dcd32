import type { TenantScope } from "./scope.ts";

/**
 * Small documents about what the directory holds: what was found at an instance's provider, how a number
 * is doing, a pairing link. Each kind belongs to one module, which reads it tolerantly: a record may have
 * been written by an older version.
 *
 * Secrets inside are sealed or hashed by the caller. A tenant's records go with the tenant. Writes are
 * durable when they resolve. Unbounded in number only as the things they speak of are.
 */
export interface Records {
  get(scope: TenantScope, kind: string, key: string): Promise<StoredRecord | undefined>;
  /** Creates or replaces. */
  put(scope: TenantScope, kind: string, key: string, value: RecordValue): Promise<void>;
  /** Replaces only what still is at `version` (0: only creates). False when somebody was first. */
  putIf(
    scope: TenantScope,
    kind: string,
    key: string,
    value: RecordValue,
    version: number,
  ): Promise<boolean>;
  /** False when there was none. */
  delete(scope: TenantScope, kind: string, key: string): Promise<boolean>;
  /** Ascending keys, those after `afterKey`. */
  list(scope: TenantScope, kind: string, page: RecordPage): Promise<readonly StoredRecord[]>;
  /** Unscoped: whose record has this key, for keys that are hashes of a credential. */
  findAnywhere(kind: string, key: string): Promise<OwnedRecord | undefined>;
}

/** Must survive JSON. */
export type RecordValue = Readonly<Record<string, unknown>>;

export interface StoredRecord {
  readonly key: string;
  readonly value: RecordValue;
  /** 1 when it was made, one more with each change. */
  readonly version: number;
}

export interface OwnedRecord extends StoredRecord {
  readonly tenantId: string;
}

export interface RecordPage {
  readonly afterKey?: string;
  /** 1–1,000. */
  readonly limit: number;
}
