import { identityForms, type NewEvent } from "../../contract/index.ts";
import { identityDigest } from "./identity-digest.ts";
import type { PairBook } from "./pair-book.ts";
import type { TenantEntry } from "./tenant-entry.ts";

/** Every address of a person that pairs may say something about. */
export function addressesOf(entries: readonly TenantEntry[]): readonly string[] {
  const addresses = new Set<string>();
  for (const event of entries.flatMap(({ entry }) => entry.events)) {
    if (event.instanceId === undefined) continue;
    identityForms(event.identity.key, (address) => {
      addresses.add(address);
      return [];
    });
    if (event.contactLid !== undefined) addresses.add(event.contactLid);
    for (const { lid, phone } of event.pairs ?? []) addresses.add(lid).add(phone);
  }
  return [...addresses];
}

/** Digest of an event's identity as it is written. */
export function digestOf(tenantId: string, event: NewEvent): string {
  return identityDigest(tenantId, event.instanceId, event.identity.key);
}

/** Digests of the event's identity under the other addresses of the same people. */
export function otherDigestsOf(
  tenantId: string,
  event: NewEvent,
  pairs: PairBook,
): readonly string[] {
  const { instanceId } = event;
  if (instanceId === undefined) return [];
  return identityForms(event.identity.key, (address) =>
    pairs.formsOf(tenantId, instanceId, address),
  ).map((key) => identityDigest(tenantId, instanceId, key));
}

/** What the entry teaches, all of it before its first event is judged. */
export function learnFrom({ tenantId, entry }: TenantEntry, pairs: PairBook): void {
  for (const event of entry.events) {
    if (event.instanceId === undefined) continue;
    for (const pair of event.pairs ?? [])
      pairs.learn(tenantId, event.instanceId, pair, event.receivedAt);
  }
}
