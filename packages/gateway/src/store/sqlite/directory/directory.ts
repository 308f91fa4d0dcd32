import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  ApiKey,
  Directory,
  Endpoint,
  IngestTarget,
  Instance,
  InstanceChange,
  Page,
  ProviderServer,
  Tenant,
  TenantChange,
  TenantScope,
} from "../../contract/index.ts";
import type { GroupCommit, WriteCost } from "../group-commit.ts";
import { DirectoryTables } from "./directory-tables.ts";
import { nobody, type Documents } from "./documents.ts";

const one = { rows: 1, bytes: 1_024 };
/** Ingest tokens remembered at once; more are read each time. */
const maxTargets = 10_000;

type Owned = ApiKey | ProviderServer | Instance | Endpoint;

export interface SqliteDirectoryOptions {
  readonly db: DatabaseSync;
  readonly writer: GroupCommit;
  /** Cuts a deleted tenant's log off, inside the writer's transaction. */
  readonly detachLog: (tenantId: string) => void;
  /** Called when a log was cut off for good: its rows can be removed. */
  readonly detached: () => void;
}

/** The directory over SQLite. Reads do not wait for a sync: what is written because of them is synced after them. */
export class SqliteDirectory implements Directory {
  readonly #writer: GroupCommit;
  readonly #tables: DirectoryTables;
  readonly #options: SqliteDirectoryOptions;
  readonly #setting: StatementSync;
  readonly #saveSetting: StatementSync;
  /** Whose an ingest token is: asked for every webhook, changed by people. */
  readonly #targets = new Map<string, IngestTarget>();

