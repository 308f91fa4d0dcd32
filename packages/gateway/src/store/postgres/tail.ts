import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import type { CommitListener, StoredEvent } from "../contract/index.ts";
import { CommitFeed } from "../sqlite/log/commit-feed.ts";
import type { Committed } from "./append/append-transaction.ts";
import type { Database } from "./database.ts";
import { storedEventOf, type StoredEventRow } from "./read/stored-event-row.ts";

/** Events read at once behind other processes. */
const pageSize = 256;

export interface TailOptions {
  readonly sql: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A name of its own for each schema: what other processes are woken by. */
  readonly channel: string;
  /** How long a lost wake-up can go unnoticed. */
  readonly pollMs: number;
}

/**
 * Follows the log of all processes in the order of positions and tells this process's subscribers.
 *
 * I1 Every event is told once, in order, whichever process stored it: there is one position, and whoever
 *    moves it has the turn.
 * I2 What this process stored is told before its append is answered.
 * I3 A lost wake-up costs at most the time between two polls, never an event.
 * Proven by the suite and `many-writers.process.test.ts`.
 */
export class Tail {
  readonly #options: TailOptions;
  readonly #feed: CommitFeed;
  /** Up to here everything has been told. */
  #position = 0;
  #listeners = 0;
  #turn: Promise<void> = Promise.resolve();
  #isFollowing = false;
  #isNotifying = false;
  #isNotifyingAgain = false;
  #cancelPoll: (() => void) | undefined;
  #unlisten: (() => Promise<void>) | undefined;
  #isClosed = false;

  constructor(options: TailOptions) {
    this.#options = options;
    this.#feed = new CommitFeed(options.logger);
  }

  async start(): Promise<void> {
    this.#position = await this.#newestPosition();
    const { sql, channel } = this.#options;
    // Also called after the connection was lost and made again: whatever was missed is read then.
    const listening = await sql.listen(
      channel,
      () => this.#follow(),
      () => this.#follow(),
    );
    this.#unlisten = () => listening.unlisten();
    this.#poll();
  }

  subscribe(listener: CommitListener): () => void {
    this.#listeners += 1;
    const stop = this.#feed.subscribe(listener);
    let isStopped = false;
    return () => {
      if (isStopped) return;
      isStopped = true;
      this.#listeners -= 1;
      stop();
    };
  }

  /** Tells of what this process has just stored, and of everything before it. Never rejects. */
  async committed({ before, position, events }: Committed): Promise<void> {
    if (position === before) return;
    await this.#inTurn(async () => {
      if (this.#position === before)
        this.#tell(
          events.map(({ stored }) => stored),
          position,
        );
      else await this.#readTo(position);
    });
    this.#notify();
  }

  /** Resolves when nothing is told any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPoll?.();
    await this.#turn;
    // A connection that is gone listens no more either.
    await this.#unlisten?.().catch((error: unknown) => this.#warn(error));
  }

  #poll(): void {
    this.#cancelPoll = this.#options.clock.after(this.#options.pollMs, () => {
      this.#follow();
      this.#poll();
    });
  }

  /** Reads on, unless that is about to happen anyway. */
  #follow(): void {
    if (this.#isFollowing || this.#isClosed) return;
    this.#isFollowing = true;
    void this.#inTurn(async () => {
      this.#isFollowing = false;
      if (!this.#isClosed) await this.#readTo(await this.#newestPosition());
    });
  }

  async #readTo(position: number): Promise<void> {
    while (this.#position < position) {
      // Without a listener there is nobody to tell: whoever comes later reads what is stored.
      if (this.#listeners === 0) {
        this.#position = position;
        return;
      }
      const rows = await this.#options.sql<StoredEventRow[]>`
        SELECT l.tenant_id AS tenant, e."offset", e.position, e.id, e.type, e.instance, e.chat, e.body,
          e.body_index, e.received_at, e.json
        FROM events e JOIN logs l ON l.number = e.log
        WHERE e.position > ${this.#position} AND e.position <= ${position}
        ORDER BY e.position LIMIT ${pageSize}`;
      // Positions of events that expired, or whose tenant was deleted, are passed over.
      const end = rows.length < pageSize ? position : (rows.at(-1)?.position ?? position);
      this.#tell(rows.map(storedEventOf), end);
    }
  }

  #tell(events: readonly StoredEvent[], position: number): void {
    this.#position = position;
    this.#feed.collect(events.map((event) => ({ kind: "appended", event })));
    this.#feed.publish();
  }

  async #newestPosition(): Promise<number> {
    const [lane] = await this.#options.sql<{ readonly position: number }[]>`
      SELECT position FROM log_lane`;
    return lane?.position ?? 0;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(run).catch((error: unknown) => this.#warn(error));
    return this.#turn;
  }

  /** After the commit, not in it, and one at a time: a commit that notifies takes a lock of the whole server. */
  #notify(): void {
    if (this.#isNotifying) {
      this.#isNotifyingAgain = true;
      return;
    }
    this.#isNotifying = true;
    void this.#options.sql
      .notify(this.#options.channel, "")
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#isNotifying = false;
        if (!this.#isNotifyingAgain || this.#isClosed) return;
        this.#isNotifyingAgain = false;
        this.#notify();
      });
  }

  #warn(error: unknown): void {
    if (this.#isClosed) return;
    this.#options.logger.warn(
      { err: error },
      "following the log stopped; it goes on with the next poll",
    );
  }
}
