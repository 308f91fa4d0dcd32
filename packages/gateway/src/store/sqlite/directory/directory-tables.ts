import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RecadoError } from "../../../base/recado-error.ts";
import type {
  ApiKey,
  Endpoint,
  IngestTarget,
  Instance,
  ProviderServer,
  Tenant,
} from "../../contract/index.ts";
import { Documents, nobody } from "./documents.ts";

/** Providers spell a name in either form of the same letters, and webhooks are read in the composed one. */
function asText(providerName: string): string {
  return providerName.normalize("NFC");
}

/** The five kinds of record, and what concerns more than one of them. Writes must run inside the writer's transaction. */
export class DirectoryTables {
  readonly tenants: Documents<Tenant>;
  readonly keys: Documents<ApiKey>;
  readonly servers: Documents<ProviderServer>;
  readonly instances: Documents<Instance>;
  readonly endpoints: Documents<Endpoint>;
  readonly tenantsByToken: (token: string) => readonly Tenant[];
  readonly keysByHash: (hash: string) => readonly ApiKey[];
  readonly serversByToken: (token: string) => readonly ProviderServer[];
  readonly instancesByToken: (token: string) => readonly Instance[];
  readonly instancesByName: (tenantId: string, name: string) => readonly Instance[];
  readonly instancesByProviderName: (providerName: string, tenantId: string) => readonly Instance[];
  readonly instancesNamedAnywhere: (providerName: string) => readonly Instance[];

  readonly #removeRecords: StatementSync;

  constructor(db: DatabaseSync) {
    this.#removeRecords = db.prepare("DELETE FROM records WHERE tenant_id = ?");
    this.tenants = new Documents<Tenant>(db, {
      name: "tenants",
      columns: ["ingest_token"],
      values: (tenant) => [tenant.ingestToken],
    });
    this.keys = new Documents<ApiKey>(db, {
      name: "keys",
      columns: ["name", "hash"],
      values: (key) => [key.name, key.hash],
    });
    this.servers = new Documents<ProviderServer>(db, {
      name: "servers",
      columns: ["name", "ingest_token"],
      values: (server) => [server.name, server.ingestToken],
    });
    this.instances = new Documents<Instance>(db, {
      name: "instances",
      columns: ["name", "ingest_token", "provider_name"],
      values: ({ name, ingestToken, providerName }) => [name, ingestToken, asText(providerName)],
    });
    this.endpoints = new Documents<Endpoint>(db, {
      name: "endpoints",
      columns: [],
      values: () => [],
    });
    this.tenantsByToken = this.tenants.finder("ingest_token = ?");
    this.keysByHash = this.keys.finder("hash = ?");
    this.serversByToken = this.servers.finder("ingest_token = ?");
    this.instancesByToken = this.instances.finder("ingest_token = ?");
    this.instancesByName = this.instances.finder("tenant_id = ? AND name = ?");
    const byProviderName = this.instances.finder("provider_name = ? AND tenant_id = ?");
    this.instancesByProviderName = (name, tenantId) => byProviderName(asText(name), tenantId);
    const namedAnywhere = this.instances.finder("provider_name = ?");
    this.instancesNamedAnywhere = (name) => namedAnywhere(asText(name));
  }

  /** Without this a record made while its tenant is being deleted would stay for ever. */
  requireTenant(tenantId: string): void {
    if (!this.tenants.byId(nobody, tenantId))
      throw new RecadoError("not_found", ["there is no such tenant"]);
  }

  ingestTarget(token: string): IngestTarget | undefined {
    const [instance] = this.instancesByToken(token);
    const [server] = instance ? [] : this.serversByToken(token);
    const owned = instance ?? server;
    const tenant = owned
      ? this.tenants.byId(nobody, owned.tenantId)
      : this.tenantsByToken(token)[0];
    if (!tenant) return undefined;
    if (instance) return { kind: "instance", tenant, instance };
    return server ? { kind: "server", tenant, server } : { kind: "tenant", tenant };
  }

  /** Everything but the log and the deliveries. False when there is no such tenant. */
  removeTenant(tenantId: string): boolean {
    if (!this.tenants.remove(nobody, tenantId)) return false;
    for (const owned of [this.keys, this.servers, this.instances, this.endpoints])
      owned.removeAll(tenantId);
    this.#removeRecords.run(tenantId);
    return true;
  }
}
