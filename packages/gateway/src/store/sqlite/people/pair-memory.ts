import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PersonPair } from "../../contract/index.ts";

/** An instance, in the log's numbers. */
export interface PairScope {
  readonly tenant: number;
  readonly instance: string;
}

/** By address: the phone of a LID, or the LIDs of a phone, or that nothing is known. */
type Known = Map<string, readonly string[]>;

const none: readonly string[] = [];
/** Addresses remembered for all instances together; above it everything is read anew. */
const maxRemembered = 20_000;
/** LIDs of one phone that an identity is looked up under. */
const maxLids = 4;

const lidServer = /@(?:hosted\.)?lid$/;

/**
 * Pairs of addresses as the writer sees them, with what its open transaction has learnt. In front of the
 * table stands a bounded memory, which knows as well of whom nothing is known: an event of somebody that
 * was met before costs no query.
 *
 * Only the writer's transactions use it; readers ask the table.
 */
export class PairMemory {
  readonly #phone: StatementSync;
  readonly #lids: StatementSync;
  readonly #learn: StatementSync;
  #byTenant = new Map<number, Map<string, Known>>();
  #size = 0;

  constructor(db: DatabaseSync) {
    this.#phone = db.prepare(
      "SELECT phone FROM people_pairs WHERE tenant = ? AND instance = ? AND lid = ?",
    );
    this.#lids = db.prepare(
      `SELECT lid FROM people_pairs WHERE tenant = ? AND phone = ? AND instance = ?
       ORDER BY learned_at DESC, lid LIMIT ${maxLids}`,
    );
    this.#learn = db.prepare(
      `INSERT INTO people_pairs (tenant, instance, lid, phone, learned_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET phone = excluded.phone, learned_at = excluded.learned_at`,
    );
  }

  /** Other addresses of the person at `address`; empty when none is known. */
  formsOf(scope: PairScope, address: string): readonly string[] {
    const known = this.#of(scope);
    const remembered = known.get(address);
    if (remembered !== undefined) return remembered;
    return this.#remember(known, address, this.#read(scope, address));
  }

  /** True when this was not known yet; `at` in Unix milliseconds. */
  learn(scope: PairScope, { lid, phone }: PersonPair, at: number): boolean {
    const [before] = this.formsOf(scope, lid);
    if (before === phone) return false;
    this.#learn.run(scope.tenant, scope.instance, lid, phone, at);
    const known = this.#of(scope);
    known.set(lid, [phone]);
    for (const address of [phone, before]) if (address !== undefined) known.delete(address);
    return true;
  }

  /** The transaction, or a part of it, did not happen. */
  forget(): void {
    this.#byTenant = new Map();
    this.#size = 0;
  }

  #of({ tenant, instance }: PairScope): Known {
    let ofTenant = this.#byTenant.get(tenant);
    if (!ofTenant) {
      ofTenant = new Map<string, Known>();
      this.#byTenant.set(tenant, ofTenant);
    }
    let known = ofTenant.get(instance);
    if (!known) {
      known = new Map<string, readonly string[]>();
      ofTenant.set(instance, known);
    }
    return known;
  }

  #read(scope: PairScope, address: string): readonly string[] {
    if (lidServer.test(address)) {
      const row = this.#phone.get(scope.tenant, scope.instance, address);
      return row === undefined ? none : [row["phone"] as string];
    }
    if (!address.endsWith("@s.whatsapp.net")) return none;
    const rows = this.#lids.all(scope.tenant, address, scope.instance);
    return rows.length === 0 ? none : rows.map((row) => row["lid"] as string);
  }

  #remember(known: Known, address: string, forms: readonly string[]): readonly string[] {
    if (this.#size >= maxRemembered) {
      this.forget();
      return forms;
    }
    this.#size += 1;
    known.set(address, forms);
    return forms;
  }
}
