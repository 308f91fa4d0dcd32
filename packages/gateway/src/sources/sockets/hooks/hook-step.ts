import type { InstanceSource } from "@recado/protocol";

/**
 * What to do about an instance's webhook when it gets its events by socket. Pure.
 *
 * I1 No moment without a way: the webhook is taken out when the socket carries the instance's events, and
 *    put back before the socket is left (`hook-step.test.ts`).
 * I2 What was begun is finished: a removal that was cut short counts as done when it has to be undone, and
 *    as not done when it has to be done (`hook-step.test.ts`).
 */
export type HookRecord = "removing" | "removed";

export function hookStep(
  source: InstanceSource,
  record: HookRecord | undefined,
  isCovered: boolean,
): "remove" | "install" | undefined {
  if (source === "socket") return record !== "removed" && isCovered ? "remove" : undefined;
  return record === undefined ? undefined : "install";
}

/** The record's value; an unreadable one is taken for a removal that was begun. */
export function readHookRecord(value: Readonly<Record<string, unknown>>): HookRecord {
  return value["hook"] === "removed" ? "removed" : "removing";
}
