import type { MessageContent } from "../content.ts";
import type { EventData, Person } from "../event-data.ts";
import type { EventType } from "../event-types.ts";

/** Samples of `data` for every type; a type without one does not compile. People and numbers are made up. */
type Samples = { readonly [T in EventType]: readonly [EventData[T], ...EventData[T][]] };

const maria: Person = {
  jid: "5511900000001@s.whatsapp.net",
  phone: "5511900000001",
  name: "Maria",
};
const hidden: Person = { jid: "100000000000001@lid", lid: "100000000000001@lid" };
const photo = {
  url: "https://media.example/1",
  mimetype: "image/jpeg",
  size: 1024,
  width: 640,
  height: 480,
};

const contents: readonly [MessageContent, ...MessageContent[]] = [
  { kind: "text", text: "Oi! 👋🏽", quoted: { messageId: "Q1", text: "?" }, mentions: [maria.jid] },
  { kind: "image", caption: "foto", media: photo, viewOnce: true },
  { kind: "video", media: { seconds: 12.5, error: "not downloaded" } },
  { kind: "audio", media: { seconds: 3, mimetype: "audio/mpeg" } },
  { kind: "voice", media: { seconds: 3, inline: true } },
  { kind: "document", media: { filename: "nota fiscal.pdf", pages: 2, sha256: "0".repeat(64) } },
  { kind: "sticker", media: { mimetype: "image/webp" } },
  { kind: "location", latitude: -23.55, longitude: -46.63, name: "Praça", live: true },
  { kind: "contact", contacts: [{ name: "Ana", vcard: "BEGIN:VCARD" }, {}] },
  { kind: "reaction", emoji: "", targetMessageId: "M0" },
  { kind: "poll", name: "Quando?", options: ["sábado", "domingo"], selectable: 0 },
  { kind: "buttons", reply: { id: "yes", title: "Sim" } },
  { kind: "list", rows: [{ id: "1", title: "Um" }] },
  {
    kind: "order",
    orderId: "O1",
    items: 2,
    currency: "BRL",
    total: 19.9,
    payment: ["pix_static_code"],
  },
  { kind: "product", productId: "P1", title: "Bolo" },
  { kind: "template", buttons: [{ id: "1" }] },
  { kind: "system", providerType: "GROUP_CREATE" },
  { kind: "unknown", providerType: "eventMessage", unavailable: true },
];

const received = contents.map((content, index) => ({
  messageId: `M${index}`,
  content,
})) as unknown as Samples["message.received"];

const finding = {
  reason: "no_events",
  evidence: { lastEventAt: "2026-01-02T03:04:05.000Z", expected: 12 },
};
const endpoint = { endpointId: "end_1", url: "https://hooks.example/recado", reason: "http_503" };

export const eventDataSamples: Samples = {
  "message.received": received,
  "message.sent": [
    {
      messageId: "S1",
      content: { kind: "text", text: "ok" },
      source: "api",
      status: 1,
      statusName: "SERVER_ACK",
    },
    {
      messageId: "S2",
      content: { kind: "text" },
      completes: "evt_1",
      warnings: ["instance_name_differs"],
    },
  ],
  "message.edited": [
    { messageId: "M0", content: { kind: "text", text: "novo" } },
    { messageId: "M0" },
  ],
  "message.deleted": [{ messageId: "M0" }],
  "message.reacted": [{ emoji: "❤️", targetMessageId: "M0" }, { emoji: "" }],
  "message.acked": [
    { messageId: "S1", status: -1, statusName: "ERROR" },
    { messageId: "S1", status: 4, statusName: "PLAYED", participant: hidden },
    { messageId: "S1", status: null, statusName: "UNKNOWN" },
  ],
  "poll.voted": [
    { pollMessageId: "P1", options: ["sábado"] },
    { options: [], failed: true },
  ],
  "instance.qr_updated": [
    { qr: "2@abc", base64: "data:image/png;base64,AA==", pairingCode: "ABCD1234" },
    {},
  ],
  "instance.qr_expired": [{ reason: "limit", statusCode: 500 }],
  "instance.connection_changed": [
    { state: "open", providerState: "open", account: maria },
    {
      state: "close",
      providerState: "refused",
      reason: "logged_out",
      reasonCode: 401,
      detail: "…",
    },
  ],
  "instance.status_changed": [{ status: "close", providerStatus: "closed" }],
  "instance.created": [{ providerId: "x" }],
  "instance.removed": [{}],
  "instance.logged_out": [{ reason: "phone" }],
  "contact.updated": [{ name: "Maria", pictureUrl: "https://pps.example/1" }],
  "chat.updated": [{ unread: 0, archived: false }],
  "chat.deleted": [{}],
  "group.updated": [{ subject: "Família", action: "updated", participants: [maria, hidden] }],
  "group.participants_changed": [{ action: "add", participants: [hidden] }],
  "presence.updated": [{ presences: [{ jid: maria.jid, presence: "composing" }] }],
  "call.received": [{ callId: "C1", status: "offer", video: false }],
  "call.updated": [{ status: "timeout", group: true }],
  "label.edited": [{ labelId: "1", name: "Pago", color: "3", deleted: false }],
  "label.assigned": [{ labelId: "1", assigned: true }],
  "history.synced": [{ kind: "messages", count: 50, progress: 42.5, isLatest: false }],
  "provider.event": [
    { event: "typebot.start", reason: "unknown_event" },
    { reason: "says_nothing" },
  ],
  "instance.silent": [finding],
  "instance.frozen": [finding],
  "instance.webhook_changed": [finding],
  "endpoint.failing": [endpoint],
  "endpoint.recovered": [{ endpointId: "end_1" }],
  "endpoint.disabled": [endpoint],
  "delivery.exhausted": [
    { ...endpoint, deliveryId: "del_1", eventId: "evt_1", attempts: 10, lastError: "timeout" },
  ],
  "app.emitted": [{ event: "order.paid", payload: [1, "two", null] }],
};
