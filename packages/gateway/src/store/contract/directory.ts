import type {
  InstanceSource,
  ProviderName,
  WebhookFormat,
  WebhookOrdering,
} from "@recado/protocol";
import type { TenantScope } from "./scope.ts";

/**
 * Who and what exists: tenants, keys, provider servers, instances, endpoints, settings.
 *
 * Secrets are stored as the caller gives them: already hashed (keys) or encrypted (everything that
 * must be read again). The three methods that take no tenant are the only unscoped reads in the store:
 * they answer whose a credential is.
 * Times are Unix milliseconds. Names are unique per tenant; a clash rejects with `name_taken`.
 */
export interface Directory {
  // Tenants
  createTenant(tenant: Tenant): Promise<void>;
  tenant(id: string): Promise<Tenant | undefined>;
  tenants(page: Page): Promise<readonly Tenant[]>;
  updateTenant(id: string, change: TenantChange): Promise<Tenant | undefined>;
  /** Deletes the tenant with everything it has, its log included. */
  deleteTenant(id: string): Promise<boolean>;

  // API keys
  createKey(scope: TenantScope, key: ApiKey): Promise<void>;
  keys(scope: TenantScope, page: Page): Promise<readonly ApiKey[]>;
  deleteKey(scope: TenantScope, id: string): Promise<boolean>;
  /** Unscoped: whose key has this hash. */
  keyByHash(hash: string): Promise<ApiKey | undefined>;

  // Provider servers
  createServer(scope: TenantScope, server: ProviderServer): Promise<void>;
  server(scope: TenantScope, id: string): Promise<ProviderServer | undefined>;
  servers(scope: TenantScope, page: Page): Promise<readonly ProviderServer[]>;
  updateServer(
    scope: TenantScope,
    id: string,
    change: Partial<Omit<ProviderServer, "id" | "tenantId" | "createdAt">>,
  ): Promise<ProviderServer | undefined>;
  deleteServer(scope: TenantScope, id: string): Promise<boolean>;

  // Instances
  createInstance(scope: TenantScope, instance: Instance): Promise<void>;
  instance(scope: TenantScope, id: string): Promise<Instance | undefined>;
  instanceByName(scope: TenantScope, name: string): Promise<Instance | undefined>;
  instances(scope: TenantScope, page: Page): Promise<readonly Instance[]>;
  /** Every instance of the tenant that a provider calls `providerName`. */
  instancesByProviderName(scope: TenantScope, providerName: string): Promise<readonly Instance[]>;
  updateInstance(
    scope: TenantScope,
    id: string,
    change: InstanceChange,
  ): Promise<Instance | undefined>;
  /** The instance goes; its events stay. */
  deleteInstance(scope: TenantScope, id: string): Promise<boolean>;
  /** Unscoped: candidates for a webhook without an ingest token. */
  instancesNamedAnywhere(providerName: string): Promise<readonly Instance[]>;

  // Endpoints
  createEndpoint(scope: TenantScope, endpoint: Endpoint): Promise<void>;
  endpoint(scope: TenantScope, id: string): Promise<Endpoint | undefined>;
  endpoints(scope: TenantScope, page: Page): Promise<readonly Endpoint[]>;
  updateEndpoint(
    scope: TenantScope,
    id: string,
    change: EndpointChange,
  ): Promise<Endpoint | undefined>;
  deleteEndpoint(scope: TenantScope, id: string): Promise<boolean>;

  /** Unscoped: whose ingest token this is (a tenant's, a server's or an instance's). */
  ingestTarget(token: string): Promise<IngestTarget | undefined>;

  // Settings of this installation (epoch, generated secrets)
  setting(name: string): Promise<string | undefined>;
  /** Stores `value` unless there is one already; answers what is stored. */
  settingOnce(name: string, value: string): Promise<string>;
}

