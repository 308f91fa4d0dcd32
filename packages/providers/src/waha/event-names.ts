import { WahaWebhookEvent } from "@recado/protocol";

/** Names that only a newer WAHA than the configuration list knows. */
const newer = ["group.v2.participants.join-request"];

const eventNames: ReadonlySet<string> = new Set([...Object.values(WahaWebhookEvent), ...newer]);

/** True for an event name of WAHA's own. */
export function isWahaEvent(name: string): boolean {
  return eventNames.has(name);
}
