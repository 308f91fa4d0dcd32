import { maskedSecret } from "@recado/protocol";
import { permits, type Principal } from "../access/index.ts";

/** An object without the members that are undefined: `undefined` must not reach the store as a change. */
export function definedOnly<T extends object>(
  value: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** ISO-8601 of a Unix time in milliseconds, or undefined. */
export function isoOrAbsent(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/**
 * The address of a webhook, for showing. Who holds it can write events, so a credential that only reads
 * (a browser's token, most often) sees where it is and not what it is.
 */
export function shownIngestUrl(publicUrl: string, token: string, principal: Principal): string {
  return `${publicUrl}/in/${permits(principal, "write") ? token : maskedSecret}`;
}
