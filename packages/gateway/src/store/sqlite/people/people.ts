import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PairListener, People, TenantScope } from "../../contract/index.ts";
import type { GroupCommit } from "../group-commit.ts";
import type { PairFeed } from "./pair-feed.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";
const maxLids = 100;

/** Pairs over SQLite; its invariants are those of the contract. */
export class SqlitePeople implements People {
  readonly #writer: GroupCommit;
  readonly #feed: PairFeed;
  readonly #phone: StatementSync;
  readonly #lids: StatementSync;
  readonly #lidsOfInstance: StatementSync;

  constructor(db: DatabaseSync, writer: GroupCommit, feed: PairFeed) {
    this.#writer = writer;
    this.#feed = feed;
    this.#phone = db.prepare(
      `SELECT phone FROM people_pairs WHERE tenant = ${ofTenant} AND instance = ? AND lid = ?`,
    );
    const lids = (condition: string) =>
      db.prepare(
        `SELECT lid FROM people_pairs WHERE tenant = ${ofTenant} AND phone = ?${condition}
         GROUP BY lid ORDER BY max(learned_at) DESC, lid LIMIT ${maxLids}`,
      );
    this.#lids = lids("");
    this.#lidsOfInstance = lids(" AND instance = ?");
  }

  phonesOf(
    scope: TenantScope,
    instanceId: string,
    lids: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    return this.#writer.readDurable(() => {
      const phones = new Map<string, string>();
      for (const lid of new Set(lids)) {
        const row = this.#phone.get(scope.tenantId, instanceId, lid);
        if (row) phones.set(lid, row["phone"] as string);
      }
      return phones;
    });
  }

  lidsOf(scope: TenantScope, phone: string, instanceId?: string): Promise<readonly string[]> {
    return this.#writer.readDurable(() => {
      const rows =
        instanceId === undefined
          ? this.#lids.all(scope.tenantId, phone)
          : this.#lidsOfInstance.all(scope.tenantId, phone, instanceId);
      return rows.map((row) => row["lid"] as string);
    });
  }

  subscribe(listener: PairListener): () => void {
    return this.#feed.subscribe(listener);
  }
}
