import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Texts that one tenant may have: an instance needs one for each of its names. */
const maxTexts = 5_000;
/** Texts of which one sighting is remembered. */
const maxSeen = 16;

/** The numbers of a tenant's texts, for writing; must be used inside the writer's transaction. */
export class TenantTexts {
  readonly #tenant: number;
  readonly #insert: StatementSync;
  readonly #numbers = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(statements: TextStatements, tenant: number) {
    this.#tenant = tenant;
    this.#insert = statements.insert;
    for (const row of statements.ofTenant.all(tenant))
      this.#numbers.set(String(row["text"]), Number(row["number"]));
  }

  /** Undefined when the tenant has as many as it may have. */
  numberOf(text: string): number | undefined {
    return this.#numbers.get(text) ?? this.#add(text);
  }

  /**
   * The same for texts of which most may differ: one gets its number when it is seen again soon. A
   * provider that signs its webhooks sends headers that never repeat.
   */
  numberOfRepeated(text: string): number | undefined {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#seen.delete(text)) return this.#add(text);
    this.#seen.add(text);
    if (this.#seen.size > maxSeen) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return undefined;
  }

  #add(text: string): number | undefined {
    if (this.#numbers.size >= maxTexts) return undefined;
    const number = Number(this.#insert.run(this.#tenant, text).lastInsertRowid);
    this.#numbers.set(text, number);
    return number;
  }
}

/** What {@link TenantTexts} runs, prepared once for all tenants. */
export interface TextStatements {
  readonly insert: StatementSync;
  readonly ofTenant: StatementSync;
}

export function textStatements(db: DatabaseSync): TextStatements {
  return {
    insert: db.prepare("INSERT INTO log_texts (tenant, text) VALUES (?, ?)"),
    ofTenant: db.prepare("SELECT number, text FROM log_texts WHERE tenant = ?"),
  };
}
