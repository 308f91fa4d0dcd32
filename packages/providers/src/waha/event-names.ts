import { WahaWebhookEvent } from "@recado/protocol";

/** Names that only a newer WAHA than the configuration list knows. */
const newer = ["group.v2.participants.join-request"];

const eventNames: ReadonlySet<string> = new Set([...Object.values(WahaWebhookEvent), ...newer]);

/** The separator and the letter case say nothing: `MESSAGE_ANY` and `message-any` are `message.any`. */
function folded(name: string): string {
  return name.trim().toLowerCase().replaceAll(/[._-]/g, ".");
}

const byFolded: ReadonlyMap<string, string> = new Map([
  ...[...eventNames].map((name) => [folded(name), name] as const),
  // What old documentation calls it.
  ["state.changed", "state.change"] as const,
]);

/** WAHA's spelling of a name in any spelling; undefined for an unknown one. */
export function knownEventName(name: string): string | undefined {
  return byFolded.get(folded(name));
}

/** True for an event name of WAHA's own, in any spelling. */
export function isWahaEvent(name: string): boolean {
  return knownEventName(name) !== undefined;
}
