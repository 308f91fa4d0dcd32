import type { DatabaseSync, StatementSync } from "node:sqlite";
import { inlineBody, refersToBody } from "../packing/packed-event.ts";
import { compressTexts } from "./cold-block.ts";
import type { BodyRow } from "./cold-reads.ts";

/** Events of a block, unless they are large. */
export const eventsPerBlock = 64;
/** Characters of a block, after which it is closed early. */
const maxBlockLength = 256 * 1024;
/** A larger body stays a row: whoever wants a small one must not read megabytes for it. */
export const maxBodyBytes = 256 * 1024;

/** Old events on their way into a block. */
export interface NewBlock {
  /** The log's number. */
  readonly tenant: number;
  readonly first: number;
  readonly last: number;
  readonly events: Uint8Array;
  readonly bodyIds: readonly number[];
  /** Absent when no body is complete with it. */
  readonly bodies?: Uint8Array;
}

interface LogRow {
  readonly tenant: number;
  readonly first: number;
}

type HotBody = BodyRow & { readonly bytes: number };

interface HotRow {
  readonly offset: number;
  readonly body: number | null;
  readonly json: string;
}

/**
 * Compresses old events of one tenant after the other. Runs in the reader thread, on one moment of the
 * database; what became of them since is the writer's to look at.
 */
export class BlockMaker {
  readonly #logs: StatementSync;
  readonly #receivedAt: StatementSync;
  readonly #rows: StatementSync;
  readonly #body: StatementSync;

  constructor(db: DatabaseSync) {
    this.#logs = db.prepare(
      `SELECT number AS tenant, max(cold_through + 1, floor) AS first FROM log_tenants
       WHERE tenant_id IS NOT NULL AND number >= ? AND head - max(cold_through + 1, floor) >= ${eventsPerBlock}
       ORDER BY number`,
    );
    this.#receivedAt = db.prepare(
      `SELECT e.received_at AS at FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" = ?`,
    );
    // One more than a block takes: it tells whether the last body is complete.
    this.#rows = db.prepare(
      `SELECT e."offset", e.body, e.json FROM event_places p CROSS JOIN events e ON e.position = p.position
       WHERE p.tenant = ? AND p."offset" BETWEEN ?2 AND ?2 + ${eventsPerBlock} ORDER BY p."offset"`,
    );
    this.#body = db.prepare(
      "SELECT meta, text, octet_length(text) AS bytes FROM bodies WHERE tenant = ? AND id = ?",
    );
  }

  /**
   * The next block of events received before `before` (Unix ms), of the tenant with the log's number
   * `fromTenant` or a later one; undefined when there is none. Only a full run of {@link eventsPerBlock} is
   * looked at, so that a quiet tenant's log is not cut into crumbs.
   */
  next(before: number, fromTenant: number): NewBlock | undefined {
    for (const log of this.#logs.all(fromTenant) as unknown as readonly LogRow[]) {
      const newest = this.#receivedAt.get(log.tenant, log.first + eventsPerBlock - 1)?.["at"];
      if (typeof newest === "number" && newest < before) return this.#make(log);
    }
    return undefined;
  }

  #make({ tenant, first }: LogRow): NewBlock {
    const events: string[] = [];
    const bodies = new Map<number, BodyRow>();
    let length = 0;
    let known: { readonly id: number; readonly row: HotBody | undefined } | undefined;
    const rows = this.#rows.all(tenant, first) as unknown as readonly HotRow[];
    for (const [index, row] of rows.slice(0, eventsPerBlock).entries()) {
      if (length > maxBlockLength) break;
      if (row.body !== null && known?.id !== row.body)
        known = { id: row.body, row: this.#bodyRow(tenant, row.body) };
      const body = row.body === null ? undefined : known?.row;
      const json = refersToBody(row.json) ? withBody(row.json, body) : row.json;
      events.push(json);
      length += json.length;
      // A body goes with its last event; the events of one follow one another.
      const isLast = rows[index + 1]?.body !== row.body;
      if (row.body === null || !body || !isLast || body.bytes > maxBodyBytes) continue;
      bodies.set(row.body, body);
      length += body.text.length;
    }
    return {
      tenant,
      first,
      last: first + events.length - 1,
      events: compressTexts(events),
      bodyIds: [...bodies.keys()],
      ...(bodies.size > 0 ? { bodies: compressBodies(bodies) } : {}),
    };
  }

  #bodyRow(tenant: number, id: number): HotBody | undefined {
    return this.#body.get(tenant, id) as HotBody | undefined;
  }
}

function withBody(json: string, body: BodyRow | undefined): string {
  if (!body) throw new Error("the body that an event of the log refers to is missing");
  return inlineBody(json, body.text);
}

/** The ids, then each body's meta and text. */
function compressBodies(bodies: ReadonlyMap<number, BodyRow>): Uint8Array {
  const texts = [...bodies.values()].flatMap(({ meta, text }) => [meta, text]);
  return compressTexts([JSON.stringify([...bodies.keys()]), ...texts]);
}