  constructor(options: SqliteDirectoryOptions) {
    this.#options = options;
    this.#writer = options.writer;
    this.#tables = new DirectoryTables(options.db);
    this.#setting = options.db.prepare("SELECT value FROM settings WHERE name = ?");
    this.#saveSetting = options.db.prepare(
      "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
    );
  }

  createTenant(tenant: Tenant): Promise<void> {
    return this.#change(one, () => this.#tables.tenants.insert(nobody, tenant));
  }

  tenant(id: string): Promise<Tenant | undefined> {
    return this.#writer.read(() => this.#tables.tenants.byId(nobody, id));
  }

  tenants(page: Page): Promise<readonly Tenant[]> {
    return this.#writer.read(() => this.#tables.tenants.page(nobody, page));
  }

  updateTenant(id: string, change: TenantChange): Promise<Tenant | undefined> {
    return this.#change(one, () => this.#tables.tenants.update(nobody, id, change));
  }

  deleteTenant(id: string): Promise<boolean> {
    const remove = (): boolean => {
      if (!this.#tables.removeTenant(id)) return false;
      this.#options.detachLog(id);
      return true;
    };
    return this.#change(one, remove, this.#options.detached);
  }

  createKey(scope: TenantScope, key: ApiKey): Promise<void> {
    return this.#create(this.#tables.keys, scope, key);
  }

  keys(scope: TenantScope, page: Page): Promise<readonly ApiKey[]> {
    return this.#writer.read(() => this.#tables.keys.page(scope.tenantId, page));
  }

  deleteKey(scope: TenantScope, id: string): Promise<boolean> {
    return this.#change(one, () => this.#tables.keys.remove(scope.tenantId, id));
  }

  keyByHash(hash: string): Promise<ApiKey | undefined> {
    return this.#writer.read(() => this.#tables.keysByHash(hash)[0]);
  }

  createServer(scope: TenantScope, server: ProviderServer): Promise<void> {
    return this.#create(this.#tables.servers, scope, server);
  }

  server(scope: TenantScope, id: string): Promise<ProviderServer | undefined> {
    return this.#writer.read(() => this.#tables.servers.byId(scope.tenantId, id));
  }

  servers(scope: TenantScope, page: Page): Promise<readonly ProviderServer[]> {
    return this.#writer.read(() => this.#tables.servers.page(scope.tenantId, page));
  }

  updateServer(
    scope: TenantScope,
    id: string,
    change: Partial<Omit<ProviderServer, "id" | "tenantId" | "createdAt">>,
  ): Promise<ProviderServer | undefined> {
    return this.#change(one, () => this.#tables.servers.update(scope.tenantId, id, change));
  }

  deleteServer(scope: TenantScope, id: string): Promise<boolean> {
    return this.#change(one, () => this.#tables.servers.remove(scope.tenantId, id));
  }

  createInstance(scope: TenantScope, instance: Instance): Promise<void> {
    return this.#create(this.#tables.instances, scope, instance);
  }

  instance(scope: TenantScope, id: string): Promise<Instance | undefined> {
    return this.#writer.read(() => this.#tables.instances.byId(scope.tenantId, id));
  }

  instanceByName(scope: TenantScope, name: string): Promise<Instance | undefined> {
    return this.#writer.read(() => this.#tables.instancesByName(scope.tenantId, name)[0]);
  }

  instances(scope: TenantScope, page: Page): Promise<readonly Instance[]> {
    return this.#writer.read(() => this.#tables.instances.page(scope.tenantId, page));
  }

  instancesByProviderName(scope: TenantScope, providerName: string): Promise<readonly Instance[]> {
    return this.#writer.read(() =>
      this.#tables.instancesByProviderName(providerName, scope.tenantId),
    );
  }

  updateInstance(
    scope: TenantScope,
    id: string,
    change: InstanceChange,
  ): Promise<Instance | undefined> {
    return this.#change(one, () => this.#tables.instances.update(scope.tenantId, id, change));
  }

  deleteInstance(scope: TenantScope, id: string): Promise<boolean> {
    return this.#change(one, () => this.#tables.instances.remove(scope.tenantId, id));
  }

  instancesNamedAnywhere(providerName: string): Promise<readonly Instance[]> {
    return this.#writer.read(() => this.#tables.instancesNamedAnywhere(providerName));
  }

  createEndpoint(scope: TenantScope, endpoint: Endpoint): Promise<void> {
    return this.#create(this.#tables.endpoints, scope, endpoint);
  }

  endpoint(scope: TenantScope, id: string): Promise<Endpoint | undefined> {
    return this.#writer.read(() => this.#tables.endpoints.byId(scope.tenantId, id));
  }

  endpoints(scope: TenantScope, page: Page): Promise<readonly Endpoint[]> {
    return this.#writer.read(() => this.#tables.endpoints.page(scope.tenantId, page));
  }

  updateEndpoint(
    scope: TenantScope,
    id: string,
    change: Partial<Omit<Endpoint, "id" | "tenantId" | "createdAt">>,
  ): Promise<Endpoint | undefined> {
    return this.#change(one, () => this.#tables.endpoints.update(scope.tenantId, id, change));
  }

  deleteEndpoint(scope: TenantScope, id: string): Promise<boolean> {
    return this.#change(one, () => this.#tables.endpoints.remove(scope.tenantId, id));
  }

  ingestTarget(token: string): Promise<IngestTarget | undefined> {
    return this.#writer.read(() => {
      const known = this.#targets.get(token);
      if (known) return known;
      const target = this.#tables.ingestTarget(token);
      if (target && this.#targets.size < maxTargets) this.#targets.set(token, target);
      return target;
    });
  }

  setting(name: string): Promise<string | undefined> {
    return this.#writer.read(() => this.#readSetting(name));
  }

  settingOnce(name: string, value: string): Promise<string> {
    return this.#change(one, () => {
      this.#saveSetting.run(name, value);
      return this.#readSetting(name) ?? value;
    });
  }

  /** Every write of the directory: what was remembered of it may no longer be so. */
  #change<T>(cost: WriteCost, run: () => T, durable?: () => void): Promise<T> {
    const change = (): T => {
      this.#targets.clear();
      return run();
    };
    return this.#writer.write(cost, change, durable);
  }

  #create<Item extends Owned>(
    documents: Documents<Item>,
    scope: TenantScope,
    item: Item,
  ): Promise<void> {
    return this.#change(one, () => {
      this.#tables.requireTenant(scope.tenantId);
      // The scope decides whose it is, whatever the record says.
      documents.insert(scope.tenantId, { ...item, tenantId: scope.tenantId });
    });
  }

  #readSetting(name: string): string | undefined {
    const value = this.#setting.get(name)?.["value"];
    return value === undefined ? undefined : String(value);
  }
}
