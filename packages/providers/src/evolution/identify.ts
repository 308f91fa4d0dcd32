import type { Identification, JsonObject } from "../contract.ts";
import { wordAt } from "../message/index.ts";
import { knownEventName } from "./event-names.ts";
import { instanceNameOf } from "./wire.ts";

/** What a body says about where it comes from. None of it is proof. */
export function identify(body: JsonObject): Identification {
  const instanceName = instanceNameOf(body);
  const spelling = wordAt(body, "event");
  const eventName = spelling === undefined ? undefined : (knownEventName(spelling) ?? spelling);
  const serverUrl = wordAt(body, "server_url");
  return {
    ...(instanceName === undefined ? {} : { instanceName }),
    ...(eventName === undefined ? {} : { eventName }),
    ...(serverUrl === undefined ? {} : { serverUrl }),
  };
}
