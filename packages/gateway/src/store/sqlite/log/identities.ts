import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NewEvent } from "../../contract/index.ts";
import type { KnownIdentity } from "./duplicate-cause.ts";
import type { RecentEvents } from "./recent-events.ts";

/** What an event is found by when its copy arrives. */
export interface IdentityQuery {
  readonly hash: number;
  readonly tenant: number;
  readonly instance: string | null;
  readonly key: string;
}

/**
 * The number that an identity is found by: 48 bits of SHA-1, which SQLite stores in 6 bytes. Not a proof
 * of anything: whoever finds a row by it compares the text.
 */
export function identityHash(tenant: number, event: NewEvent): number {
  const text = `${tenant} ${event.instanceId ?? ""} ${event.identity.key}`;
  return hash("sha1", text, "buffer").readUIntBE(0, 6);
}

/** Finds the event of an identity. */
export class Identities {
  readonly #recent: RecentEvents;
  readonly #indexed: StatementSync;
  readonly #event: StatementSync;

  constructor(db: DatabaseSync, recent: RecentEvents) {
    this.#recent = recent;
    this.#indexed = db.prepare(
      "SELECT position FROM event_identities WHERE hash = ? ORDER BY position DESC",
    );
    this.#event = db.prepare(
      `SELECT id, expires_at, content_missing, body_hash, source FROM events
       WHERE position = ? AND tenant = ? AND instance IS ? AND identity_key = ?`,
    );
  }

  /** The newest event of the identity. A hash may be another's: the event itself is asked. */
  find(query: IdentityQuery): KnownIdentity | undefined {
    const recent = this.#recent.byHash(query.hash);
    for (let i = recent.length - 1; i >= 0; i -= 1) {
      const known = this.#ask(recent[i]?.position, query);
      if (known) return known;
    }
    // A hash that nothing has is the rule: `get` makes no array for it.
    if (this.#indexed.get(query.hash) === undefined) return undefined;
    for (const row of this.#indexed.all(query.hash)) {
      const known = this.#ask(row["position"] as number, query);
      if (known) return known;
    }
    return undefined;
  }

  #ask(position: number | undefined, query: IdentityQuery): KnownIdentity | undefined {
    if (position === undefined) return undefined;
    return this.#event.get(position, query.tenant, query.instance, query.key) as unknown as
      | KnownIdentity
      | undefined;
  }
}