/** A page in ascending order of creation (then id). */
export interface Page {
  /** Id of the last item of the page before. */
  readonly afterId?: string;
  /** 1–1,000. */
  readonly limit: number;
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
  readonly ingestToken: string;
  readonly createdAt: number;
  /** Days that its events are kept; absent: as long as everybody's. */
  readonly retentionDays?: number;
  /** MiB of events above which its oldest go; absent: as for everybody. */
  readonly maxMegabytes?: number;
}

/** Null takes a limit away. */
export type TenantChange = Partial<Pick<Tenant, "name" | "active">> & {
  readonly retentionDays?: number | null;
  readonly maxMegabytes?: number | null;
};

export interface ApiKey {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** SHA-256 of the key, lower-case hex. */
  readonly hash: string;
  /** Beginning of the key, to tell keys apart. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly expiresAt?: number;
  readonly createdAt: number;
}

export interface ProviderServer {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly provider: ProviderName;
  readonly baseUrl: string;
  /** Encrypted. */
  readonly apiKey: string;
  readonly ingestToken: string;
  /** Its address was given with the admin key and may lie in a private network. Absent: false. */
  readonly allowPrivate?: boolean;
  readonly createdAt: number;
}

export interface Instance {
  readonly id: string;
  readonly tenantId: string;
  /** Unique per tenant. */
  readonly name: string;
  /** The provider's own name; differs from `name` when that was taken. */
  readonly providerName: string;
  readonly provider: ProviderName;
  readonly serverId?: string;
  /** Evolution's `server_url`, learnt from its first webhook under a tenant's token. */
  readonly serverUrl?: string;
  /** Encrypted. */
  readonly webhookSecret?: string;
  /** Which ways its events come on; absent: `webhook`. */
  readonly source?: InstanceSource;
  readonly ingestToken: string;
  readonly createdAt: number;
}

/** `webhookSecret: null` removes it. */
export type InstanceChange = Partial<
  Pick<Instance, "name" | "providerName" | "serverId" | "serverUrl" | "source">
> & {
  readonly webhookSecret?: string | null;
};

export interface Endpoint {
  readonly id: string;
  readonly tenantId: string;
  readonly url: string;
  readonly description?: string;
  /** Absent: every type that is meant for endpoints. */
  readonly types?: readonly string[];
  /** Instance ids; absent: all. */
  readonly instances?: readonly string[];
  readonly format: WebhookFormat;
  readonly ordering: WebhookOrdering;
  readonly headers: Readonly<Record<string, string>>;
  /** Encrypted, current first; older ones until they expire. */
  readonly secrets: readonly { readonly value: string; readonly expiresAt?: number }[];
  readonly enabled: boolean;
  readonly allowPrivate: boolean;
  /** Only with the provider's format: makes up for what the provider did at this address by itself. */
  readonly asProvider?: AsProvider;
  readonly createdAt: number;
}

/** How a provider's own webhook was configured before its address became an endpoint. */
export interface AsProvider {
  /** The provider's names of the events that it sent, in any spelling; absent: all. */
  readonly events?: readonly string[];
  /** The event's name stands behind the address. */
  readonly byEvents?: true;
  /** Encrypted. Evolution's `jwt_key`: each request carries a token made with it. */
  readonly jwtKey?: string;
  /** Encrypted. WAHA's `hmac.key`: each request carries a signature made with it. */
  readonly hmacKey?: string;
}

/** `null` removes. */
export type EndpointChange = Partial<
  Pick<Endpoint, "url" | "format" | "ordering" | "headers" | "secrets" | "enabled" | "allowPrivate">
> & {
  readonly [K in "description" | "types" | "instances" | "asProvider"]?: NonNullable<
    Endpoint[K]
  > | null;
};

export type IngestTarget =
  | { readonly kind: "tenant"; readonly tenant: Tenant }
  | { readonly kind: "server"; readonly tenant: Tenant; readonly server: ProviderServer }
  | { readonly kind: "instance"; readonly tenant: Tenant; readonly instance: Instance };
