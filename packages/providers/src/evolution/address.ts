import type { Chat, Contact } from "@recado/protocol";
import { chatAt, contactFrom, parseJid, preferPhone, type Jid } from "../jid.ts";
import { member, textOf } from "../message/index.ts";

/**
 * Who and where, out of a message key.
 *
 * Versions put the phone and the LID of one person in different members: `remoteJid` with
 * `remoteJidAlt`, `senderPn`, `senderLid` or `previousRemoteJid` in direct chats, `participant` with
 * `participantAlt`, `participantPn` or `participantLid` elsewhere. The phone address names the chat
 * when the key holds both, so that a conversation stays one when the server is upgraded.
 */
export interface Whereabouts {
  readonly chat?: Chat;
  readonly contact?: Contact;
  /** The writer's address outside direct chats. */
  readonly participant?: string;
}

export interface AddressOptions {
  readonly own: Jid | undefined;
  readonly fromMe: boolean;
  /** What the writer is called; on our own messages it is our name, or a filler, and not the contact's. */
  readonly name?: unknown;
  /** Outside the key, where versions repeat the writer. */
  readonly participant?: unknown;
}

const chatMembers = ["remoteJid", "remoteJidAlt", "previousRemoteJid"] as const;
/** About the sender: the other person only when it was not us who wrote. */
const senderMembers = ["senderPn", "senderLid"] as const;
const participantMembers = [
  "participant",
  "participantAlt",
  "participantPn",
  "participantLid",
] as const;

function valuesAt(owner: unknown, names: readonly string[]): readonly unknown[] {
  return names.map((name) => member(owner, name));
}

/** Servers fill a missing name with the digits of the address; that is no name. */
export function nameFor(name: unknown, addresses: readonly unknown[]): string | undefined {
  const text = textOf(name);
  if (text === undefined) return undefined;
  const isDigitsOfAddress = addresses.some((address) => parseJid(address)?.user === text.trim());
  return isDigitsOfAddress ? undefined : text;
}

export function whereabouts(key: unknown, options: AddressOptions): Whereabouts {
  const remote = parseJid(member(key, "remoteJid")) ?? preferPhone(...valuesAt(key, chatMembers));
  if (remote !== undefined && remote.kind !== "person") return inGroup(remote, key, options);
  return inDirectChat(remote, key, options);
}

function inDirectChat(remote: Jid | undefined, key: unknown, options: AddressOptions): Whereabouts {
  const { own, fromMe, name } = options;
  const members = fromMe ? chatMembers : [...chatMembers, ...senderMembers];
  // 2.3.1 to 2.3.4 put our own phone in place of the contact's LID on what we wrote; the LID is left.
  const wasReplaced = fromMe && parseJid(member(key, "previousRemoteJid")) !== undefined;
  // Whose the phone is cannot be told without knowing ours: it may be ours, too, and is not believed.
  const isUncertain = wasReplaced && own === undefined;
  const isNote = remote !== undefined && remote.id === own?.id && !wasReplaced;
  const people = valuesAt(key, members).filter((value) => {
    const jid = parseJid(value);
    if (jid?.kind !== "person" || (isUncertain && !jid.isLid)) return false;
    return isNote || jid.id !== own?.id;
  });
  const chat = preferPhone(...people);
  const contact = contactFrom(people, fromMe ? undefined : nameFor(name, people));
  return {
    ...(chat === undefined ? {} : { chat: chatAt(chat) }),
    ...(contact === undefined ? {} : { contact }),
  };
}

function inGroup(remote: Jid, key: unknown, options: AddressOptions): Whereabouts {
  const people = [
    ...valuesAt(key, participantMembers),
    options.participant,
    ...valuesAt(key, senderMembers),
  ];
  const contact = contactFrom(people, options.fromMe ? undefined : nameFor(options.name, people));
  return {
    chat: chatAt(remote),
    ...(contact === undefined ? {} : { contact, participant: contact.jid }),
  };
}
