import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PairListener, People, PersonPair, TenantScope } from "../../contract/index.ts";
import type { GroupCommit } from "../group-commit.ts";
import type { LogTenants } from "../log/log-tenants.ts";
import type { PairFeed } from "./pair-feed.ts";
import type { PairMemory } from "./pair-memory.ts";

const ofTenant = "(SELECT number FROM log_tenants WHERE tenant_id = ?)";
const maxLids = 100;

export interface SqlitePeopleOptions {
  readonly db: DatabaseSync;
  readonly writer: GroupCommit;
  readonly feed: PairFeed;
  readonly tenants: LogTenants;
  readonly pairs: PairMemory;
}

/** Rough bytes of a pair, for the bound on what waits. */
const pairBytes = 128;

/** Pairs over SQLite; its invariants are those of the contract. */
export class SqlitePeople implements People {
  readonly #writer: GroupCommit;
  readonly #feed: PairFeed;
  readonly #tenants: LogTenants;
  readonly #pairs: PairMemory;
  readonly #phone: StatementSync;
  readonly #lids: StatementSync;
  readonly #lidsOfInstance: StatementSync;

  constructor({ db, writer, feed, tenants, pairs }: SqlitePeopleOptions) {
    this.#writer = writer;
    this.#feed = feed;
    this.#tenants = tenants;
    this.#pairs = pairs;
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

  async learn(
    scope: TenantScope,
    instanceId: string,
    pairs: readonly PersonPair[],
    at: number,
  ): Promise<void> {
    const { tenantId } = scope;
    await this.#writer.write(
      { rows: pairs.length, bytes: pairs.length * pairBytes },
      () => {
        const place = { tenant: this.#tenants.forWriting(tenantId).number, instance: instanceId };
        return pairs.filter((pair) => this.#pairs.learn(place, pair, at));
      },
      (learnt) => this.#feed.collect(learnt.map((pair) => ({ ...pair, tenantId, instanceId }))),
    );
  }

  subscribe(listener: PairListener): () => void {
    return this.#feed.subscribe(listener);
  }
}
