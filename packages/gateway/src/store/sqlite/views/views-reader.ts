import type { DatabaseSync } from "node:sqlite";
import type { ChatSummary, Message } from "@recado/protocol";
import type { ChatFilter, MessageFilter, ViewPage } from "../../contract/index.ts";
import type { StoredRows } from "../packing/stored-rows.ts";
import { Follower } from "./following/follower.ts";
import { IndexWriter } from "./following/index-writer.ts";
import { Sweep } from "./following/sweep.ts";
import { TextIndex } from "./following/text-index.ts";
import { Addresses } from "./reads/addresses.ts";
import { ChatReads } from "./reads/chat-reads.ts";
import { EventTexts } from "./reads/event-texts.ts";
import { MessageReads } from "./reads/message-reads.ts";
import { MessageStates } from "./reads/message-states.ts";
import { Numbers } from "./reads/numbers.ts";
import { isDamaged, openViewsFile, removeViewsFile } from "./views-file.ts";

/**
 * The views in the reader thread: follows the log into `views.db` and answers from it.
 *
 * Owns: `views.db`. Must not know: the writer, HTTP.
 *
 * I1 What it holds never goes beyond a position that is on disk in the log. (`views.test.ts`)
 * I2 A file of another log, version or setting, or a damaged one, is made again. (`views.test.ts`)
 * I3 A rebuild is equal to having followed all along. (`histories.test.ts`)
 */
export interface ViewsReaderOptions {
  /** The log; read only. */
  readonly main: DatabaseSync;
  readonly rows: StoredRows;
  /** Path of `views.db`. */
  readonly path: string;
  readonly textSearch: boolean;
}

/** How long a question reads on in the log before it is answered with what there is, in milliseconds. */
const questionBudgetMs = 250;
/** How long the thread follows between two questions. */
const followBudgetMs = 25;

interface Opened {
  readonly db: DatabaseSync;
  readonly follower: Follower;
  readonly sweep: Sweep;
  readonly messages: MessageReads;
  readonly chats: ChatReads;
}

export class ViewsReader {
  readonly #options: ViewsReaderOptions;
  #opened: Opened | undefined;

  constructor(options: ViewsReaderOptions) {
    this.#options = options;
  }

  messages(tenantId: string, filter: MessageFilter, durablePosition: number): ViewPage<Message> {
    return this.#mended(() => {
      const complete = !this.#follow(durablePosition, questionBudgetMs);
      return { ...this.#open().messages.list(tenantId, filter), complete };
    });
  }

  chats(tenantId: string, filter: ChatFilter, durablePosition: number): ViewPage<ChatSummary> {
    return this.#mended(() => {
      const complete = !this.#follow(durablePosition, questionBudgetMs);
      return { ...this.#open().chats.list(tenantId, filter), complete };
    });
  }

  /** Follows and tidies for a moment; true when there is more to do. */
  follow(durablePosition: number): boolean {
    return this.#mended(() => {
      if (this.#follow(durablePosition, followBudgetMs)) return true;
      const { sweep, follower } = this.#open();
      const swept = sweep.step();
      if (swept) follower.forget();
      return swept;
    });
  }

  close(): void {
    this.#opened?.db.close();
    this.#opened = undefined;
  }

  /** True when it is behind. */
  #follow(durablePosition: number, budgetMs: number): boolean {
    // A log that was replaced by an older copy of itself: what was read of it may not be in it any more.
    if (this.#open().follower.position > durablePosition) this.#throwAway();
    const { follower } = this.#open();
    const end = performance.now() + budgetMs;
    while (follower.step(durablePosition)) if (performance.now() >= end) return true;
    return false;
  }

  /** A damaged file is thrown away; the second try begins a new one. */
  #mended<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.#throwAway();
      return run();
    }
  }

  #throwAway(): void {
    this.close();
    removeViewsFile(this.#options.path);
  }

  #open(): Opened {
    return (this.#opened ??= this.#openFile());
  }

  #openFile(): Opened {
    const { main, rows, path, textSearch } = this.#options;
    const epoch = main.prepare("SELECT value FROM settings WHERE name = 'epoch'").get()?.["value"];
    const db = openViewsFile({ path, textSearch, epoch: String(epoch) });
    const numbers = new Numbers(main, db);
    const addresses = new Addresses(main, db);
    const states = new MessageStates(db, addresses, new EventTexts(main, rows));
    const texts = textSearch ? new TextIndex(db) : undefined;
    const parts = { numbers, addresses, states };
    return {
      db,
      follower: new Follower(main, rows, db, new IndexWriter(db, texts)),
      sweep: new Sweep(main, db, texts),
      messages: new MessageReads(db, textSearch, parts),
      chats: new ChatReads(db, parts),
    };
  }
}
