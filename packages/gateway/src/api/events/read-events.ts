import type {
  EventFilter,
  EventLog,
  StoredEvent,
  TenantScope,
} from "../../store/contract/index.ts";

/** Most events that the store gives at once. */
const storeLimit = 1_000;

/**
 * Events by a filter, of one of several instances each: as many walks as there are instances, merged
 * in offset order. Undefined: of all instances, and those of none.
 */
async function readOnce(
  log: EventLog,
  scope: TenantScope,
  filter: EventFilter,
  instanceIds: readonly string[] | undefined,
): Promise<readonly StoredEvent[]> {
  if (!instanceIds) return log.query(scope, filter);
  const walks = await Promise.all(
    instanceIds.map((instanceId) => log.query(scope, { ...filter, instanceId })),
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
  log: EventLog,
  scope: TenantScope,
  filter: EventFilter,
  instanceIds: readonly string[] | undefined,
): Promise<EventPage> {
  const { limit } = filter;
  const found = await readOnce(
    log,
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
    more: (await readOnce(log, scope, { ...rest, limit: 1 }, instanceIds)).length > 0,
  };
}
