import { complaintsAbout, isObject, type Members, type Schema } from "./complaints.ts";
import { type InstanceSettings, settingFields, settingsFrom } from "./instance-settings.ts";
import { type WebhookMembers, noLength } from "./webhook-set.ts";

export type Integration = "WHATSAPP-BAILEYS" | "WHATSAPP-BUSINESS" | "EVOLUTION";
const integrations: readonly unknown[] = ["WHATSAPP-BAILEYS", "WHATSAPP-BUSINESS", "EVOLUTION"];

/** What a body of `POST /instance/create` asks for. */
export interface Creation {
  readonly name: string;
  readonly integration: Integration;
  readonly token?: string;
  readonly number?: string;
  readonly qrcode: boolean;
  readonly settings: InstanceSettings;
  /** Always stored as enabled, whatever the body says, and its events are not looked at (recorded). */
  readonly webhook?: WebhookMembers;
  readonly websocket?: { readonly enabled: true; readonly events?: readonly string[] };
  /** The body's own members as the answer repeats them. */
  readonly echo: {
    readonly webhook: Members;
    readonly features: Readonly<Record<string, { readonly enabled?: unknown }>>;
  };
}

export type CreationVerdict =
  | { readonly kind: "accepted"; readonly creation: Creation }
  | { readonly kind: "invalid"; readonly complaints: readonly string[] }
  /** Refused in one sentence; nothing of the instance stays. */
  | { readonly kind: "refused"; readonly message: string };

/** Its text is part of the complaint, so it is written as the server writes it. */
const numberPattern = new RegExp(String.raw`^\d+[\.@\w-]+`);

const schema: Schema = {
  fields: [
    { name: "instanceName", type: "string" },
    { name: "token", type: "string" },
    { name: "number", type: "string", pattern: numberPattern },
    { name: "qrcode", type: "boolean" },
    ...settingFields,
  ],
  required: [],
  notEmptyAlone: ["instanceName"],
};

/** Features that the answer names, in its order. */
const features = ["websocket", "rabbitmq", "nats", "sqs"] as const;

const membersOf = (body: Members, name: string): Members | undefined =>
  isObject(body[name]) ? body[name] : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

function creationOf(body: Members): Creation {
  const webhook = membersOf(body, "webhook");
  const websocket = membersOf(body, "websocket");
  const token = text(body["token"]);
  const number = text(body["number"]);
  const enabled = true as const;
  return {
    name: text(body["instanceName"]) ?? "",
    integration: body["integration"] as Integration,
    ...(token === undefined || token === "" ? {} : { token }),
    ...(number === undefined ? {} : { number }),
    qrcode: body["qrcode"] === true,
    settings: settingsFrom(body),
    ...(webhook && { webhook: { ...(webhook as unknown as WebhookMembers), enabled } }),
    ...(websocket && {
      websocket: { ...(websocket as { events?: readonly string[] }), enabled },
    }),
    echo: {
      webhook: {
        webhookUrl: webhook?.["url"],
        webhookHeaders: webhook?.["headers"],
        webhookByEvents: webhook?.["byEvents"],
        webhookBase64: webhook?.["base64"],
      },
      features: Object.fromEntries(
        features.map((name) => [name, { enabled: membersOf(body, name)?.["enabled"] }]),
      ),
    },
  };
}

/** Judges a body. Whether the name is taken was looked at before. */
export function judgeCreation(body: unknown): CreationVerdict {
  const members = isObject(body) ? body : {};
  const complaints = complaintsAbout(members, schema, "");
  if (complaints.length > 0) return { kind: "invalid", complaints };
  if (!integrations.includes(members["integration"]))
    return { kind: "refused", message: "Invalid integration" };
  const creation = creationOf(members);
  const { webhook, websocket } = creation;
  const withoutList = [websocket, webhook].some((set) => set && !Array.isArray(set.events));
  if (withoutList) return { kind: "refused", message: noLength };
  if (creation.integration === "WHATSAPP-BUSINESS" && creation.number === undefined)
    return { kind: "refused", message: "number is required" };
  return { kind: "accepted", creation };
}
