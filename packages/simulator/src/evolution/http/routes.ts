import type { JsonReply, JsonRequest } from "../../serving/json-server.ts";
import type { EvolutionFamily } from "../evolution-retry.ts";
import { isObject } from "../state/complaints.ts";
import { chatRoutes } from "./chat-routes.ts";
import { configRoutes } from "./config-routes.ts";
import type { Desk, EvolutionCall, Route } from "./evolution-call.ts";
import { instanceRoutes } from "./instance-routes.ts";
import { messageRoutes } from "./message-routes.ts";
import { refuse, refuseMalformed } from "./refusals.ts";
import { serverRoutes } from "./server-routes.ts";
import { firstRoutes } from "./v1/first-routes.ts";

/**
 * The management API: which call it is, and whether it may be made. The recordings are of 2.3; the routes
 * of 1.x come from the source of 1.8.
 *
 * I1 The instance is looked up before the key is checked, so an unknown name answers 404 without a key.
 * I2 An instance's token opens its own paths only ("a token opens its own instance").
 * I3 Routes that are not served answer in Evolution's own error form.
 *
 * The recordings prove the first and the third ("every recorded call is answered as recorded").
 */

type Table = ReadonlyMap<string, Route>;

const tableOf = (routes: readonly Route[]): Table =>
  new Map(routes.map((route) => [`${route.method} ${route.path}`, route]));

const second = tableOf([
  ...serverRoutes,
  ...instanceRoutes,
  ...configRoutes,
  ...messageRoutes,
  ...chatRoutes,
]);
const tables: Readonly<Record<EvolutionFamily, Table>> = {
  "2.3": second,
  "2.2": second,
  "1": tableOf(firstRoutes),
};

interface Match {
  readonly route: Route;
  /** The instance's name in the path. */
  readonly name: string | undefined;
}

function match(family: EvolutionFamily, { method, path }: JsonRequest): Match | undefined {
  const byPath = tables[family];
  const whole = byPath.get(`${method} /${path.join("/")}`);
  if (whole && whole.guard !== "instance") return { route: whole, name: undefined };
  const name = path.at(-1);
  const named = byPath.get(`${method} /${path.slice(0, -1).join("/")}`);
  // Express does not match an empty parameter.
  return named?.guard === "instance" && name !== undefined && name !== ""
    ? { route: named, name }
    : undefined;
}

/** A route's name in the call log; every path that is not served has one name, so that the log stays small. */
export function routeName(family: EvolutionFamily, request: JsonRequest): string {
  const found = match(family, request);
  if (!found) return `${request.method} (no such route)`;
  const { method, path, guard } = found.route;
  return guard === "instance" ? `${method} ${path}/:instanceName` : `${method} ${path}`;
}

/** Without a JSON content type the body is never read. */
function bodyOf({ body, headers }: JsonRequest): unknown {
  const isJson = /\bjson\b/i.test(headers["content-type"] ?? "");
  if (!isJson || body.kind === "none") return {};
  if (body.kind === "malformed") throw refuseMalformed(body.reason);
  return body.value;
}

function pass(
  { world }: Desk,
  { route, name }: Match,
  key: string | undefined,
  body: unknown,
): void {
  if (route.guard === "open") return;
  const instance = name === undefined ? undefined : world.instances.get(name);
  if (route.guard === "instance" && !instance)
    throw refuse(404, [`The "${name}" instance does not exist`]);
  const wanted = isObject(body) ? body["instanceName"] : undefined;
  if (route.guard === "create" && typeof wanted === "string" && world.instances.has(wanted))
    throw refuse(403, [`This name "${wanted}" is already in use.`]);
  if (key === world.apikey) return;
  if (key !== undefined && key !== "") {
    if (instance?.token === key) return;
    if (route.guard === "list" && [...world.instances.values()].some(({ token }) => token === key))
      return;
  }
  throw refuse(401, "Unauthorized");
}

/** Answers a call. */
export function answerCall(desk: Desk, request: JsonRequest): JsonReply | Promise<JsonReply> {
  const body = bodyOf(request);
  const found = match(desk.world.family, request);
  if (!found) throw refuse(404, [`Cannot ${request.method} ${request.url}`]);
  const key = request.headers["apikey"];
  pass(desk, found, key, body);
  const name = request.query.get("instanceName") ?? found.name ?? "";
  const call: EvolutionCall = { ...desk, request, body, key, name };
  return found.route.run(call);
}
