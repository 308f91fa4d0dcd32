import type { JsonObject } from "../../contract.ts";
import { compact, idAt, listOf } from "../../message/index.ts";
import { parseAddress } from "./message-ref.ts";
import { firstText, isObject, objectAt, wordOf } from "../wire.ts";

/**
 * Translates the message model of WhatsApp Web, which WEBJS and WPP pass on as `_data`, into WhatsApp's
 * own message shape, so that one table of contents reads every engine.
 *
 * Only what the model says is translated; a media `body` there is a thumbnail and never text.
 */

/** What a translation may use: the model, WAHA's reading of it, and the caption or text. */
interface Model {
  readonly model: JsonObject;
  readonly plain: JsonObject | undefined;
  readonly body: string | undefined;
  readonly contextInfo: JsonObject | undefined;
}

type Translation = (source: Model) => JsonObject | undefined;

/** Types that are nobody's words: notices, call records, placeholders of deleted messages. */
const systemTypes: ReadonlySet<string> = new Set([
  "album",
  "broadcast_notification",
  "call_log",
  "debug",
  "debug_placeholder",
  "e2e_notification",
  "gp2",
  "group_notification",
  "keep_in_chat",
  "newsletter_notification",
  "notification",
  "notification_template",
  "pin_message",
  "pinned_message",
  "protocol",
  "revoked",
]);

export function isSystemType(type: string): boolean {
  return systemTypes.has(type);
}

function contextOf(model: JsonObject): JsonObject | undefined {
  const mentioned = listOf(model["mentionedJidList"])
    .map((address) => parseAddress(address)?.id)
    .filter((address) => address !== undefined);
  const quoted = objectAt(model, "quotedMsg");
  const quotedText =
    quoted["type"] === "chat" ? firstText(quoted["body"]) : firstText(quoted["caption"]);
  const context = compact({
    stanzaId: firstText(model["quotedStanzaID"]),
    participant: parseAddress(model["quotedParticipant"])?.id,
    quotedMessage: quotedText === undefined ? undefined : { conversation: quotedText },
    mentionedJid: mentioned.length > 0 ? mentioned : undefined,
    isForwarded: model["isForwarded"] === true ? true : undefined,
  });
  return Object.keys(context).length > 0 ? context : undefined;
}

const text: Translation = ({ body, contextInfo, model }) => {
  const said = body ?? firstText(model["body"]);
  if (said === undefined) return undefined;
  return contextInfo === undefined
    ? { conversation: said }
    : { extendedTextMessage: { text: said, contextInfo } };
};

function file(name: string, extra: JsonObject = {}): Translation {
  return ({ model, body, contextInfo }) => ({
    [name]: compact({
      mimetype: firstText(model["mimetype"]),
      caption: firstText(model["caption"]) ?? body,
      fileLength: model["size"],
      fileSha256: model["filehash"],
      fileName: firstText(model["filename"]),
      seconds: model["duration"],
      width: model["width"],
      height: model["height"],
      pageCount: model["pageCount"],
      viewOnce: model["isViewOnce"] === true ? true : undefined,
      ...extra,
      contextInfo,
    }),
  });
}

const location: Translation = ({ model, plain, contextInfo }) => {
  const isToldLive = isObject(plain?.["liveLocationMessage"]);
  const isLive = isToldLive || model["type"] === "live_location" || model["isLive"] === true;
  const told = objectAt(plain, isToldLive ? "liveLocationMessage" : "locationMessage");
  const said = compact({
    degreesLatitude: model["lat"],
    degreesLongitude: model["lng"],
    ...told,
    contextInfo,
  });
  return isLive ? { liveLocationMessage: said } : { locationMessage: said };
};

const cards: Translation = ({ model, plain, body }) => {
  if (plain?.["contactMessage"] !== undefined || plain?.["contactsArrayMessage"] !== undefined)
    return plain;
  const listed = listOf(model["vcardList"]).filter(isObject);
  if (listed.length > 0) return { contactsArrayMessage: { contacts: listed } };
  const vcard = body ?? firstText(model["body"]);
  return {
    contactMessage: compact({ displayName: firstText(model["vcardFormattedName"]), vcard }),
  };
};

