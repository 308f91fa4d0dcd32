import { matchesType, type EventType } from "@recado/protocol";
import type { Endpoint, StoredEvent } from "../store/contract/index.ts";

/** Which events go to an endpoint, and which of them must not overtake each other. Pure. */

/** Sent only to endpoints that name them: bulk history and typing notices flood a bot. */
const onlyWhenNamed: ReadonlySet<string> = new Set<EventType>([
  "history.synced",
  "presence.updated",
]);

/** News about a destination; never sent to the destination it is about. */
const aboutDestinations: ReadonlySet<string> = new Set<EventType>([
  "endpoint.failing",
  "endpoint.recovered",
  "endpoint.disabled",
  "delivery.exhausted",
]);

/** True for news about a destination. That such news could not be delivered is no news itself: it would never end. */
export function isAboutDestination(type: string): boolean {
  return aboutDestinations.has(type);
}

function isAbout(event: StoredEvent, endpointId: string): boolean {
  if (!isAboutDestination(event.type)) return false;
  const { data } = JSON.parse(event.json) as { readonly data?: { readonly endpointId?: unknown } };
  return data?.endpointId === endpointId;
}

/**
 * True when the endpoint gets this event. Without `types` it gets all but {@link onlyWhenNamed}; with
 * `instances` nothing that belongs to no instance. In the provider's format only events that have a
 * provider's body exist.
 */
export function wantsEvent(endpoint: Endpoint, event: StoredEvent): boolean {
  if (
    endpoint.types
      ? !endpoint.types.some((pattern) => matchesType(pattern, event.type))
      : onlyWhenNamed.has(event.type)
  )
    return false;
  if (
    endpoint.instances &&
    (event.instanceId === undefined || !endpoint.instances.includes(event.instanceId))
  ) {
    return false;
  }
  if (endpoint.format === "provider" && event.bodyId === undefined) return false;
  return !isAbout(event, endpoint.id);
}

/**
 * Deliveries with the same key go out one after the other. By chat: what belongs to no chat keeps the
 * order of its instance, and what belongs to no instance that of the tenant.
 */
export function orderingKeyOf(endpoint: Endpoint, event: StoredEvent): string | undefined {
  if (endpoint.ordering === "none") return undefined;
  const instance = event.instanceId ?? "";
  if (endpoint.ordering === "chat" && event.chatId !== undefined)
    return chatKey(instance, event.chatId);
  return `instance ${instance}`;
}

/** The ordering key of a chat. An instance's id has no space in it. */
export function chatKey(instanceId: string, chatId: string): string {
  return `chat ${instanceId} ${chatId}`;
}

const lidChat = /^chat (\S+) ([^ ]+@(?:hosted\.)?lid)$/;

/**
 * Whose chat an ordering key means, when it is a person's by LID: the same chat has another key once the
 * provider uses the phone. Undefined for every other key.
 */
export function lidOfKey(
  orderingKey: string,
): { readonly instanceId: string; readonly lid: string } | undefined {
  const [, instanceId, lid] = lidChat.exec(orderingKey) ?? [];
  return instanceId === undefined || lid === undefined ? undefined : { instanceId, lid };
}
