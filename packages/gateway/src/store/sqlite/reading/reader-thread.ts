import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { BlockMaker } from "../cold/block-maker.ts";
import { StoredRows } from "../packing/stored-rows.ts";
import { classifyFailure, isDamage, isFileError, reasonOf } from "../sqlite-error.ts";
import { ViewsReader } from "../views/views-reader.ts";
import { EventSearch } from "./event-search.ts";
import type {
  Answer,
  Ask,
  Durable,
  ReaderCall,
  ReaderFailure,
  ReaderHandlers,
  ReaderPlace,
  ReaderReply,
  ReaderRequest,
} from "./reader-requests.ts";

/**
 * Entry of the reader thread: questions that look at many rows are answered here, so that the thread that
 * takes webhooks never waits for them.
 *
 * Owns: a connection that only reads. Must not know: the writer, what is in memory there.
 *
 * I1 An answer holds nothing above the durable position that its question names.
 * I2 Each question sees one moment of the database.
 * Proven by `reader.test.ts` and the event log's suite.
 */

/** How long a statement waits for the one moment in which the WAL begins anew. */
const busyTimeoutMs = 5_000;

function openMain(place: ReaderPlace): DatabaseSync {
  const db = new DatabaseSync(place.database, { readOnly: true, timeout: busyTimeoutMs });
  db.exec("PRAGMA query_only = ON; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
  return db;
}

/** Runs `read` on one moment of the database. */
function atOneMoment<T>(db: DatabaseSync, read: () => T): T {
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    db.exec("COMMIT");
  }
}

function answer<R extends ReaderRequest>(
  handlers: ReaderHandlers,
  request: R,
  ask: Ask<R>,
  durable: Durable,
): Answer<R> {
  return handlers[request](ask, durable);
}

function failureOf(error: unknown): ReaderFailure {
  const damage = isDamage(error);
  if (isFileError(error))
    return { message: "its file cannot be opened", isDamage: damage, isUnavailable: true };
  if (classifyFailure(error) === "unavailable")
    return { message: reasonOf(error), isDamage: damage, isUnavailable: true };
  const message = error instanceof Error ? error.message : String(error);
  return { message, isDamage: damage, isUnavailable: false };
}

function serve(port: MessagePort, place: ReaderPlace): void {
  const main = openMain(place);
  const search = new EventSearch(main);
  const blocks = new BlockMaker(main);
  const views = new ViewsReader({ main, rows: new StoredRows(main), ...place.views });
  const handlers: ReaderHandlers = {
    messages: ({ tenantId, filter }, durable) => views.messages(tenantId, filter, durable.position),
    chats: ({ tenantId, filter }, durable) => views.chats(tenantId, filter, durable.position),
    followViews: (_ask, durable) => views.follow(durable.position),
    coldBlock: ({ before, fromTenant }) => blocks.next(before, fromTenant),
    query: ({ tenantId, filter }, durable) => search.query(tenantId, filter, durable.position),
  };
  port.on("message", ({ id, request, ask, durable }: ReaderCall) => {
    let reply: ReaderReply;
    try {
      reply = {
        id,
        ok: true,
        answer: atOneMoment(main, () => answer(handlers, request, ask, durable)),
      };
    } catch (error) {
      reply = { id, ok: false, ...failureOf(error) };
    }
    port.postMessage(reply);
  });
}

if (!parentPort) throw new Error("the reader thread is started by the store");
serve(parentPort, workerData as ReaderPlace);
