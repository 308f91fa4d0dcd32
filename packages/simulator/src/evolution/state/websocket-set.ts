import { evolutionConfigNames } from "../evolution-event-names.ts";
import { complaintsAbout, isObject, type Schema } from "./complaints.ts";
import { type Fresh, noLength, type SetResult } from "./webhook-set.ts";

/** Which events go to an instance's namespace, as `/websocket/find` answers it (recorded). */
export interface WebsocketRow {
  readonly id: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly instanceId: string;
}

const schema = (names: readonly string[]): Schema => ({
  fields: [
    { name: "enabled", type: "boolean", oneOf: [true, false] },
    { name: "events", type: "array", oneOf: names },
  ],
  required: ["enabled"],
});

/** The schema that `/websocket/set`, `/rabbitmq/set` and their like share: the member itself may be absent. */
export function complaintsAboutEvents(
  body: unknown,
  name: string,
  names: readonly string[] = evolutionConfigNames,
): readonly string[] {
  if (!isObject(body) || !(name in body)) return [];
  const value = body[name];
  return isObject(value)
    ? complaintsAbout(value, schema(names), name)
    : [`${name} is not of a type(s) object`];
}

/** Writes a row over the one before. Creation does this too, without the schema. */
export function writeWebsocket(
  { enabled, events }: { readonly enabled: boolean; readonly events?: readonly string[] },
  previous: WebsocketRow | undefined,
  fresh: Fresh,
): SetResult<WebsocketRow> {
  if (enabled && events === undefined) return { kind: "crashed", message: noLength };
  const all = fresh.names ?? evolutionConfigNames;
  const wanted = events === undefined || events.length === 0 ? all : events;
  const row: WebsocketRow = {
    id: previous?.id ?? fresh.id,
    enabled,
    events: enabled ? wanted : [],
    createdAt: previous?.createdAt ?? fresh.now,
    updatedAt: fresh.now,
    instanceId: fresh.instanceId,
  };
  return { kind: "stored", row };
}

/** What `POST /websocket/set` does with a body. A body without `websocket` crashes the server. */
export function setWebsocket(
  body: unknown,
  previous: WebsocketRow | undefined,
  fresh: Fresh,
): SetResult<WebsocketRow> {
  const complaints = complaintsAboutEvents(body, "websocket", fresh.names);
  if (complaints.length > 0) return { kind: "invalid", complaints };
  const websocket = isObject(body) ? body["websocket"] : undefined;
  if (websocket === undefined)
    return { kind: "crashed", message: "Cannot set properties of undefined (setting 'events')" };
  return writeWebsocket(
    websocket as { readonly enabled: boolean; readonly events?: readonly string[] },
    previous,
    fresh,
  );
}
