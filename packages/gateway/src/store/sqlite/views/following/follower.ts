import type { DatabaseSync, StatementSync } from "node:sqlite";
import { storedRowColumns, type StoredRow, type StoredRows } from "../../packing/stored-rows.ts";
import { parsedEvent } from "../reads/event-texts.ts";
import { writeStatement } from "./write-statement.ts";
import { indexedTypes, indexEvent } from "./index-event.ts";
import type { IndexWriter } from "./index-writer.ts";

interface LogRow extends StoredRow {
  readonly position: number;
}

/** Positions in one transaction. */
const positionsPerStep = 250;

/**
 * Reads the log of all tenants by position and writes what its events say into the views. How far it has
 * read is committed with what it wrote: a step happens as a whole or not at all.
 */
export class Follower {
  readonly #rows: StoredRows;
  readonly #views: DatabaseSync;
  readonly #next: StatementSync;
  readonly #events: StatementSync;
  readonly #progress: StatementSync;
  readonly #save: StatementSync;
  readonly #writer: IndexWriter;

  constructor(main: DatabaseSync, rows: StoredRows, views: DatabaseSync, writer: IndexWriter) {
    this.#rows = rows;
    this.#views = views;
    this.#next = main.prepare("SELECT min(position) AS position FROM events WHERE position > ?");
    const types = indexedTypes.map((type) => `'${type}'`).join(", ");
    this.#events = main.prepare(
      `SELECT e.position, ${storedRowColumns} FROM events e
       WHERE e.position BETWEEN ? AND ? AND e.instance IS NOT NULL AND e.type IN (${types})
         AND e.tenant IN (SELECT number FROM log_tenants WHERE tenant_id IS NOT NULL) ORDER BY e.position`,
    );
    this.#progress = views.prepare("SELECT position FROM progress");
    this.#save = writeStatement(views, "UPDATE progress SET position = ?");
    this.#writer = writer;
  }

  /** Everything up to here was read. */
  get position(): number {
    return (this.#progress.get()?.["position"] as number | undefined) ?? 0;
  }

  /** One step towards a position that is on disk; true when there is more to do. */
  step(durablePosition: number): boolean {
    const position = this.position;
    if (position >= durablePosition) return false;
    const next = this.#next.get(position)?.["position"] as number | null;
    const first = Math.min(next ?? durablePosition, durablePosition);
    const last = Math.min(first + positionsPerStep - 1, durablePosition);
    const rows = this.#events.all(first, last) as unknown as readonly LogRow[];
    this.#views.exec("BEGIN IMMEDIATE");
    try {
      for (const row of rows) this.#take(row);
      this.#save.run(last);
      this.#views.exec("COMMIT");
    } catch (error) {
      this.#writer.forget();
      if (this.#views.isTransaction) this.#views.exec("ROLLBACK");
      throw error;
    }
    return last < durablePosition;
  }

  /** Rows were deleted beside it. */
  forget(): void {
    this.#writer.forget();
  }

  #take(row: LogRow): void {
    const {
      position,
      tenant,
      offset,
      instance,
      occurred_at: occurredAt,
      received_at: receivedAt,
    } = row;
    if (instance === null) return;
    // What is said to happen later than it was received is a clock that goes wrong.
    const at = Math.min(occurredAt, receivedAt);
    const indexed = indexEvent(parsedEvent(this.#rows, row));
    this.#writer.write({ position, tenant, offset, instance, at }, indexed);
  }
}
