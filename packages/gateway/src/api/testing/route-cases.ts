import { systemIds } from "../../base/ids.ts";
import { appendEvent, tenantWithKey, type ApiServer } from "./api-server.ts";

/** One tenant with one thing of every kind. */
export interface Furnished {
  readonly tenantId: string;
  readonly key: string;
  readonly keyId: string;
  readonly serverId: string;
  readonly instanceId: string;
  readonly instanceName: string;
  readonly pairingLinkId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly deliveryId: string;
}

async function made(
  server: ApiServer,
  path: string,
  as: string,
  body: object,
): Promise<{ readonly id: string; readonly name: string }> {
  const response = await server.call("POST", path, { as, body });
  if (response.statusCode !== 201) throw new Error(`${path}: ${response.body}`);
  return response.json();
}

/** Fills a tenant through the API where it can, through the store where only other parts write. */
export async function furnish(server: ApiServer, tenantId: string): Promise<Furnished> {
  const key = await tenantWithKey(server, tenantId);
  const scope = { tenantId };
  const { store, options } = server;
  const provider = await made(server, "/servers", key, {
    provider: "waha",
    baseUrl: "https://waha.example.com",
    apiKey: `${tenantId}-provider-key`,
  });
  const instance = await made(server, "/instances", key, {
    name: `loja ${tenantId}/☕`,
    provider: "waha",
    serverId: provider.id,
    webhookSecret: "hmac",
  });
  const link = await made(server, `/instances/${instance.id}/pairing-links`, key, {});
  const endpoint = await made(server, "/endpoints", key, {
    url: "https://hooks.example.com/x",
    instances: [instance.id],
    headers: { authorization: `Bearer ${tenantId}-header` },
  });
  const event = await appendEvent(server, {
    tenantId,
    instanceId: instance.id,
    chatId: "5511900000001@s.whatsapp.net",
  });
  const deliveryId = systemIds.next("dlv");
  const now = options.clock.now();
  const planned = {
    id: deliveryId,
    eventId: event.id,
    eventOffset: event.offset,
    eventType: event.type,
    createdAt: now,
  };
  await store.deliveries.plan(scope, {
    endpointId: endpoint.id,
    from: 0,
    to: event.offset,
    deliveries: [planned],
  });
  await store.deliveries.record(scope, {
    deliveryId,
    attempt: {
      startedAt: now,
      durationMs: 12,
      outcome: "failed",
      statusCode: 503,
      errorCode: "status",
      timings: { dnsMs: 1, connectMs: 2 },
    },
    next: { status: "pending", dueAt: now + 60_000 },
  });
  const [first] = await store.directory.keys(scope, { limit: 1 });
  return {
    tenantId,
    key,
    keyId: first?.id ?? "",
    serverId: provider.id,
    instanceId: instance.id,
    instanceName: instance.name,
    pairingLinkId: link.id,
    endpointId: endpoint.id,
    eventId: event.id,
    deliveryId,
  };
}

/** Everything that the operator can see of a tenant: equal before and after means that nothing was touched. */
export async function snapshot(server: ApiServer, tenant: Furnished): Promise<unknown> {
  const headers = { "x-tenant-id": tenant.tenantId };
  const paths = [
    `/tenants/${tenant.tenantId}`,
    `/tenants/${tenant.tenantId}/keys`,
    "/servers",
    "/instances",
    `/instances/${tenant.instanceId}/pairing-links`,
    "/endpoints",
    "/events?include=raw",
    "/deliveries",
    `/deliveries/${tenant.deliveryId}/attempts`,
  ];
  const stored = await server.store.directory.endpoints(
    { tenantId: tenant.tenantId },
    { limit: 100 },
  );
  return [
    stored,
    ...(await Promise.all(
      paths.map(async (path) => (await server.call("GET", path, { headers })).json<unknown>()),
    )),
  ];
}

export interface RouteCase {
  /** Address and body that are right for a tenant that has everything. */
  readonly right: (tenant: Furnished) => { readonly path: string; readonly body?: object };
  /** How another tenant's things could be reached through it. `none`: it names nothing and lists nothing. */
  readonly reach: "public" | "operator" | "id" | "list" | "create" | "none";
  /** For `create`: bodies that name another tenant's things. */
  readonly naming?: (other: Furnished) => readonly object[];
}

const at =
  (path: (tenant: Furnished) => string, body?: object): RouteCase["right"] =>
  (tenant) => ({ path: path(tenant), ...(body ? { body } : {}) });
const url = "https://hooks.example.com/y";

