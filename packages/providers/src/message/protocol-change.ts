import type { MessageContent } from "@recado/protocol";
import type { JsonObject } from "../contract.ts";
import { contentOf, findContent } from "./content.ts";
import { idAt, member, objectAt, textOf } from "./read/members.ts";
import { numberOf } from "./read/numbers.ts";
import { timeMs } from "./read/time.ts";

/** Messages that change another message: edits, revokes and what else WhatsApp sends beside them. */

/** What a protocol message does. `key` names the message it is about, in its writer's view. */
export type ProtocolChange =
  | {
      readonly kind: "edited";
      readonly messageId: string;
      readonly key: JsonObject;
      /** Absent when the edit came without its text. */
      readonly content?: MessageContent;
      readonly changedAt?: number;
    }
  | {
      readonly kind: "deleted";
      readonly messageId: string;
      readonly key: JsonObject;
      readonly changedAt?: number;
    }
  /** Settings, key exchanges, history notices: `type` is WhatsApp's own word or number as text. */
  | { readonly kind: "other"; readonly type: string };

const editTypes: ReadonlySet<string> = new Set(["message_edit", "14"]);
const revokeTypes: ReadonlySet<string> = new Set(["revoke", "0"]);
/** `secretEncryptedMessage`: 2 is an edit whose text only the devices can read. */
const encryptedEditTypes: ReadonlySet<string> = new Set(["message_edit", "2"]);

/** The change inside a message, behind any wrapper; undefined when it is an ordinary message. */
export function protocolChange(message: unknown): ProtocolChange | undefined {
  const found = findContent(message);
  if (found === undefined) return undefined;
  const name = found.name.toLowerCase();
  if (name === "protocolmessage") return protocolChangeOf(found.value);
  if (name === "secretencryptedmessage") return encryptedEdit(found.value);
  return undefined;
}

/** The same for the protocol message itself, as some events carry it. */
export function protocolChangeOf(value: unknown): ProtocolChange {
  const word = member(value, "type");
  const type = textOf(word) ?? numberOf(word)?.toString();
  const key = objectAt(value, "key");
  const messageId = idAt(key, "id");
  const edited = objectAt(value, "editedMessage");
  const isEdit = type === undefined ? edited !== undefined : editTypes.has(type.toLowerCase());
  if (key === undefined || messageId === undefined)
    return { kind: "other", type: type ?? "unknown" };
  const changedAt = timeMs(member(value, "timestampMs"));
  const when = changedAt === undefined ? {} : { changedAt };
  if (isEdit) {
    return {
      kind: "edited",
      messageId,
      key,
      ...(edited ? { content: contentOf(edited) } : {}),
      ...when,
    };
  }
  if (type !== undefined && revokeTypes.has(type.toLowerCase()))
    return { kind: "deleted", messageId, key, ...when };
  return { kind: "other", type: type ?? "unknown" };
}

function encryptedEdit(value: unknown): ProtocolChange | undefined {
  const word = member(value, "secretEncType");
  const type = textOf(word) ?? numberOf(word)?.toString() ?? "";
  const key = objectAt(value, "targetMessageKey");
  const messageId = idAt(key, "id");
  if (!encryptedEditTypes.has(type.toLowerCase()) || key === undefined || messageId === undefined)
    return undefined;
  return { kind: "edited", messageId, key };
}
