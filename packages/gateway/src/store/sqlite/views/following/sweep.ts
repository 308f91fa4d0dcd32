import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { TextIndex } from "./text-index.ts";
import { writeStatement } from "./write-statement.ts";

/** Rows that go in one step. */
const rowsPerStep = 500;

/**
 * Removes what the log does not keep any more: everything below a tenant's floor, and all of a tenant that
 * was deleted. In small steps, each a transaction of its own; readers pass over what is below the floor at
 * once.
 */
export class Sweep {
  readonly #views: DatabaseSync;
  readonly #floors: StatementSync;
  readonly #tenants: StatementSync;
  readonly #oldest: StatementSync;
  readonly #lastMessage: StatementSync;
  readonly #deleteMention: StatementSync;
  readonly #deleteState: StatementSync;
  readonly #texts: TextIndex | undefined;
  readonly #belowFloor: readonly StatementSync[];
  readonly #deleteScopes: StatementSync;
  readonly #swept = new Map<number, number>();

  constructor(main: DatabaseSync, views: DatabaseSync, texts: TextIndex | undefined) {
    this.#views = views;
    this.#floors = main.prepare(
      "SELECT number, floor FROM log_tenants WHERE tenant_id IS NOT NULL",
    );
    this.#tenants = views.prepare("SELECT DISTINCT tenant FROM scopes");
    this.#oldest = views.prepare(
      `SELECT position, state, kind, place FROM mentions WHERE tenant = ? AND "offset" < ? LIMIT ${rowsPerStep}`,
    );
    this.#lastMessage = writeStatement(
      views,
      `UPDATE places SET last_at = coalesce(
         (SELECT max(at) FROM mentions m WHERE m.place = places.number AND kind <= 2), 0) WHERE number = ?`,
    );
    this.#deleteMention = writeStatement(views, "DELETE FROM mentions WHERE position = ?");
    this.#deleteState = writeStatement(
      views,
      "DELETE FROM states WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM mentions WHERE state = ?1)",
    );
    this.#texts = texts;
    this.#belowFloor = [
      `DELETE FROM facts WHERE tenant = ? AND "offset" < ?`,
      `DELETE FROM members WHERE tenant = ? AND "offset" < ?`,
      "DELETE FROM places WHERE tenant = ? AND last_offset < ?",
    ].map((sql) => writeStatement(views, sql));
    this.#deleteScopes = writeStatement(
      views,
      `DELETE FROM scopes WHERE tenant = ?
         AND NOT EXISTS (SELECT 1 FROM places p WHERE p.tenant = scopes.tenant AND p.scope = scopes.number)
         AND NOT EXISTS (SELECT 1 FROM states s WHERE s.scope = scopes.number)`,
    );
  }

  /** One step; false when there was nothing to do. */
  step(): boolean {
    const floors = new Map<number, number>();
    for (const row of this.#floors.all())
      floors.set(row["number"] as number, row["floor"] as number);
    for (const row of this.#tenants.all()) {
      const tenant = row["tenant"] as number;
      const floor = floors.get(tenant) ?? Number.MAX_SAFE_INTEGER;
      if (floor <= (this.#swept.get(tenant) ?? 1)) continue;
      this.#stepOf(tenant, floor);
      return true;
    }
    return this.#texts?.mergeStep() ?? false;
  }

  #stepOf(tenant: number, floor: number): void {
    this.#views.exec("BEGIN IMMEDIATE");
    try {
      const rows = this.#oldest.all(tenant, floor) as unknown as readonly {
        readonly position: number;
        readonly state: number;
        readonly kind: number;
        readonly place: number | null;
      }[];
      for (const { position } of rows) {
        this.#deleteMention.run(position);
        this.#texts?.delete(position);
      }
      for (const state of new Set(rows.map((row) => row.state))) this.#deleteState.run(state);
      for (const place of new Set(rows.filter(({ kind }) => kind <= 2).map((row) => row.place)))
        if (place !== null) this.#lastMessage.run(place);
      const isLast = rows.length < rowsPerStep;
      if (isLast) {
        for (const statement of this.#belowFloor) statement.run(tenant, floor);
        this.#deleteScopes.run(tenant);
      }
      this.#views.exec("COMMIT");
      if (isLast) this.#swept.set(tenant, floor);
    } catch (error) {
      if (this.#views.isTransaction) this.#views.exec("ROLLBACK");
      throw error;
    }
  }
}
