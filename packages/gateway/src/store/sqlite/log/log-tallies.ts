import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DuplicateCause } from "../../contract/index.ts";

interface MinuteRange {
  readonly tenant: number;
  readonly minute: number;
  readonly first: number;
  last: number;
}

interface InstanceTally {
  readonly tenant: number;
  readonly instance: string;
  lastReceivedAt: number;
  count: number;
}

interface DuplicateTally {
  readonly tenant: number;
  readonly instance: string;
  readonly cause: DuplicateCause;
  count: number;
}

/** Length of a row of `log_minutes`, milliseconds. */
export const minuteMs = 60_000;

/**
 * What is counted per append and written once per commit, in the same transaction as the events:
 * the offsets of a minute, the last event of an instance, duplicates by cause.
 */
export class LogTallies {
  readonly #saveMinute: StatementSync;
  readonly #saveInstance: StatementSync;
  readonly #saveDuplicates: StatementSync;
  readonly #minutes = new Map<string, MinuteRange>();
  readonly #instances = new Map<string, InstanceTally>();
  readonly #duplicates = new Map<string, DuplicateTally>();

  constructor(db: DatabaseSync) {
    this.#saveMinute = db.prepare(
      `INSERT INTO log_minutes VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_offset = excluded.last_offset`,
    );
    this.#saveInstance = db.prepare(
      `INSERT INTO log_instances VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET last_received_at = max(last_received_at, excluded.last_received_at), count = count + excluded.count`,
    );
    this.#saveDuplicates = db.prepare(
      `INSERT INTO log_duplicates VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    );
  }

  stored(tenant: number, instance: string | undefined, offset: number, receivedAt: number): void {
    const minute = Math.floor(receivedAt / minuteMs);
    const minuteKey = `${tenant} ${minute}`;
    const range = this.#minutes.get(minuteKey);
    if (range) range.last = offset;
    else this.#minutes.set(minuteKey, { tenant, minute, first: offset, last: offset });
    if (instance === undefined) return;
    const instanceKey = `${tenant} ${instance}`;
    const tally = this.#instances.get(instanceKey);
    if (tally) {
      tally.count += 1;
      tally.lastReceivedAt = Math.max(tally.lastReceivedAt, receivedAt);
    } else {
      this.#instances.set(instanceKey, { tenant, instance, lastReceivedAt: receivedAt, count: 1 });
    }
  }

  duplicate(tenant: number, instance: string, cause: DuplicateCause): void {
    const key = `${tenant} ${cause} ${instance}`;
    const tally = this.#duplicates.get(key);
    if (tally) tally.count += 1;
    else this.#duplicates.set(key, { tenant, instance, cause, count: 1 });
  }

  save(): void {
    for (const range of this.#minutes.values())
      this.#saveMinute.run(range.tenant, range.minute, range.first, range.last);
    for (const tally of this.#instances.values()) {
      this.#saveInstance.run(tally.tenant, tally.instance, tally.lastReceivedAt, tally.count);
    }
    for (const tally of this.#duplicates.values()) {
      this.#saveDuplicates.run(tally.tenant, tally.instance, tally.cause, tally.count);
    }
    this.forget();
  }

  forget(): void {
    this.#minutes.clear();
    this.#instances.clear();
    this.#duplicates.clear();
  }
}
