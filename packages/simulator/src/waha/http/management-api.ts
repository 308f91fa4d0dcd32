import type { JsonReply, JsonRequest } from "../../serving/json-server.ts";
import { isSince } from "../edition.ts";
import { type Caller, mayDo } from "../session/waha-keys.ts";
import { messageRoutes } from "./message-routes.ts";
import { pairingRoutes } from "./pairing-routes.ts";
import { peopleRoutes } from "./people-routes.ts";
import { forbidden, refusal, unauthorized, unknownRoute } from "./refusals.ts";
import { matchRoute, sortRoutes } from "./route.ts";
import { sendingRoutes } from "./sending-routes.ts";
import { serverRoutes } from "./server-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import type { WahaWorld } from "./waha-world.ts";

/**
 * Everything that the fake WAHA answers over HTTP.
 *
 * I1 Everything but `/ping` needs the key ("every recorded call is answered as recorded").
 * I2 A key of one session may do on it what its actions say, and nothing elsewhere ("a key of a session
 *    opens that session alone").
 * I3 Routes that are not served answer in WAHA's own error form.
 */
export interface ManagementApi {
  handle(request: JsonRequest): JsonReply | Promise<JsonReply>;
  /** The route's name for the call log. */
  routeOf(request: JsonRequest): string;
}

const isPing = ({ method, path }: JsonRequest): boolean =>
  method === "GET" && path.length === 1 && path[0] === "ping";

export function createManagementApi(world: WahaWorld, apiKey: () => string): ManagementApi {
  const { version } = world.edition;
  const routes = sortRoutes(
    [
      ...serverRoutes(world),
      ...sessionRoutes(world),
      ...pairingRoutes(world),
      ...messageRoutes(world),
      ...peopleRoutes(world),
      ...sendingRoutes(world),
    ],
    version,
  );

  function callerOf({ headers, query }: JsonRequest): Caller | undefined {
    const inQuery = isSince(version, "2026.4.1") ? query.get("x-api-key") : null;
    const given = headers["x-api-key"] ?? inQuery;
    if (given === null) return undefined;
    if (given === apiKey()) return { kind: "admin" };
    const key = world.keys.find(given);
    return key && { kind: "scoped", key };
  }

  return {
    routeOf(request) {
      const matched = isPing(request) ? undefined : matchRoute(routes, request);
      if (matched) return `${request.method} ${matched.route.template}`;
      return isPing(request) ? "GET /ping" : `${request.method} (unknown)`;
    },
    handle(request) {
      if (isPing(request)) return { status: 200, body: { message: "pong" } };
      const caller = callerOf(request);
      if (!caller) throw unauthorized();
      if (request.body.kind === "malformed") throw refusal(400, request.body.reason);
      const matched = matchRoute(routes, request);
      if (!matched) throw unknownRoute(request.method, request.url);
      const { route, call } = matched;
      if (!mayDo(caller, route.needs, call.session)) throw forbidden();
      return route.handle(call);
    },
  };
}
