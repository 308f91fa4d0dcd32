import type { Random } from "../random.ts";
import type { WebhookRow } from "./webhook-set.ts";

/** An instance of the fake Evolution, and how the server lists it. */
export interface FakeEvolutionInstance {
  readonly name: string;
  /** `5511900000100@s.whatsapp.net`; absent before the first connection. */
  readonly owner?: string;
  readonly profileName?: string;
  /** Default `open` with an owner, `close` without. */
  readonly state?: "open" | "connecting" | "close";
  /** Default: made up. */
  readonly token?: string;
}

/** Its state inside the server. */
export interface FakeInstance {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly createdAt: string;
  readonly settingId: string;
  owner: string | undefined;
  profileName: string | undefined;
  state: string;
  webhook: WebhookRow | undefined;
}

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const hex = "0123456789abcdef";

function uuid(random: Random): string {
  return `${random.text(hex, 8)}-${random.text(hex, 4)}-4${random.text(hex, 3)}-a${random.text(hex, 3)}-${random.text(hex, 12)}`;
}

export function createInstance(
  given: FakeEvolutionInstance,
  random: Random,
  now: string,
): FakeInstance {
  return {
    id: uuid(random),
    name: given.name,
    token: given.token ?? uuid(random).toUpperCase(),
    createdAt: now,
    settingId: rowId(random),
    owner: given.owner,
    profileName: given.profileName,
    state: given.state ?? (given.owner === undefined ? "close" : "open"),
    webhook: undefined,
  };
}

/** A row of `/instance/fetchInstances`. */
export function instanceRow(instance: FakeInstance): Readonly<Record<string, unknown>> {
  const { id, name, token, createdAt, settingId } = instance;
  const settings = { rejectCall: false, msgCall: "", groupsIgnore: false, alwaysOnline: false };
  const reading = {
    readMessages: false,
    readStatus: false,
    syncFullHistory: false,
    wavoipToken: "",
  };
  const times = { createdAt, updatedAt: createdAt };
  return {
    id,
    name,
    connectionStatus: instance.state,
    ownerJid: instance.owner ?? null,
    profileName: instance.profileName ?? null,
    profilePicUrl: null,
    integration: "WHATSAPP-BAILEYS",
    number: null,
    businessId: null,
    token,
    clientName: "evolution_exchange",
    disconnectionReasonCode: null,
    disconnectionObject: null,
    disconnectionAt: null,
    ...times,
    Chatwoot: null,
    Proxy: null,
    Rabbitmq: null,
    Nats: null,
    Sqs: null,
    Websocket: null,
    Setting: { id: settingId, ...settings, ...reading, ...times, instanceId: id },
    _count: { Message: 0, Contact: 0, Chat: 0 },
  };
}

/** A row's id: a cuid. */
export function rowId(random: Random): string {
  return `cm${random.text(base36, 23)}`;
}

/** Keeps the list true to what was announced: state, and who it is once it opened. */
export function followConnection(instance: FakeInstance, data: unknown): void {
  const { state, wuid, profileName } = data as {
    state?: unknown;
    wuid?: unknown;
    profileName?: unknown;
  };
  if (typeof state === "string") instance.state = state;
  if (typeof wuid === "string") instance.owner = wuid;
  if (typeof profileName === "string") instance.profileName = profileName;
}
