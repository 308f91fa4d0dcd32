import { createHash } from "node:crypto";
import type {
  AppendEntry,
  AppendOutcome,
  Endpoint,
  Instance,
  NewDelivery,
  NewEvent,
  NewIdentity,
  ProviderServer,
  StoredEvent,
  Tenant,
  TenantScope,
} from "../contract/index.ts";

/** Records for tests: valid by themselves, each member can be replaced. */

export const tenantA: TenantScope = { tenantId: "ten_a" };
export const tenantB: TenantScope = { tenantId: "ten_b" };

/** A moment from which tests count, Unix milliseconds. */
export const dayOne = Date.UTC(2025, 0, 1);

type Changes<T> = { readonly [Member in keyof T]?: T[Member] };

export interface EventChanges extends Omit<Changes<NewEvent>, "identity"> {
  readonly key?: string;
  readonly identity?: Changes<NewIdentity>;
  /** Text of the member `data`. */
  readonly data?: string;
}

/** An event named `name`: its id, identity and body hash follow from the name. */
export function newEvent(name: string, changes: EventChanges = {}): NewEvent {
  const { key, identity, data, ...rest } = changes;
  const id = rest.id ?? `evt_${name}`;
  return {
    id,
    type: "message.received",
    instanceId: "ins_1",
    unrecognised: false,
    occurredAt: dayOne,
    receivedAt: dayOne,
    json: `{"id":${JSON.stringify(id)},"data":${data ?? `{"text":${JSON.stringify(name)}}`}}`,
    index: 0,
    ...rest,
    identity: {
      key: key ?? `["message",${JSON.stringify(name)}]`,
      contentMissing: false,
      bodyHash: createHash("sha256").update(name).digest("hex"),
      source: "messages.upsert",
      ...identity,
    },
  };
}

export function entryOf(...events: readonly NewEvent[]): AppendEntry {
  return {
    body: { text: `{"of":"${events[0]?.id ?? "nothing"}"}`, meta: { headers: { "x-test": "1" } } },
    events,
  };
}

export function appendedEvent(outcome: AppendOutcome | undefined): StoredEvent {
  if (outcome?.kind !== "appended") throw new Error(`not appended but ${JSON.stringify(outcome)}`);
  return outcome.event;
}

export function newTenant(id: string, changes: Changes<Tenant> = {}): Tenant {
  return { id, name: id, active: true, ingestToken: `tok_${id}`, createdAt: dayOne, ...changes };
}

export function newInstance(name: string, changes: Changes<Instance> = {}): Instance {
  return {
    id: `ins_${name}`,
    tenantId: tenantA.tenantId,
    name,
    providerName: name,
    provider: "evolution",
    ingestToken: `tok_ins_${name}`,
    createdAt: dayOne,
    ...changes,
  };
}

export function newServer(name: string, changes: Changes<ProviderServer> = {}): ProviderServer {
  return {
    id: `srv_${name}`,
    tenantId: tenantA.tenantId,
    name,
    provider: "waha",
    baseUrl: "http://waha:3000",
    apiKey: "sealed",
    ingestToken: `tok_srv_${name}`,
    createdAt: dayOne,
    ...changes,
  };
}

export function newEndpoint(id: string, changes: Changes<Endpoint> = {}): Endpoint {
  return {
    id,
    tenantId: tenantA.tenantId,
    url: "https://example.com/hook",
    format: "recado",
    ordering: "chat",
    headers: {},
    secrets: [{ value: "sealed" }],
    enabled: true,
    allowPrivate: false,
    createdAt: dayOne,
    ...changes,
  };
}

export function newDelivery(offset: number, changes: Changes<NewDelivery> = {}): NewDelivery {
  return {
    id: `dlv_${offset}`,
    eventId: `evt_${offset}`,
    eventOffset: offset,
    eventType: "message.received",
    createdAt: dayOne + offset,
    ...changes,
  };
}
