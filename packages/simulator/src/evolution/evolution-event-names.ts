import type { EvolutionFamily } from "./evolution-retry.ts";

/**
 * The 31 names that `/webhook/set` of 2.3 accepts and stores for an empty list, in the server's order
 * (recorded). A body's event is matched in upper case with `_`: `groups.update` becomes GROUPS_UPDATE,
 * which is not among them and so never reaches an instance's webhook.
 */
export const evolutionConfigNames = [
  "APPLICATION_STARTUP",
  "QRCODE_UPDATED",
  "MESSAGES_SET",
  "MESSAGES_UPSERT",
  "MESSAGES_EDITED",
  "MESSAGES_UPDATE",
  "MESSAGES_DELETE",
  "SEND_MESSAGE",
  "SEND_MESSAGE_UPDATE",
  "CONTACTS_SET",
  "CONTACTS_UPSERT",
  "CONTACTS_UPDATE",
  "PRESENCE_UPDATE",
  "CHATS_SET",
  "CHATS_UPSERT",
  "CHATS_UPDATE",
  "CHATS_DELETE",
  "GROUPS_UPSERT",
  "GROUP_UPDATE",
  "GROUP_PARTICIPANTS_UPDATE",
  "CONNECTION_UPDATE",
  "LABELS_EDIT",
  "LABELS_ASSOCIATION",
  "CALL",
  "TYPEBOT_START",
  "TYPEBOT_CHANGE_STATUS",
  "REMOVE_INSTANCE",
  "LOGOUT_INSTANCE",
  "INSTANCE_CREATE",
  "INSTANCE_DELETE",
  "STATUS_INSTANCE",
] as const;

/** Names that 2.3 brought. */
const since23: readonly string[] = [
  "SEND_MESSAGE_UPDATE",
  "INSTANCE_CREATE",
  "INSTANCE_DELETE",
  "STATUS_INSTANCE",
];
/** Names that 2.0 brought. */
const since20: readonly string[] = ["MESSAGES_EDITED", "REMOVE_INSTANCE", "LOGOUT_INSTANCE"];

const names22 = evolutionConfigNames.filter((name) => !since23.includes(name));

/** The names that a family's lists may hold and an empty list stands for (read in the sources of 2.2 and 1.8). */
export const familyConfigNames: Readonly<Record<EvolutionFamily, readonly string[]>> = {
  "2.3": evolutionConfigNames,
  "2.2": names22,
  "1": [...names22.filter((name) => !since20.includes(name)), "NEW_JWT_TOKEN", "CHAMA_AI_ACTION"],
};

/** Names that the global webhook has no switch for. */
const neverGlobal = new Set([
  "REMOVE_INSTANCE",
  "LOGOUT_INSTANCE",
  "STATUS_INSTANCE",
  "GROUPS_UPDATE",
]);

/** The spelling of the configuration: `group-participants.update` is GROUP_PARTICIPANTS_UPDATE. */
export function configName(event: string): string {
  return event.replaceAll(/[.-]/g, "_").toUpperCase();
}

/** The spelling of by-events addresses: `messages.upsert` is `messages-upsert`. */
export function kebabName(event: string): string {
  return event.replaceAll(/[._]/g, "-").toLowerCase();
}

export function reachesGlobalWebhook(event: string): boolean {
  return !neverGlobal.has(configName(event));
}