/** Every route of the API and how it is tried. A route that is not here fails the tests. */
export const routeCases: Readonly<Record<string, RouteCase>> = {
  "GET /health": { reach: "public", right: at(() => "/health") },
  "POST /tenants": { reach: "operator", right: at(() => "/tenants", { name: "Nova" }) },
  "GET /tenants": { reach: "operator", right: at(() => "/tenants") },
  "GET /tenants/:id": { reach: "operator", right: at((t) => `/tenants/${t.tenantId}`) },
  "PATCH /tenants/:id": {
    reach: "operator",
    right: at((t) => `/tenants/${t.tenantId}`, { name: "Outra" }),
  },
  "DELETE /tenants/:id": { reach: "operator", right: at((t) => `/tenants/${t.tenantId}`) },
  "POST /tenants/:id/keys": {
    reach: "operator",
    right: at((t) => `/tenants/${t.tenantId}/keys`, { name: "chave" }),
  },
  "GET /tenants/:id/keys": { reach: "operator", right: at((t) => `/tenants/${t.tenantId}/keys`) },
  "DELETE /tenants/:id/keys/:keyId": {
    reach: "operator",
    right: at((t) => `/tenants/${t.tenantId}/keys/${t.keyId}`),
  },
  "POST /tokens": {
    reach: "create",
    right: at(() => "/tokens", { ttlSeconds: 60 }),
    naming: (other) => [
      { instances: [other.instanceId] },
      { instances: [other.instanceName] },
      { tenantId: other.tenantId },
    ],
  },
  "POST /servers": {
    reach: "create",
    right: at(() => "/servers", {
      name: "outro",
      provider: "evolution",
      baseUrl: "https://evo.example.com",
      apiKey: "k",
    }),
  },
  "GET /servers": { reach: "list", right: at(() => "/servers") },
  "GET /servers/:id": { reach: "id", right: at((t) => `/servers/${t.serverId}`) },
  "PATCH /servers/:id": {
    reach: "id",
    right: at((t) => `/servers/${t.serverId}`, { name: "renomeado" }),
  },
  "DELETE /servers/:id": { reach: "id", right: at((t) => `/servers/${t.serverId}`) },
  "POST /servers/:id/sync": { reach: "id", right: at((t) => `/servers/${t.serverId}/sync`) },
  "POST /servers/:id/release": { reach: "id", right: at((t) => `/servers/${t.serverId}/release`) },
  "POST /servers/:id/test": { reach: "id", right: at((t) => `/servers/${t.serverId}/test`) },
  "GET /instances/:id/hook": { reach: "id", right: at((t) => `/instances/${t.instanceId}/hook`) },
  "POST /instances/:id/sync": { reach: "id", right: at((t) => `/instances/${t.instanceId}/sync`) },
  "POST /instances/:id/release": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/release`),
  },
  "POST /instances/:id/test": { reach: "id", right: at((t) => `/instances/${t.instanceId}/test`) },
  "POST /instances": {
    reach: "create",
    right: at(() => "/instances", { name: "mais uma", provider: "waha" }),
    naming: (other) => [{ name: "roubada", provider: "waha", serverId: other.serverId }],
  },
  "GET /instances": { reach: "list", right: at(() => "/instances") },
  "GET /instances/:id": { reach: "id", right: at((t) => `/instances/${t.instanceId}`) },
  "PATCH /instances/:id": {
    reach: "id",
    right: at((t) => `/instances/${encodeURIComponent(t.instanceName)}`, { webhookSecret: null }),
  },
  "DELETE /instances/:id": { reach: "id", right: at((t) => `/instances/${t.instanceId}`) },
  "POST /instances/:id/connect": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/connect`),
  },
  "POST /instances/:id/logout": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/logout`),
  },
  "POST /instances/:id/restart": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/restart`),
  },
  "GET /instances/:id/qr": { reach: "id", right: at((t) => `/instances/${t.instanceId}/qr`) },
  "POST /instances/:id/pairing-links": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/pairing-links`, { ttlSeconds: 60 }),
  },
  "GET /instances/:id/pairing-links": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/pairing-links`),
  },
  "DELETE /instances/:id/pairing-links/:linkId": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/pairing-links/${t.pairingLinkId}`),
  },
  "GET /instances/:id/health": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/health`),
  },
  "POST /instances/:id/reconcile": {
    reach: "id",
    right: at((t) => `/instances/${t.instanceId}/reconcile`),
  },
  "POST /endpoints": {
    reach: "create",
    right: at(() => "/endpoints", { url }),
    naming: (other) => [
      { url, instances: [other.instanceId] },
      { url, instances: [other.instanceName] },
    ],
  },
  "GET /endpoints": { reach: "list", right: at(() => "/endpoints") },
  "GET /endpoints/:id": { reach: "id", right: at((t) => `/endpoints/${t.endpointId}`) },
  "PATCH /endpoints/:id": {
    reach: "id",
    right: at((t) => `/endpoints/${t.endpointId}`, { url, types: ["message.*"] }),
  },
  "DELETE /endpoints/:id": { reach: "id", right: at((t) => `/endpoints/${t.endpointId}`) },
  "POST /endpoints/:id/test": { reach: "id", right: at((t) => `/endpoints/${t.endpointId}/test`) },
  "POST /endpoints/:id/rotate-secret": {
    reach: "id",
    right: at((t) => `/endpoints/${t.endpointId}/rotate-secret`, { graceSeconds: 60 }),
  },
  "POST /endpoints/:id/reveal-secret": {
    reach: "id",
    right: at((t) => `/endpoints/${t.endpointId}/reveal-secret`),
  },
  "POST /endpoints/:id/enable": {
    reach: "id",
    right: at((t) => `/endpoints/${t.endpointId}/enable`),
  },
  "POST /endpoints/:id/disable": {
    reach: "id",
    right: at((t) => `/endpoints/${t.endpointId}/disable`),
  },
  "GET /events": { reach: "list", right: at(() => "/events") },
  "GET /events/:id": { reach: "id", right: at((t) => `/events/${t.eventId}`) },
  "GET /messages": { reach: "list", right: at(() => "/messages?id=M1") },
  "GET /chats": { reach: "list", right: at(() => "/chats") },
  "GET /deliveries": { reach: "list", right: at(() => "/deliveries") },
  "GET /deliveries/:id/attempts": {
    reach: "id",
    right: at((t) => `/deliveries/${t.deliveryId}/attempts`),
  },
  "POST /deliveries/:id/resend": {
    reach: "id",
    right: at((t) => `/deliveries/${t.deliveryId}/resend`),
  },
  "GET /stats": { reach: "list", right: at(() => "/stats") },
};
