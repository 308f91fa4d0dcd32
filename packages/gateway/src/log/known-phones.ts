import {
  lidWithoutPhone,
  withContactPhone,
  type People,
  type StoredEvent,
  type TenantScope,
} from "../store/contract/index.ts";

/** Most LIDs that the memory of people is asked for at once. */
const lidsPerQuestion = 1_000;

/**
 * Stored events as they are shown now: a contact that was known only by LID when the event was stored has
 * its phone once a provider said it. The stored rows stay as they are. Events that need nothing come back
 * as they are, and cost one look at their text.
 */
export async function withKnownPhones(
  people: People,
  scope: TenantScope,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  const lids = events.map(({ instanceId, json }) =>
    instanceId === undefined ? undefined : lidWithoutPhone(json),
  );
  const wanted = Map.groupBy(
    events.flatMap(({ instanceId = "" }, index) => {
      const lid = lids[index];
      return lid === undefined ? [] : [{ instanceId, lid }];
    }),
    ({ instanceId }) => instanceId,
  );
  if (wanted.size === 0) return events;
  const phones = new Map<string, ReadonlyMap<string, string>>();
  for (const [instanceId, asked] of wanted) {
    const unique = [...new Set(asked.map(({ lid }) => lid))];
    phones.set(instanceId, await phonesOf(people, scope, instanceId, unique));
  }
  return events.map((event, index) => {
    const phone = phones.get(event.instanceId ?? "")?.get(lids[index] ?? "");
    return phone === undefined ? event : { ...event, json: withContactPhone(event.json, phone) };
  });
}

async function phonesOf(
  people: People,
  scope: TenantScope,
  instanceId: string,
  lids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const phones = new Map<string, string>();
  for (let from = 0; from < lids.length; from += lidsPerQuestion) {
    const some = lids.slice(from, from + lidsPerQuestion);
    for (const [lid, phone] of await people.phonesOf(scope, instanceId, some))
      phones.set(lid, phone);
  }
  return phones;
}
