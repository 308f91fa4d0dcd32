import type { Random } from "../../random.ts";
import { createAddressBook, type AddressBook } from "./address-book.ts";
import type { Integration } from "./instance-create.ts";
import { type InstanceSettings, settingsFrom } from "./instance-settings.ts";
import { createMessageList, type MessageList } from "./message-list.ts";
import { noQrCode, type QrCode } from "./qr-code.ts";
import type { WebhookRow } from "./webhook-set.ts";
import type { WebsocketRow } from "./websocket-set.ts";

/** An instance of the fake Evolution, as a scenario describes it. */
export interface FakeEvolutionInstance {
  readonly name: string;
  /** `5511900000100@s.whatsapp.net`; absent before the first connection. */
  readonly owner?: string;
  readonly profileName?: string;
  /** Default `open` with an owner or another channel than Baileys, `close` without. */
  readonly state?: "open" | "connecting" | "close";
  /** Default: made up. */
  readonly token?: string;
  /** The channel. Default WHATSAPP-BAILEYS. */
  readonly integration?: Integration;
  /** Digits. */
  readonly number?: string;
  readonly settings?: InstanceSettings;
}

/** Why the last connection ended for good. */
export interface Disconnection {
  readonly code: number;
  /** What WhatsApp's library said, as JSON text. */
  readonly object: string;
  readonly at: string;
}

/** Its state inside the server. */
export interface FakeInstance {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly integration: Integration;
  readonly number: string | undefined;
  readonly createdAt: string;
  readonly settingId: string;
  readonly messages: MessageList;
  readonly book: AddressBook;
  updatedAt: string;
  owner: string | undefined;
  profileName: string | undefined;
  /** In memory, as `/instance/connectionState` answers it. */
  state: string;
  /** In the database, as the list answers it: it does not follow `connecting` after a drop. */
  storedState: string;
  disconnection: Disconnection | undefined;
  webhook: WebhookRow | undefined;
  websocket: WebsocketRow | undefined;
  settings: InstanceSettings;
  qr: QrCode;
}

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
const hex = "0123456789abcdef";

export function uuid(random: Random): string {
  return `${random.text(hex, 8)}-${random.text(hex, 4)}-4${random.text(hex, 3)}-a${random.text(hex, 3)}-${random.text(hex, 12)}`;
}

/** A row's id: a cuid. */
export function rowId(random: Random): string {
  return `cm${random.text(base36, 23)}`;
}

/** `now` is ISO 8601. */
export function createInstance(
  given: FakeEvolutionInstance,
  random: Random,
  now: string,
): FakeInstance {
  const integration = given.integration ?? "WHATSAPP-BAILEYS";
  const connected = given.owner !== undefined || integration !== "WHATSAPP-BAILEYS";
  const state = given.state ?? (connected ? "open" : "close");
  return {
    id: uuid(random),
    name: given.name,
    token: given.token ?? uuid(random).toUpperCase(),
    integration,
    number: given.number,
    createdAt: now,
    settingId: rowId(random),
    messages: createMessageList(random.fork(`messages/${given.name}`)),
    book: createAddressBook(random.fork(`book/${given.name}`)),
    updatedAt: now,
    owner: given.owner,
    profileName: given.profileName,
    state,
    storedState: state,
    disconnection: undefined,
    webhook: undefined,
    websocket: undefined,
    settings: given.settings ?? settingsFrom({}),
    qr: noQrCode,
  };
}

/** A row of `/instance/fetchInstances`. */
export function instanceRow(instance: FakeInstance): Readonly<Record<string, unknown>> {
  const { id, name, token, createdAt, updatedAt, settingId, disconnection } = instance;
  const times = { createdAt, updatedAt };
  return {
    id,
    name,
    connectionStatus: instance.storedState,
    ownerJid: instance.owner ?? null,
    profileName: instance.profileName ?? null,
    profilePicUrl: null,
    integration: instance.integration,
    number: instance.number ?? null,
    businessId: null,
    token,
    clientName: "evolution_exchange",
    disconnectionReasonCode: disconnection?.code ?? null,
    disconnectionObject: disconnection?.object ?? null,
    disconnectionAt: disconnection?.at ?? null,
    ...times,
    Chatwoot: null,
    Proxy: null,
    Rabbitmq: null,
    Nats: null,
    Sqs: null,
    Websocket: instance.websocket ?? null,
    Setting: { id: settingId, ...instance.settings, ...times, instanceId: id },
    _count: {
      Message: instance.messages.all().length,
      Contact: instance.book.contacts().length,
      Chat: instance.book.chats().length,
    },
  };
}
