import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RecadoEvent } from "@recado/protocol";
import { unpackId } from "../../packing/packed-id.ts";
import { storedRowColumns, type StoredRow, type StoredRows } from "../../packing/stored-rows.ts";

/** The events behind the views, read from the log by position. */
export class EventTexts {
  readonly #rows: StoredRows;
  readonly #event: StatementSync;
  readonly #name: StatementSync;

  constructor(main: DatabaseSync, rows: StoredRows) {
    this.#rows = rows;
    this.#event = main.prepare(`SELECT ${storedRowColumns} FROM events e WHERE e.position = ?`);
    this.#name = main.prepare("SELECT id, type FROM events WHERE position = ?");
  }

  /** The whole event; undefined when it is gone from the log. */
  eventAt(position: number): RecadoEvent | undefined {
    const row = this.#event.get(position);
    return row && parsedEvent(this.#rows, row as unknown as StoredRow);
  }

  /** Cheaper than the event: what it is called. */
  nameAt(position: number): { readonly id: string; readonly type: string } | undefined {
    const row = this.#name.get(position) as
      | { readonly id: string | Uint8Array; readonly type: string }
      | undefined;
    return row && { id: unpackId(row.id), type: row.type };
  }
}

/** What was appended, whatever form the row has. */
export function parsedEvent(rows: StoredRows, row: StoredRow): RecadoEvent {
  // The envelope says whose it is; the row needs no tenant for that.
  return JSON.parse(rows.event("", row).json) as RecadoEvent;
}
