import { eventRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import { withKnownPhones } from "../../log/index.ts";
import type { Caller } from "../caller.ts";
import { writeCursor, type ListPlace } from "../lists/cursors.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { ApiOptions } from "../options.ts";
import { JsonText, route } from "../route.ts";
import { eventJson, eventsJson } from "./event-json.ts";
import { eventFilter, eventStart } from "./event-filter.ts";
import { readEvents } from "./read-events.ts";

/**
 * The log of the caller's tenant. Stored JSON is never parsed and never written again: it is sent as it is,
 * with the phone of a contact spliced in that became known after the event.
 */
export function serveEvents(app: FastifyInstance, options: ApiOptions): void {
  const { log, people, directory } = options.store;

  async function shown(tenantId: string, text: string): Promise<JsonText> {
    const whole = (await options.completeFiles?.(tenantId, text)) ?? text;
    return new JsonText(options.present?.(tenantId, whole) ?? whole);
  }

  /** Ids whose events are asked for and may be seen; undefined: no limit. */
  async function instanceIds(
    caller: Caller,
    named: string | undefined,
  ): Promise<readonly string[] | undefined> {
    const own = caller.instanceIds;
    if (named === undefined) return own && [...own];
    // An instance that was deleted is gone, its events stay: then its id is all there is.
    const id = (await findInstance(directory, caller.scope, named))?.id ?? named;
    return own && !own.has(id) ? [] : [id];
  }

  route(app, eventRoutes.list, async ({ query, caller }) => {
    const { scope } = caller;
    const place: ListPlace = { list: "events", tenantId: scope.tenantId, epoch: log.epoch };
    const start = eventStart(place, query.after, options.cursorOf);
    const filter = { ...eventFilter(query), ...start, limit: query.limit };
    const ids = await instanceIds(caller, query.instance);
    const page = await readEvents(options.store, scope, filter, ids);
    const texts = await eventsJson(
      log,
      scope,
      await withKnownPhones(people, scope, page.events),
      query.include?.includes("raw") ?? false,
    );
    const last = page.events[texts.length - 1];
    const more = page.more || texts.length < page.events.length;
    const next =
      !more || !last
        ? undefined
        : start.after === undefined
          ? writeCursor(place, last.offset)
          : options.cursorOf(scope.tenantId, last.offset);
    return shown(
      scope.tenantId,
      `{"data":[${texts.join(",")}]${next === undefined ? "" : `,"nextCursor":${JSON.stringify(next)}`}}`,
    );
  });

  route(app, eventRoutes.get, async ({ params, caller }) => {
    const event = await log.byId(caller.scope, params.id);
    const hidden =
      caller.instanceIds &&
      (event?.instanceId === undefined || !caller.instanceIds.has(event.instanceId));
    if (!event || hidden) throw new RecadoError("not_found");
    const [known = event] = await withKnownPhones(people, caller.scope, [event]);
    return shown(caller.scope.tenantId, await eventJson(log, caller.scope, known, true));
  });
}