const poll: Translation = ({ model, body, contextInfo }) => ({
  pollCreationMessage: compact({
    name: firstText(model["pollName"]) ?? body,
    options: listOf(model["pollOptions"]),
    selectableOptionsCount: model["pollSelectableOptionsCount"],
    contextInfo,
  }),
});

const order: Translation = ({ model, contextInfo }) => ({
  orderMessage: compact({
    orderId: idAt(model, "orderId"),
    itemCount: model["itemCount"],
    message: firstText(model["message"]),
    totalAmount1000: model["totalAmount1000"],
    totalCurrencyCode: firstText(model["totalCurrencyCode"]),
    contextInfo,
  }),
});

const product: Translation = ({ model, contextInfo }) => ({
  productMessage: compact({
    body: firstText(model["description"]),
    product: compact({ productId: idAt(model, "productId"), title: firstText(model["title"]) }),
    contextInfo,
  }),
});

const list: Translation = ({ model, contextInfo }) => ({
  listMessage: { ...objectAt(model, "list"), ...compact({ contextInfo }) },
});

const listReply: Translation = ({ model, body, contextInfo }) => ({
  listResponseMessage: {
    ...compact({ title: body }),
    ...objectAt(model, "listResponse"),
    ...compact({ contextInfo }),
  },
});

const buttons: Translation = ({ model, body, contextInfo }) => ({
  buttonsMessage: compact({
    contentText: body,
    buttons: listOf(model["dynamicReplyButtons"]),
    contextInfo,
  }),
});

const buttonReply: Translation = ({ model, body, contextInfo }) => ({
  buttonsResponseMessage: compact({
    selectedButtonId: wordOf(model["selectedButtonId"]),
    selectedDisplayText: body,
    contextInfo,
  }),
});

const templateReply: Translation = ({ model, body, contextInfo }) => ({
  templateButtonReplyMessage: compact({
    selectedId: wordOf(model["selectedId"]),
    selectedDisplayText: body,
    contextInfo,
  }),
});

const template: Translation = ({ body, contextInfo }) => ({
  templateMessage: compact({
    hydratedTemplate: compact({ hydratedContentText: body }),
    contextInfo,
  }),
});

const interactive: Translation = ({ model, body, contextInfo }) => ({
  interactiveMessage: compact({
    body: body === undefined ? undefined : { text: body },
    nativeFlowMessage: {
      buttons: [
        ...listOf(model["nativeFlowButtons"]),
        ...listOf(objectAt(model, "interactivePayload")["buttons"]),
      ],
    },
    contextInfo,
  }),
});

const interactiveReply: Translation = ({ model, body, contextInfo }) => ({
  interactiveResponseMessage: compact({
    body: body === undefined ? undefined : { text: body },
    nativeFlowResponseMessage: objectAt(model, "nativeFlowResponse"),
    contextInfo,
  }),
});

const calendar: Translation = ({ model, contextInfo }) => ({
  eventMessage: compact({ name: firstText(model["eventName"]), contextInfo }),
});

const translations: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ["chat", text],
  ["image", file("imageMessage")],
  ["video", file("videoMessage")],
  ["gif", file("videoMessage", { gifPlayback: true })],
  ["ptv", file("ptvMessage")],
  ["audio", file("audioMessage", { ptt: false })],
  ["ptt", file("audioMessage", { ptt: true })],
  ["document", file("documentMessage")],
  ["sticker", file("stickerMessage")],
  ["location", location],
  ["live_location", location],
  ["vcard", cards],
  ["multi_vcard", cards],
  ["poll_creation", poll],
  ["order", order],
  ["product", product],
  ["list", list],
  ["list_response", listReply],
  ["buttons", buttons],
  ["buttons_response", buttonReply],
  ["template_button_reply", templateReply],
  ["hsm", template],
  ["interactive", interactive],
  ["native_flow", interactive],
  ["interactive_response", interactiveReply],
  ["event_creation", calendar],
]);

/**
 * The message that `model` describes; undefined for a type that is not translated. `plain` is WAHA's own
 * reading (cards, location), `body` its text or caption.
 */
export function browserMessage(
  model: JsonObject,
  plain: JsonObject | undefined,
  body: string | undefined,
): JsonObject | undefined {
  const translate = translations.get(firstText(model["type"]) ?? "");
  return translate?.({ model, plain, body, contextInfo: contextOf(model) });
}
