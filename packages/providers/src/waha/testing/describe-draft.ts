import type { Contact, Person } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";

/** Writes a draft as one line of `expectations.ts`. */

function address(jid: string): string {
  return jid.replace(/^(\d+)@s\.whatsapp\.net$/, "$1");
}

function person(who: Person | Contact): string {
  const lid = who.lid !== undefined && who.lid !== who.jid ? `+${who.lid}` : "";
  const name = who.name === undefined ? "" : ` (${escaped(who.name)})`;
  // A phone that is not the address's own would be an invention: it shows.
  const phone =
    who.phone !== undefined && who.phone !== address(who.jid) ? ` tel:${who.phone}` : "";
  const missing = who.phone === undefined && /^\d+$/.test(address(who.jid)) ? " no phone" : "";
  return `${address(who.jid)}${lid}${phone}${missing}${name}`;
}

function escaped(text: string): string {
  return text
    .replaceAll("\n", "⏎")
    .replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}

const people = (list: readonly Person[] | undefined) =>
  list === undefined ? "" : `: ${list.map(person).join(", ")}`;

const word = (value: string | undefined) => (value === undefined ? "" : ` ${value}`);
const named = (value: string | undefined) => (value === undefined ? "" : ` "${escaped(value)}"`);

function says(draft: EventDraft): string {
  switch (draft.type) {
    case "message.received":
    case "message.sent":
      return draft.data.content.kind + (draft.contentMissing === true ? " (missing)" : "");
    case "message.edited":
    case "message.deleted":
      return draft.data.messageId + word(draft.data.content?.kind);
    case "message.reacted":
      return `"${draft.data.emoji}" on ${draft.data.targetMessageId ?? "-"}`;
    case "message.acked": {
      const by =
        draft.data.participant === undefined ? "" : ` by ${person(draft.data.participant)}`;
      return String(draft.data.status) + word(draft.data.statusName) + by;
    }
    case "poll.voted":
      return `[${draft.data.options.join(",")}] in ${draft.data.pollMessageId ?? "-"}${draft.data.failed === true ? " failed" : ""}`;
    case "call.received":
    case "call.updated":
      return `${draft.data.status} ${draft.data.video === true ? "video" : "voice"}${draft.data.group === true ? " group" : ""}`;
    case "chat.updated":
      return `archived ${String(draft.data.archived)}`;
    case "provider.event":
      return draft.data.reason;
    default:
      return saysMore(draft);
  }
}

function saysMore(draft: EventDraft): string {
  switch (draft.type) {
    case "group.updated":
      return (draft.data.action ?? "-") + updatedSubject(draft) + people(draft.data.participants);
    case "group.participants_changed":
      return draft.data.action + people(draft.data.participants);
    case "label.assigned":
      return `${draft.data.labelId ?? "-"}${named(draft.data.name)} ${draft.data.assigned ? "on" : "off"}`;
    case "label.edited":
      return `${draft.data.labelId ?? "-"}${draft.data.deleted ? " deleted" : named(draft.data.name) + word(draft.data.color)}`;
    case "presence.updated":
      return draft.data.presences
        .map(({ jid, presence }) => `${address(jid)} ${presence}`)
        .join(", ");
    case "instance.qr_updated":
      return draft.data.qr === undefined ? "without code" : "with code";
    case "instance.qr_expired":
      return draft.data.reason;
    case "instance.connection_changed": {
      const { state, providerState, reason, account, detail } = draft.data;
      const as = account === undefined ? "" : ` as ${person(account)}`;
      return `${state} ${providerState}${word(reason)}${as}${detail === undefined ? "" : " with detail"}`;
    }
    case "instance.status_changed":
      return `${draft.data.status} ${draft.data.providerStatus}${word(draft.data.reason)}`;
    default:
      return `? ${draft.type}`;
  }
}

/** Only an update is about its subject; joining merely tells it. */
function updatedSubject(draft: EventDraft & { readonly type: "group.updated" }): string {
  return draft.data.action === "updated" ? named(draft.data.subject) : "";
}

function identity(draft: EventDraft, bodyHash: string): string {
  const parts = JSON.parse(draft.identity.key) as unknown[];
  const text = parts.map((part) => {
    if (part === "") return "-";
    if (part === bodyHash) return "<hash>";
    return typeof part === "object" && part !== null && "jid" in part
      ? address(String(part.jid))
      : String(part);
  });
  const window = draft.identity.windowMs === undefined ? "" : ` (${draft.identity.windowMs} ms)`;
  return text.join(" ") + window;
}

function direction(fromMe: boolean | undefined): string {
  if (fromMe === undefined) return "-";
  return fromMe ? "out" : "in";
}

/** One draft in the columns of `expectations.ts`. */
export function describeDraft(name: string, draft: EventDraft, bodyHash: string): string {
  return [
    name,
    draft.type,
    draft.chat === undefined ? "-" : address(draft.chat.id),
    draft.contact === undefined ? "-" : person(draft.contact),
    direction(draft.fromMe),
    says(draft),
    draft.occurredAt === undefined ? "arrival" : new Date(draft.occurredAt).toISOString(),
    identity(draft, bodyHash),
  ].join(" | ");
}
