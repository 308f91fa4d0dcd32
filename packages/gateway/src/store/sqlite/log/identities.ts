import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { identityForms } from "../../contract/index.ts";
import { unpackId } from "../packing/packed-id.ts";
import type { PairMemory, PairScope } from "../people/pair-memory.ts";
import type { KnownIdentity } from "./duplicate-cause.ts";
import type { RecentEvents } from "./recent-events.ts";

/** What an event is found by when its copy arrives. */
export interface IdentityQuery {
  readonly tenant: number;
  readonly instance: string | null;
  readonly key: string;
  readonly digest: IdentityDigest;
}

/** What stands for an identity in a row: SHA-1 of it, in two parts. */
export interface IdentityDigest {
  /** The number that it is found by: 48 bits, which SQLite stores in 6 bytes. */
  readonly hash: number;
  /** The other 112, which prove what was found; a fifth of what the text would take. */
  readonly rest: Uint8Array;
}

export function identityDigest(
  tenant: number,
  instance: string | null,
  key: string,
): IdentityDigest {
  const digest = hash("sha1", `${tenant} ${instance ?? ""} ${key}`, "buffer");
  return { hash: digest.readUIntBE(0, 6), rest: digest.subarray(6) };
}

const none: readonly IdentityQuery[] = [];

/** What is asked of a stored event that has an identity. */
type FoundIdentity = KnownIdentity & {
  readonly position: number;
  /** The contact's digits, their LID where no phone was known, or null. */
  readonly phone: string | null;
};

type StoredIdentity = Omit<FoundIdentity, "id"> & { readonly id: string | Uint8Array };

/**
 * Finds the event of an identity: under its text as it is, and under the texts with other known addresses
 * of the same people, since one provider names the same person by LID today and by phone tomorrow.
 *
 * Nothing that is stored is written anew when a pair becomes known; hence a pair that turns out wrong
 * merges nothing for good. What is found by another address must not be another person's: an event
 * whose contact had another phone when it was stored, because the LID was theirs then, is not meant.
 */
export class Identities {
  readonly #pairs: PairMemory;
  readonly #recent: RecentEvents;
  readonly #indexed: StatementSync;
  readonly #indexedEither: StatementSync;
  readonly #event: StatementSync;

  constructor(db: DatabaseSync, recent: RecentEvents, pairs: PairMemory) {
    this.#recent = recent;
    this.#pairs = pairs;
    this.#indexed = db.prepare(
      "SELECT position FROM event_identities WHERE hash = ? ORDER BY position DESC",
    );
    this.#indexedEither = db.prepare("SELECT 1 FROM event_identities WHERE hash IN (?, ?) LIMIT 1");
    this.#event = db.prepare(
      `SELECT position, phone, id, expires_at, content_missing, body_hash, source FROM events
       WHERE position = ? AND tenant = ? AND instance IS ? AND identity_key IN (?, ?)`,
    );
  }

  /**
   * The newest event of the identity. `hash`: of its text as it is; `phone`: digits of the contact's
   * phone, when known.
   */
  find(query: IdentityQuery, phone: string | undefined): KnownIdentity | undefined {
    const others = this.#otherForms(query);
    if (others.length === 1 && others[0] && this.#hasNeither(query, others[0])) return undefined;
    const exact = this.#findText(query);
    // Once its content is there, the event under the same text has the last word.
    if (exact?.content_missing === 0) return exact;
    let newest = exact;
    for (const other of others) {
      const found = this.#findText(other);
      if (found && found.position > (newest?.position ?? 0) && !isOfAnother(found, phone))
        newest = found;
    }
    return newest;
  }

  #otherForms({ tenant, instance, key }: IdentityQuery): readonly IdentityQuery[] {
    if (instance === null) return none;
    const scope: PairScope = { tenant, instance };
    const forms = identityForms(key, (address) => this.#pairs.formsOf(scope, address));
    if (forms.length === 0) return none;
    return forms.map((form) => ({
      tenant,
      instance,
      key: form,
      digest: identityDigest(tenant, instance, form),
    }));
  }

  /** The usual case of a new event of somebody with two addresses: one question for both. */
  #hasNeither({ digest: one }: IdentityQuery, { digest: other }: IdentityQuery): boolean {
    return (
      this.#recent.byHash(one.hash).length === 0 &&
      this.#recent.byHash(other.hash).length === 0 &&
      this.#indexedEither.get(one.hash, other.hash) === undefined
    );
  }

  /** A hash may be another's: the event itself is asked. */
  #findText(query: IdentityQuery): FoundIdentity | undefined {
    const recent = this.#recent.byHash(query.digest.hash);
    for (let i = recent.length - 1; i >= 0; i -= 1) {
      const known = this.#ask(recent[i]?.position, query);
      if (known) return known;
    }
    // A hash that nothing has is the rule: `get` makes no array for it.
    if (this.#indexed.get(query.digest.hash) === undefined) return undefined;
    for (const row of this.#indexed.all(query.digest.hash)) {
      const known = this.#ask(row["position"] as number, query);
      if (known) return known;
    }
    return undefined;
  }

  #ask(position: number | undefined, query: IdentityQuery): FoundIdentity | undefined {
    if (position === undefined) return undefined;
    const { tenant, instance, digest, key } = query;
    // Rows of earlier versions have the text.
    const row = this.#event.get(position, tenant, instance, digest.rest, key) as unknown as
      | StoredIdentity
      | undefined;
    return row && { ...row, id: unpackId(row.id) };
  }
}

function isOfAnother(found: FoundIdentity, phone: string | undefined): boolean {
  if (phone === undefined || found.phone === null || found.phone.includes("@")) return false;
  return found.phone !== phone;
}
