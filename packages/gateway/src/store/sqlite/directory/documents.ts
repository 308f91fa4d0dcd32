import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { RecadoError } from "../../../base/recado-error.ts";
import type { Page } from "../../contract/index.ts";
import { isTaken } from "../sqlite-error.ts";

interface Identified {
  readonly id: string;
  readonly createdAt: number;
}

/** A table of records as JSON documents beside the columns they are found by. */
export interface DocumentTable<Item extends Identified> {
  readonly name: string;
  /** Columns taken from the record and kept equal to it, in the order in which `values` answers them. */
  readonly columns: readonly string[];
  readonly values: (item: Item) => readonly SQLInputValue[];
}

/** `owner` of tenants themselves, which belong to nobody. */
export const nobody = "";

function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

/** Half an emoji would come back as it was from JSON but not from a column: both keep the same text. */
function documentOf(item: object): string {
  return JSON.stringify(item, wellFormed);
}

/** Records of one kind. Writes must run inside the writer's transaction. */
export class Documents<Item extends Identified> {
  readonly #db: DatabaseSync;
  readonly #table: DocumentTable<Item>;
  readonly #insert: StatementSync;
  readonly #byId: StatementSync;
  readonly #page: StatementSync;
  readonly #update: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, table: DocumentTable<Item>) {
    const { name, columns } = table;
    this.#db = db;
    this.#table = table;
    const all = ["id", "tenant_id", "created_at", "document", ...columns];
    this.#insert = db.prepare(
      `INSERT INTO ${name} (${all.join(", ")}) VALUES (${all.map(() => "?").join(", ")})`,
    );
    this.#byId = db.prepare(`SELECT document FROM ${name} WHERE id = ? AND tenant_id = ?`);
    // When the last item of the page before is gone, its id still says when it was made (UUID version 7).
    this.#page = db.prepare(
      `SELECT document FROM ${name} WHERE tenant_id = ?1 AND CASE
         WHEN ?2 IS NULL THEN 1
         WHEN EXISTS (SELECT 1 FROM ${name} WHERE id = ?2 AND tenant_id = ?1)
           THEN (created_at, id) > (SELECT created_at, id FROM ${name} WHERE id = ?2)
         ELSE id > ?2 END
       ORDER BY created_at, id LIMIT ?3`,
    );
    this.#update = db.prepare(
      `UPDATE ${name} SET ${["document", ...columns].map((column) => `${column} = ?`).join(", ")} WHERE id = ? AND tenant_id = ?`,
    );
    this.#remove = db.prepare(`DELETE FROM ${name} WHERE id = ? AND tenant_id = ?`);
  }

  insert(owner: string, item: Item): void {
    const values = this.#table.values(item);
    this.#refuseTaken(() =>
      this.#insert.run(item.id, owner, item.createdAt, documentOf(item), ...values),
    );
  }

  byId(owner: string, id: string): Item | undefined {
    return this.#parse(this.#byId.get(id, owner));
  }

  page(owner: string, page: Page): readonly Item[] {
    return this.#parseAll(this.#page.all(owner, page.afterId ?? null, page.limit));
  }

  /** Members that are null are removed, those that are undefined stay as they are. */
  update(
    owner: string,
    id: string,
    change: { readonly [member: string]: unknown },
  ): Item | undefined {
    const before = this.byId(owner, id);
    if (!before) return undefined;
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const merged = Object.entries({ ...before, ...Object.fromEntries(given) }).filter(
      ([, value]) => value !== null,
    );
    // A change of these never comes from a caller: the contract's types leave them out.
    const document = documentOf({
      ...Object.fromEntries(merged),
      id: before.id,
      createdAt: before.createdAt,
    });
    const after = JSON.parse(document) as Item;
    this.#refuseTaken(() => this.#update.run(document, ...this.#table.values(after), id, owner));
    return after;
  }

  remove(owner: string, id: string): boolean {
    return this.#remove.run(id, owner).changes !== 0;
  }

  removeAll(owner: string): void {
    this.#db.prepare(`DELETE FROM ${this.#table.name} WHERE tenant_id = ?`).run(owner);
  }

  /** A read by other columns; `condition` is SQL of ours, never a caller's. */
  finder(condition: string): (...parameters: readonly SQLInputValue[]) => readonly Item[] {
    const statement = this.#db.prepare(
      `SELECT document FROM ${this.#table.name} WHERE ${condition} ORDER BY created_at, id`,
    );
    return (...parameters) => this.#parseAll(statement.all(...parameters));
  }

  #parse(row: { readonly [column: string]: unknown } | undefined): Item | undefined {
    return row && (JSON.parse(String(row["document"])) as Item);
  }

  #parseAll(rows: readonly { readonly [column: string]: unknown }[]): readonly Item[] {
    return rows.map((row) => JSON.parse(String(row["document"])) as Item);
  }

  #refuseTaken(run: () => unknown): void {
    try {
      run();
    } catch (error) {
      throw isTaken(error) ? new RecadoError("name_taken", [], { cause: error }) : error;
    }
  }
}
