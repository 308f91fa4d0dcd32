import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DuplicateCause } from "../../contract/index.ts";

interface Count {
  readonly tenant: number;
  readonly instance: string;
  readonly cause: DuplicateCause;
  count: number;
}

/** Duplicates by cause, counted per append and written once per commit, in its transaction. */
export class DuplicateCounts {
  readonly #save: StatementSync;
  readonly #counts = new Map<string, Count>();

  constructor(db: DatabaseSync) {
    this.#save = db.prepare(
      `INSERT INTO log_duplicates VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    );
  }

  add(tenant: number, instance: string, cause: DuplicateCause): void {
    const key = `${tenant} ${cause} ${instance}`;
    const known = this.#counts.get(key);
    if (known) known.count += 1;
    else this.#counts.set(key, { tenant, instance, cause, count: 1 });
  }

  save(): void {
    if (this.#counts.size === 0) return;
    for (const { tenant, instance, cause, count } of this.#counts.values())
      this.#save.run(tenant, instance, cause, count);
    this.#counts.clear();
  }

  /** The transaction did not happen. */
  forget(): void {
    this.#counts.clear();
  }
}
