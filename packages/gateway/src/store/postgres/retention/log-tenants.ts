import type { Logger } from "../../../base/logger.ts";
import type { Directory, Tenant } from "../../contract/index.ts";
import { inTransaction, type Database } from "../database.ts";
import { asStoreError } from "../postgres-error.ts";
import { toStoredText } from "../stored-text.ts";

/** Events that go in one transaction. */
const eventsPerStep = 500;

/** Whose logs there are. A deleted tenant's log is unreachable at once; its rows go a little at a time. */
export class LogTenants implements Pick<Directory, "createTenant" | "deleteTenant"> {
  readonly #sql: Database;
  readonly #logger: Logger;
  #purging: Promise<void> | undefined;
  #isClosed = false;

  constructor(sql: Database, logger: Logger) {
    this.#sql = sql;
    this.#logger = logger;
  }

  async createTenant({ id }: Tenant): Promise<void> {
    try {
      await this.#sql`INSERT INTO logs (tenant_id) VALUES (${toStoredText(id)}) ON CONFLICT DO NOTHING`;
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async deleteTenant(id: string): Promise<boolean> {
    try {
      const deleted = await inTransaction(this.#sql, async (transaction) => {
        // An append that has the lane has read this log already and stores into it first.
        await transaction`SELECT FROM log_lane FOR UPDATE`;
        const [log] = await transaction<{ readonly number: number }[]>`
          DELETE FROM logs WHERE tenant_id = ${toStoredText(id)} RETURNING number`;
        if (log) await transaction`INSERT INTO deleted_logs VALUES (${log.number})`;
        return log !== undefined;
      });
      if (deleted) this.purge();
      return deleted;
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** Removes the rows of deleted logs in the background; what a stop leaves goes after the next start. */
  purge(): void {
    this.#purging ??= this.#purgeAll()
      .catch((error: unknown) => {
        this.#logger.warn(
          { err: error },
          "removing a deleted tenant's rows stopped; it goes on after the next start",
        );
      })
      .finally(() => {
        this.#purging = undefined;
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#purging;
  }

  async #purgeAll(): Promise<void> {
    while (!this.#isClosed) {
      const [log] = await this.#sql<{ readonly number: number }[]>`
        SELECT number FROM deleted_logs LIMIT 1`;
      if (!log) return;
      await this.#purgeStep(log.number);
    }
  }

  async #purgeStep(number: number): Promise<void> {
    const sql = this.#sql;
    const { count } = await sql`
      WITH some AS (SELECT "offset" FROM events WHERE log = ${number} ORDER BY "offset" LIMIT ${eventsPerStep}),
        gone AS (DELETE FROM events WHERE log = ${number} AND "offset" <= (SELECT max("offset") FROM some)
          RETURNING body),
        bodies_gone AS (DELETE FROM bodies WHERE id IN (SELECT body FROM gone))
      SELECT FROM gone`;
    if (count > 0) return;
    await inTransaction(sql, async (transaction) => {
      for (const table of ["bodies", "log_instances", "log_duplicates", "people_pairs"])
        await transaction`DELETE FROM ${transaction(table)} WHERE log = ${number}`;
      await transaction`DELETE FROM deleted_logs WHERE number = ${number}`;
    });
  }
}
