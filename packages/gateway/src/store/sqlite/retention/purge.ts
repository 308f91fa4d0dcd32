import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Logger } from "../../../base/logger.ts";
import type { GroupCommit } from "../group-commit.ts";
import type { EventIndex } from "../log/event-index.ts";
import { EventRangeDelete } from "./event-range-delete.ts";

/** Rows that go in one commit. */
const rowsPerCommit = 500;

/**
 * Removes the rows of deleted tenants, a little at a time between other commits: a large log would stop
 * everything for seconds if it went at once. Cut off from its tenant, a log is unreachable already; what
 * a stop of the process leaves is removed after the next start.
 */
export class Purge {
  readonly #writer: GroupCommit;
  readonly #detach: StatementSync;
  readonly #next: StatementSync;
  readonly #events: StatementSync;
  readonly #index: EventIndex;
  readonly #eventRange: EventRangeDelete;
  readonly #attempts: StatementSync;
  readonly #deliveries: StatementSync;
  readonly #rest: readonly StatementSync[];
  readonly #logger: Logger;
  #isRunning = false;
  #isAskedAgain = false;

  constructor(db: DatabaseSync, writer: GroupCommit, index: EventIndex, logger: Logger) {
    this.#index = index;
    this.#writer = writer;
    this.#logger = logger;
    this.#detach = db.prepare("UPDATE log_tenants SET tenant_id = NULL WHERE tenant_id = ?");
    this.#next = db.prepare("SELECT number FROM log_tenants WHERE tenant_id IS NULL LIMIT 1");
    this.#events = db.prepare(
      `SELECT min("offset") AS first, max("offset") AS last FROM
         (SELECT "offset" FROM event_places WHERE tenant = ? ORDER BY "offset" LIMIT ?)`,
    );
    this.#eventRange = new EventRangeDelete(db);
    const some =
      "SELECT sequence FROM deliveries WHERE tenant = ? ORDER BY status, sequence LIMIT ?";
    this.#attempts = db.prepare(`DELETE FROM attempts WHERE delivery IN (${some})`);
    this.#deliveries = db.prepare(`DELETE FROM deliveries WHERE sequence IN (${some})`);
    const tables = [
      "log_minutes",
      "log_instances",
      "log_duplicates",
      "people_pairs",
      "delivery_cursors",
      "delivery_counts",
      "event_terms",
      "log_texts",
      "cold_blocks",
    ];
    this.#rest = [
      ...tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE tenant = ?`)),
      db.prepare("DELETE FROM log_tenants WHERE number = ?"),
    ];
  }

  /** Must run inside the writer's transaction. */
  detach(tenantId: string): void {
    this.#detach.run(tenantId);
  }

  /** Begins, or goes on, in the background. */
  start(): void {
    this.#isAskedAgain = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    try {
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false;
        let isMore = true;
        while (isMore && this.#writer.accepts) {
          isMore = await this.#writer.write({ rows: rowsPerCommit, bytes: 0 }, () => this.#step());
        }
      }
    } catch (error) {
      this.#logger.warn(
        { err: error },
        "removing a deleted tenant's rows stopped; it goes on after the next start",
      );
    } finally {
      this.#isRunning = false;
    }
  }

  /** False when nothing is left. */
  #step(): boolean {
    const tenant = this.#next.get()?.["number"] as number | undefined;
    if (tenant === undefined) return false;
    this.#index.catchUp();
    const events = this.#events.get(tenant, rowsPerCommit) as
      | { first: number | null; last: number | null }
      | undefined;
    if (events?.first != null && events.last != null) {
      this.#eventRange.run(tenant, events.first, events.last);
      return true;
    }
    this.#attempts.run(tenant, rowsPerCommit);
    if (this.#deliveries.run(tenant, rowsPerCommit).changes !== 0) return true;
    for (const statement of this.#rest) statement.run(tenant);
    return true;
  }
}
