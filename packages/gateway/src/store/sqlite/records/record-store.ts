import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  OwnedRecord,
  RecordPage,
  Records,
  RecordValue,
  StoredRecord,
  TenantScope,
} from "../../contract/index.ts";
import type { GroupCommit } from "../group-commit.ts";

interface Row {
  readonly key: string;
  readonly value: string;
  readonly version: number;
  readonly tenant_id: string;
}

function read(row: object): OwnedRecord {
  const { key, value, version, tenant_id: tenantId } = row as Row;
  return { key, value: JSON.parse(value) as RecordValue, version, tenantId };
}

function withoutTenant({ key, value, version }: OwnedRecord): StoredRecord {
  return { key, value, version };
}

/** Records over SQLite. A record of a tenant that is gone is not written. */
export class SqliteRecords implements Records {
  readonly #writer: GroupCommit;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #create: StatementSync;
  readonly #replace: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #anywhere: StatementSync;

  constructor(db: DatabaseSync, writer: GroupCommit) {
    this.#writer = writer;
    const where = "WHERE tenant_id = ? AND kind = ? AND key = ?";
    const insert =
      "INSERT INTO records (tenant_id, kind, key, version, value) SELECT id, ?, ?, 1, ? FROM tenants WHERE id = ?";
    this.#get = db.prepare(`SELECT * FROM records ${where}`);
    this.#put = db.prepare(
      `${insert} ON CONFLICT DO UPDATE SET version = version + 1, value = excluded.value`,
    );
    this.#create = db.prepare(`${insert} ON CONFLICT DO NOTHING`);
    this.#replace = db.prepare(
      `UPDATE records SET version = version + 1, value = ? ${where} AND version = ?`,
    );
    this.#delete = db.prepare(`DELETE FROM records ${where}`);
    this.#list = db.prepare(
      "SELECT * FROM records WHERE tenant_id = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?",
    );
    this.#anywhere = db.prepare("SELECT * FROM records WHERE kind = ? AND key = ? LIMIT 1");
  }

  get({ tenantId }: TenantScope, kind: string, key: string): Promise<StoredRecord | undefined> {
    return this.#writer.read(() => {
      const row = this.#get.get(tenantId, kind, key);
      return row && withoutTenant(read(row));
    });
  }

  put(scope: TenantScope, kind: string, key: string, value: RecordValue): Promise<void> {
    const text = JSON.stringify(value);
    return this.#write(text, () => void this.#put.run(kind, key, text, scope.tenantId));
  }

  putIf(
    { tenantId }: TenantScope,
    kind: string,
    key: string,
    value: RecordValue,
    version: number,
  ): Promise<boolean> {
    const text = JSON.stringify(value);
    return this.#write(text, () => {
      const { changes } =
        version === 0
          ? this.#create.run(kind, key, text, tenantId)
          : this.#replace.run(text, tenantId, kind, key, version);
      return changes !== 0;
    });
  }

  delete({ tenantId }: TenantScope, kind: string, key: string): Promise<boolean> {
    return this.#write("", () => this.#delete.run(tenantId, kind, key).changes !== 0);
  }

  list(
    { tenantId }: TenantScope,
    kind: string,
    { afterKey = "", limit }: RecordPage,
  ): Promise<readonly StoredRecord[]> {
    return this.#writer.read(() =>
      this.#list.all(tenantId, kind, afterKey, limit).map((row) => withoutTenant(read(row))),
    );
  }

  findAnywhere(kind: string, key: string): Promise<OwnedRecord | undefined> {
    return this.#writer.read(() => {
      const row = this.#anywhere.get(kind, key);
      return row && read(row);
    });
  }

  #write<T>(text: string, run: () => T): Promise<T> {
    return this.#writer.write({ rows: 1, bytes: text.length + 256 }, run);
  }
}
