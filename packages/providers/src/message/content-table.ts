import type { MessageContent } from "@recado/protocol";
import {
  buttonsContent,
  buttonsReplyContent,
  interactiveContent,
  interactiveReplyContent,
  listContent,
  listReplyContent,
  templateContent,
  templateReplyContent,
} from "./interactive.ts";
import { mediaOf } from "./media.ts";
import {
  compact,
  firstMember,
  flagAt,
  listOf,
  member,
  objectAt,
  objectOf,
  textOf,
  wordAt,
} from "./read/members.ts";
import { countOf, numberOf } from "./read/numbers.ts";
import { invoiceContent, orderContent, paymentRequestContent, productContent } from "./orders.ts";

/**
 * The table of contents: WhatsApp's name of a content (lower case) → what it says.
 *
 * A reader gets the content's value and the messages around it; what no row knows is `unknown`, what
 * no person wrote is `system`.
 */

/** What a row may use. */
export interface ContentSource {
  readonly value: unknown;
  readonly levels: readonly unknown[];
}

export type ContentReader = (source: ContentSource) => MessageContent;

type MediaKind = "image" | "video" | "audio" | "voice" | "document" | "sticker";

function media(kind: MediaKind): ContentReader {
  return ({ value, levels }) =>
    compact<MessageContent>({
      kind,
      caption: wordAt(value, "caption"),
      media: mediaOf(value, levels),
    });
}

const audio: ContentReader = (source) => {
  const isVoice = flagAt(source.value, "ptt") || flagAt(source.value, "voice");
  return media(isVoice ? "voice" : "audio")(source);
};

const text: ContentReader = ({ value }) => ({
  kind: "text",
  text: textOf(value) ?? textOf(member(value, "text")) ?? "",
});

function location(live: boolean): ContentReader {
  return ({ value }) =>
    compact<Extract<MessageContent, { kind: "location" }>>({
      kind: "location",
      latitude: numberOf(firstMember(value, "degreesLatitude", "latitude")),
      longitude: numberOf(firstMember(value, "degreesLongitude", "longitude")),
      name: wordAt(value, "name"),
      address: wordAt(value, "address"),
      caption: wordAt(value, "caption", "comment"),
      live: live || flagAt(value, "isLive") ? true : undefined,
    });
}

function vcard(value: unknown): { name?: string; vcard?: string } {
  return compact<{ name?: string; vcard?: string }>({
    name: wordAt(value, "displayName"),
    vcard: wordAt(value, "vcard"),
  });
}

const contact: ContentReader = ({ value }) => ({ kind: "contact", contacts: [vcard(value)] });

const contacts: ContentReader = ({ value }) => ({
  kind: "contact",
  contacts: listOf(member(value, "contacts")).map(vcard),
});

const reaction: ContentReader = ({ value }) =>
  compact<Extract<MessageContent, { kind: "reaction" }>>({
    kind: "reaction",
    emoji: wordAt(value, "text") ?? "",
    targetMessageId: wordAt(objectAt(value, "key"), "id"),
  });

const poll: ContentReader = ({ value }) =>
  compact<Extract<MessageContent, { kind: "poll" }>>({
    kind: "poll",
    name: wordAt(value, "name"),
    options: listOf(member(value, "options"))
      .map((option) => textOf(option) ?? wordAt(option, "optionName", "name"))
      .filter((option) => option !== undefined),
    selectable: countOf(member(value, "selectableOptionsCount")),
  });

const groupInvite: ContentReader = ({ value }) =>
  compact<MessageContent>({ kind: "unknown", caption: wordAt(value, "caption") });

const event: ContentReader = ({ value }) =>
  compact<MessageContent>({ kind: "unknown", text: wordAt(value, "name") });

const system: ContentReader = () => ({ kind: "system" });
const unavailable: ContentReader = () => ({ kind: "unknown", unavailable: true });

export const contentTable: ReadonlyMap<string, ContentReader> = new Map<string, ContentReader>([
  ["conversation", text],
  ["extendedtextmessage", text],
  ["imagemessage", media("image")],
  ["videomessage", media("video")],
  ["ptvmessage", media("video")],
  ["audiomessage", audio],
  ["documentmessage", media("document")],
  ["stickermessage", media("sticker")],
  ["locationmessage", location(false)],
  ["livelocationmessage", location(true)],
  ["contactmessage", contact],
  ["contactsarraymessage", contacts],
  ["reactionmessage", reaction],
  ["pollcreationmessage", poll],
  ["pollcreationmessagev2", poll],
  ["pollcreationmessagev3", poll],
  ["pollcreationmessagev5", poll],
  ["buttonsmessage", ({ value }) => buttonsContent(value)],
  ["buttonsresponsemessage", ({ value }) => buttonsReplyContent(value)],
  ["listmessage", ({ value }) => listContent(value)],
  ["listresponsemessage", ({ value }) => listReplyContent(value)],
  ["templatemessage", ({ value }) => templateContent(value)],
  ["highlystructuredmessage", ({ value }) => templateContent(member(value, "hydratedHsm"))],
  ["templatebuttonreplymessage", ({ value }) => templateReplyContent(value)],
  ["interactivemessage", ({ value }) => interactiveContent(value)],
  ["interactiveresponsemessage", ({ value }) => interactiveReplyContent(value)],
  ["ordermessage", ({ value }) => orderContent(value)],
  ["productmessage", ({ value }) => productContent(value)],
  ["requestpaymentmessage", ({ value }) => paymentRequestContent(value)],
  ["invoicemessage", ({ value }) => invoiceContent(value)],
  ["groupinvitemessage", groupInvite],
  ["eventmessage", event],
  ["albummessage", system],
  ["protocolmessage", system],
  ["pininchatmessage", system],
  ["keepinchatmessage", system],
  ["call", system],
  ["calllogmesssage", system],
  ["calllogmessage", system],
  ["bcallmessage", system],
  ["scheduledcallcreationmessage", system],
  ["scheduledcalleditmessage", system],
  ["stickersyncrmrmessage", system],
  ["messagehistorybundle", system],
  ["messagehistorynotice", system],
  ["placeholdermessage", unavailable],
]);

/** Reads one content through the table; `unknown` when it has no row. */
export function readContent(name: string, source: ContentSource): MessageContent {
  const reader = contentTable.get(name.toLowerCase());
  const content: MessageContent = reader === undefined ? { kind: "unknown" } : reader(source);
  const isNamed = content.kind === "unknown" || content.kind === "system";
  const named = isNamed ? { ...content, providerType: name } : content;
  return flagAt(objectOf(source.value), "viewOnce") ? { ...named, viewOnce: true } : named;
}
