import type { DatabaseSync, StatementSync } from "node:sqlite";
import { TextFrame } from "./cold-block.ts";

/** Decompressed blocks that are kept at hand. */
const maxCachedBytes = 8 * 1024 * 1024;

interface BlockRow {
  readonly number: number;
  readonly first: number;
}

/** A body as its row had it. */
export interface BodyRow {
  readonly meta: string;
  readonly text: string;
}

/** Reads what was moved into blocks, by whoever finds an empty row. `tenant` is the log's number. */
export class ColdReads {
  readonly #byOffset: StatementSync;
  readonly #byBody: StatementSync;
  readonly #isKept: StatementSync;
  readonly #events: StatementSync;
  readonly #bodies: StatementSync;
  readonly #frames = new Map<string, TextFrame>();
  #cachedBytes = 0;
  #last: (BlockRow & { readonly tenant: number; readonly last: number }) | undefined;

  constructor(db: DatabaseSync) {
    this.#byOffset = db.prepare(
      `SELECT number, first_offset AS first, last_offset AS last FROM cold_blocks
       WHERE tenant = ? AND last_offset >= ? ORDER BY last_offset LIMIT 1`,
    );
    this.#byBody = db.prepare(
      `SELECT number, first_offset AS first FROM cold_blocks
       WHERE tenant = ? AND last_body >= ? ORDER BY last_body LIMIT 1`,
    );
    // A block goes when all of its events have gone; until then it holds bodies that are gone as well.
    this.#isKept = db.prepare(
      `SELECT 1 FROM cold_blocks b CROSS JOIN event_places p
         ON p.tenant = b.tenant AND p."offset" BETWEEN b.first_offset AND b.last_offset
       CROSS JOIN events e ON e.position = p.position
       WHERE b.number = ? AND e.body = ? LIMIT 1`,
    );
    this.#events = db.prepare("SELECT events AS data FROM cold_blocks WHERE number = ?");
    this.#bodies = db.prepare("SELECT bodies AS data FROM cold_blocks WHERE number = ?");
  }

  /** What the row of an event that is in a block had as `json`. Throws when no block has it: a damaged log. */
  json(tenant: number, offset: number): string {
    const block = this.#blockOf(tenant, offset);
    const frame = block && this.#frame(block.number, "events");
    if (!block || !frame || offset < block.first)
      throw new Error("an event of the log has neither its text nor a block");
    return frame.text(offset - block.first);
  }

  /** The body, when it is in a block and one of its events is still kept. */
  body(tenant: number, bodyId: number): BodyRow | undefined {
    const block = this.#byBody.get(tenant, bodyId) as unknown as BlockRow | undefined;
    const frame = block && this.#frame(block.number, "bodies");
    if (!frame) return undefined;
    const index = (JSON.parse(frame.text(0)) as readonly number[]).indexOf(bodyId);
    if (index < 0 || this.#isKept.get(block.number, bodyId) === undefined) return undefined;
    return { meta: frame.text(2 * index + 1), text: frame.text(2 * index + 2) };
  }

  /** Neighbours are mostly read one after the other. Blocks are never written anew, and gone only with their events. */
  #blockOf(tenant: number, offset: number): BlockRow | undefined {
    const last = this.#last;
    if (last?.tenant === tenant && offset >= last.first && offset <= last.last) return last;
    const row = this.#byOffset.get(tenant, offset) as unknown as
      | (BlockRow & { readonly last: number })
      | undefined;
    if (row) this.#last = { ...row, tenant };
    return row;
  }

  #frame(number: number, part: "events" | "bodies"): TextFrame | undefined {
    const key = `${part} ${number}`;
    const known = this.#frames.get(key);
    if (known) {
      // Used last, goes last.
      this.#frames.delete(key);
      this.#frames.set(key, known);
      return known;
    }
    const data = (part === "events" ? this.#events : this.#bodies).get(number)?.["data"];
    if (!(data instanceof Uint8Array)) return undefined;
    const frame = new TextFrame(data);
    this.#frames.set(key, frame);
    this.#cachedBytes += frame.size;
    for (const [oldest, { size }] of this.#frames) {
      if (this.#cachedBytes <= maxCachedBytes || oldest === key) break;
      this.#frames.delete(oldest);
      this.#cachedBytes -= size;
    }
    return frame;
  }
}
