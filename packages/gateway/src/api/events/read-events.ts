import type { EventFilter, Store, StoredEvent, TenantScope } from "../../store/contract/index.ts";

/** Most events that the store gives at once. */
const storeLimit = 1_000;

export type EventStore = Pick<Store, "log" | "people">;

/** Who asks for a phone means the person: also events in which only their LID was known. */
async function query(
  { log, people }: EventStore,
  scope: TenantScope,
  filter: EventFilter,
): Promise<readonly StoredEvent[]> {
  if (filter.phone === undefined) return log.query(scope, filter);
  const lids = await people.lidsOf(scope, `${filter.phone}@s.whatsapp.net`, filter.instanceId);
  return log.query(scope, lids.length === 0 ? filter : { ...filter, lids });
}

/**
 * Events by a filter, of one of several instances each: as many walks as there are instances, merged
 * in offset order. Undefined: of all instances, and those of none.
 */
async function readOnce(
  store: EventStore,
  scope: TenantScope,
  filter: EventFilter,
  instanceIds: readonly string[] | undefined,
): Promise<readonly StoredEvent[]> {
  if (!instanceIds) return query(store, scope, filter);
  const walks = await Promise.all(
    instanceIds.map((instanceId) => query(store, scope, { ...filter, instanceId })),
  );
  const order = filter.after === undefined ? -1 : 1;
  return walks
    .flat()
    .toSorted((a, b) => order * (a.offset - b.offset))
    .slice(0, filter.limit);
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** True when there are more behind these. */
  readonly more: boolean;
}

/** One page of events, and whether there is another. */
export async function readEvents(
  store: EventStore,
  scope: TenantScope,
  filter: EventFilter,
  instanceIds: readonly string[] | undefined,
): Promise<EventPage> {
  const { limit } = filter;
  const found = await readOnce(
    store,
    scope,
    { ...filter, limit: Math.min(limit + 1, storeLimit) },
    instanceIds,
  );
  if (found.length > limit) return { events: found.slice(0, limit), more: true };
  const last = found.at(-1);
  if (found.length < storeLimit || !last) return { events: found, more: false };
  const rest =
    filter.after === undefined
      ? { ...filter, before: last.offset }
      : { ...filter, after: last.offset };
  return {
    events: found,
    more: (await readOnce(store, scope, { ...rest, limit: 1 }, instanceIds)).length > 0,
  };
}
