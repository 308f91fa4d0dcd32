/**
 * Evolution's event names. The body says `messages.upsert`, the configuration `MESSAGES_UPSERT`, a URL
 * `messages-upsert`; all are one name once the separator and the letter case are equal.
 */

/** Names as the body spells them (1.8.2 to 2.4). */
const spellings = [
  "application.startup",
  "qrcode.updated",
  "connection.update",
  "status.instance",
  "messages.set",
  "messages.upsert",
  "messages.edited",
  "messages.update",
  "messages.delete",
  "send.message",
  "send.message.update",
  "messaging-history.set",
  "contacts.set",
  "contacts.upsert",
  "contacts.update",
  "chats.set",
  "chats.upsert",
  "chats.update",
  "chats.delete",
  "presence.update",
  "groups.upsert",
  "groups.update",
  "group-participants.update",
  "labels.edit",
  "labels.association",
  "call",
  "typebot.start",
  "typebot.change-status",
  "remove.instance",
  "logout.instance",
  "instance.create",
  "instance.delete",
  "new.jwt.token",
  "chama.ai.action",
  "error",
] as const;

/** A known name, in the body's spelling. */
export type EvolutionEventName = (typeof spellings)[number];

function folded(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[._-]/g, ".");
}

const byFolded: ReadonlyMap<string, EvolutionEventName> = new Map([
  ...spellings.map((name) => [folded(name), name] as const),
  // The configuration's own name for `groups.update`, which no server puts in a body.
  ["group.update", "groups.update"] as const,
]);

/** The body's spelling of a name in any spelling; undefined for an unknown one. */
export function knownEventName(name: string): EvolutionEventName | undefined {
  return byFolded.get(folded(name));
}
