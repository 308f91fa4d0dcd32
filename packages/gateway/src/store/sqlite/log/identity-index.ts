import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { KnownIdentity } from "./duplicate-cause.ts";

/**
 * Identities that are written into the index together. A hash falls anywhere in the index: written one
 * by one each would dirty a page of its own, and a commit of 64 events would write 64 pages for them.
 */
const identitiesPerStep = 1_024;

/** What an event is found by when its copy arrives. */
export interface IdentityQuery {
  readonly hash: number;
  readonly tenant: number;
  readonly instance: string | null;
  readonly key: string;
}

/**
 * Finds the event of an identity: the newest ones in memory, the others in `event_identities`. What is
 * in memory can be read again from the events at any time; must run inside the writer's transaction.
 */
export class IdentityIndex {
  readonly #indexed: StatementSync;
  readonly #event: StatementSync;
  readonly #unindexed: StatementSync;
  readonly #through: StatementSync;
  readonly #saveThrough: StatementSync;
  readonly #insert: StatementSync;
  /** Positions by hash, ascending; undefined when they must be read again. */
  #recent: Map<number, number[]> | undefined;
  #count = 0;
  #last = 0;

  constructor(db: DatabaseSync) {
    this.#indexed = db.prepare(
      "SELECT position FROM event_identities WHERE hash = ? ORDER BY position DESC",
    );
    this.#event = db.prepare(
      `SELECT id, expires_at, content_missing, body_hash, source FROM events
       WHERE position = ? AND tenant = ? AND instance IS ? AND identity_key = ?`,
    );
    this.#unindexed = db.prepare(
      "SELECT position, identity_hash AS hash FROM events WHERE position > ? ORDER BY position",
    );
    this.#through = db.prepare("SELECT through FROM identity_progress");
    this.#saveThrough = db.prepare("UPDATE identity_progress SET through = ?");
    // One call for all of a step: calls cost more than the rows.
    this.#insert = db.prepare(
      "INSERT OR IGNORE INTO event_identities SELECT value ->> 0, value ->> 1 FROM json_each(?)",
    );
  }

  /** The newest event of the identity. A hash may be another's: the event itself is asked. */
  find(query: IdentityQuery): KnownIdentity | undefined {
    const recent = this.#positions().get(query.hash);
    if (recent) {
      for (const position of recent.toReversed()) {
        const known = this.#ask(position, query);
        if (known) return known;
      }
    }
    for (const row of this.#indexed.all(query.hash)) {
      const known = this.#ask(row["position"] as number, query);
      if (known) return known;
    }
    return undefined;
  }

  add(hash: number, position: number): void {
    remember(this.#positions(), hash, position);
    this.#count += 1;
    this.#last = position;
  }

  /** Writes a step when one is due; before the commit of the events it speaks of. */
  save(): void {
    if (this.#count < identitiesPerStep) return;
    const pairs = [...this.#positions()]
      .flatMap(([hash, positions]) => positions.map((position) => [hash, position] as const))
      .toSorted((a, b) => a[0] - b[0]);
    this.#insert.run(JSON.stringify(pairs));
    this.#saveThrough.run(this.#last);
    this.#recent = new Map();
    this.#count = 0;
  }

  /** The transaction did not happen. */
  forget(): void {
    this.#recent = undefined;
  }

  #ask(position: number, query: IdentityQuery): KnownIdentity | undefined {
    return this.#event.get(position, query.tenant, query.instance, query.key) as unknown as
      | KnownIdentity
      | undefined;
  }

  #positions(): Map<number, number[]> {
    if (this.#recent) return this.#recent;
    const recent = new Map<number, number[]>();
    const through = Number(this.#through.get()?.["through"] ?? 0);
    this.#count = 0;
    for (const row of this.#unindexed.iterate(through)) {
      this.#last = row["position"] as number;
      remember(recent, row["hash"] as number, this.#last);
      this.#count += 1;
    }
    this.#recent = recent;
    return recent;
  }
}

function remember(recent: Map<number, number[]>, hash: number, position: number): void {
  const positions = recent.get(hash);
  if (positions) positions.push(position);
  else recent.set(hash, [position]);
}
