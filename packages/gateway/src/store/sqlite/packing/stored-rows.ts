import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BodyMeta, StoredBody, StoredEvent } from "../../contract/index.ts";
import { ColdReads, type BodyRow } from "../cold/cold-reads.ts";
import { storedEvent } from "../log/stored-event.ts";
import { inlineBody, refersToBody, unpackEvent } from "./packed-event.ts";
import { unpackId } from "./packed-id.ts";
import { TextReads } from "./text-reads.ts";

/** Columns of a {@link StoredRow}, in a table aliased `e`. */
export const storedRowColumns = `e."offset", e.tenant, e.id, e.type, e.instance, e.chat, e.phone, e.message_id, e.body,
  e.body_index, e.occurred_at, e.received_at, e.json`;

/** A row of `events` as it is stored. */
export interface StoredRow {
  readonly offset: number;
  readonly tenant: number;
  readonly id: string | Uint8Array;
  readonly type: string;
  readonly instance: string | null;
  readonly chat: string | null;
  readonly phone: string | null;
  readonly message_id: string | null;
  readonly body: number | null;
  readonly body_index: number;
  readonly occurred_at: number;
  readonly received_at: number;
  readonly json: string;
}

/**
 * The only way from what is stored to what was appended, for hot and cold rows alike. One for each
 * connection: what it remembers must be of the same moment as what it reads.
 */
export class StoredRows {
  readonly #texts: TextReads;
  readonly #cold: ColdReads;
  readonly #body: StatementSync;

  constructor(db: DatabaseSync) {
    this.#texts = new TextReads(db);
    this.#cold = new ColdReads(db);
    this.#body = db.prepare("SELECT meta, text FROM bodies WHERE tenant = ? AND id = ?");
  }

  event(tenantId: string, row: StoredRow): StoredEvent {
    const id = unpackId(row.id);
    return storedEvent(tenantId, { ...row, id, json: this.#json(id, row) });
  }

  /** `tenant` is the log's number. */
  body(tenant: number, bodyId: number): StoredBody | undefined {
    const row =
      (this.#body.get(tenant, bodyId) as BodyRow | undefined) ?? this.#cold.body(tenant, bodyId);
    if (!row) return undefined;
    const meta = row.meta.startsWith("{") ? row.meta : this.#texts.textOf(Number(row.meta));
    return { text: row.text, meta: JSON.parse(meta) as BodyMeta };
  }

  /** The packed text, without references to the body. */
  #stored(row: StoredRow): string {
    if (row.json === "") return this.#cold.json(row.tenant, row.offset);
    if (!refersToBody(row.json)) return row.json;
    const body = this.#body.get(row.tenant, row.body) as BodyRow | undefined;
    if (!body) throw new Error("the body that an event of the log refers to is missing");
    return inlineBody(row.json, body.text);
  }

  #json(id: string, row: StoredRow): string {
    const stored = this.#stored(row);
    const columns = {
      id,
      type: row.type,
      chat: row.chat,
      phone: row.phone,
      messageId: row.message_id,
      occurredAt: row.occurred_at,
      receivedAt: row.received_at,
    };
    return unpackEvent(stored, row.offset, columns, (number) => this.#texts.textOf(number));
  }
}
