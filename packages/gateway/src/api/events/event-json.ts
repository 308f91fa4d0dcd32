import type { EventLog, StoredEvent, TenantScope } from "../../store/contract/index.ts";

/**
 * Characters of one page: beyond it the page ends early and names a next one, so that 1,000 large
 * bodies are not held in memory at once. The first event always fits.
 */
const pageBudget = 16_777_216;

/** Event JSON, with `raw` spliced behind `data` when there is a body. */
export async function eventJson(
  log: EventLog,
  scope: TenantScope,
  event: StoredEvent,
  withRaw: boolean,
): Promise<string> {
  if (!withRaw || event.bodyId === undefined) return event.json;
  const body = await log.body(scope, event.bodyId);
  return body ? `${event.json.slice(0, -1)},"raw":${body.text}}` : event.json;
}

/** As many events as the page's budget takes, in order. */
export async function eventsJson(
  log: EventLog,
  scope: TenantScope,
  events: readonly StoredEvent[],
  withRaw: boolean,
): Promise<readonly string[]> {
  const texts: string[] = [];
  let size = 0;
  for (const event of events) {
    const text = await eventJson(log, scope, event, withRaw);
    size += text.length;
    if (size > pageBudget && texts.length > 0) break;
    texts.push(text);
  }
  return texts;
}
