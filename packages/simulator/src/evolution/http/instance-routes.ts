import type { JsonReply } from "../../serving/json-server.ts";
import { connecting, emitAll, ended, opened } from "../life/connection.ts";
import { addInstance, freshRow } from "../life/world.ts";
import { type FakeInstance, instanceRow } from "../state/fake-instance.ts";
import { type Creation, judgeCreation } from "../state/instance-create.ts";
import { writeWebhook } from "../state/webhook-set.ts";
import { writeWebsocket } from "../state/websocket-set.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "./evolution-call.ts";
import { failedQuietly, refuse } from "./refusals.ts";

function creationAnswer(
  call: EvolutionCall,
  instance: FakeInstance,
  { echo }: Creation,
): Readonly<Record<string, unknown>> {
  const isMeta = instance.integration === "WHATSAPP-BUSINESS";
  const host = `http://${call.request.headers["host"] ?? ""}`;
  return {
    instance: {
      instanceName: instance.name,
      instanceId: instance.id,
      integration: instance.integration,
      webhookWaBusiness: isMeta ? `${host}/webhook/meta` : null,
      accessTokenWaBusiness: isMeta ? "evolution" : "",
      status: instance.state,
    },
    hash: instance.token,
    webhook: echo.webhook,
    ...echo.features,
    settings: instance.settings,
  };
}

function create(call: EvolutionCall): JsonReply {
  const { world, pairing, body } = call;
  const verdict = judgeCreation(body);
  if (verdict.kind === "invalid") throw refuse(400, [verdict.complaints]);
  if (verdict.kind === "refused") throw refuse(400, [verdict.message]);
  const { creation } = verdict;
  // Without a name it is the empty one, which the guard did not look for.
  if (world.instances.has(creation.name))
    throw refuse(403, [`This name "${creation.name}" is already in use.`]);
  const instance = addInstance(world, creation);
  if (creation.webhook) {
    const result = writeWebhook(creation.webhook, undefined, freshRow(world, instance));
    if (result.kind === "stored") instance.webhook = result.row;
  }
  if (creation.websocket && world.websocketEnabled) {
    const result = writeWebsocket(creation.websocket, undefined, freshRow(world, instance));
    if (result.kind === "stored") instance.websocket = result.row;
  }
  const data = { instanceName: instance.name, instanceId: instance.id };
  void world.emit(instance, { event: "instance.create", data });
  const answer = creationAnswer(call, instance, creation);
  const pairs = creation.qrcode && instance.integration === "WHATSAPP-BAILEYS";
  return created(pairs ? { ...answer, qrcode: pairing.begin(instance, creation.number) } : answer);
}

/** A token sees the instances that carry it, since tokens are not unique (recorded). */
function list({ world, key, request: { query } }: EvolutionCall): JsonReply {
  const [name, id, number] = ["instanceName", "instanceId", "number"].map(
    (word) => query.get(word) || undefined,
  );
  const all = [...world.instances.values()];
  if (key !== world.apikey) {
    const visible = all.filter(
      (instance) =>
        instance.token === key &&
        (name ?? instance.name) === instance.name &&
        (id ?? instance.id) === instance.id,
    );
    if (visible.length === 0) throw refuse(401, "Unauthorized");
    return ok(visible.map(instanceRow));
  }
  const wanted = id ?? number ?? name;
  if (wanted === undefined) return ok(all.map(instanceRow));
  const found = all.filter((instance) => {
    if (id !== undefined) return instance.id === id;
    return number === undefined ? instance.name === name : instance.number === number;
  });
  if (found.length === 0) throw refuse(404, [`Instance "${wanted}" not found`]);
  return ok(found.slice(0, 1).map(instanceRow));
}

export function stateAnswer({ world, name }: EvolutionCall): JsonReply {
  const state = world.instances.get(name)?.state;
  return ok({ instance: { instanceName: name, state } });
}

export function connect(call: EvolutionCall): JsonReply {
  const { world, pairing, name, request } = call;
  const instance = world.instances.get(name);
  if (!instance) return failedQuietly;
  if (instance.state === "open") return stateAnswer(call);
  return ok(pairing.begin(instance, request.query.get("number") || undefined));
}

function restart({ world, pairing, flow, name }: EvolutionCall): JsonReply {
  const instance = world.instances.get(name);
  if (!instance || instance.state === "close") return failedQuietly;
  void flow.thaw(instance);
  if (instance.state === "connecting" && instance.owner === undefined) {
    pairing.end(instance);
    instance.state = "close";
    return ok(pairing.begin(instance));
  }
  void connecting(world, instance);
  if (world.online) void opened(world, instance);
  return ok({ instance: { instanceName: name, status: instance.state } });
}

/** Ends the session as the server does by itself: Baileys tells it as a logout, other channels close silently. */
export function logOut({ world, pairing }: EvolutionCall, instance: FakeInstance): void {
  pairing.end(instance);
  if (instance.integration === "WHATSAPP-BAILEYS") void ended(world, instance, 401);
  instance.state = "close";
  instance.storedState = "close";
}

export const success = (message: string): JsonReply =>
  ok({ status: "SUCCESS", error: false, response: { message } });

export function logout(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  if (instance.state === "close")
    throw refuse(400, [`The "${call.name}" instance is not connected`]);
  logOut(call, instance);
  return success("Instance logged out");
}

/**
 * Answers at once; the instance stays until its `remove.instance` is delivered or given up (recorded). A
 * process that ends before loses what waits, and with it the end of the instance.
 */
function remove(call: EvolutionCall): JsonReply {
  const { world, pairing, name } = call;
  const instance = instanceOf(call);
  if (instance.state === "close") pairing.end(instance);
  else logOut(call, instance);
  const data = { instanceName: name, instanceId: instance.id };
  void world.emit(instance, { event: "instance.delete", data });
  void emitAll(world, instance, [{ event: "remove.instance", data: null }]).then((reports) => {
    const isOver = reports.every(({ result }) => result !== "stopped");
    if (isOver && world.instances.get(name) === instance) world.instances.delete(name);
  });
  return success("Instance deleted");
}

/** Calls about instances and their connection. */
export const instanceRoutes: readonly Route[] = [
  { method: "POST", path: "/instance/create", guard: "create", run: create },
  { method: "GET", path: "/instance/fetchInstances", guard: "list", run: list },
  { method: "GET", path: "/instance/connect", guard: "instance", run: connect },
  { method: "GET", path: "/instance/connectionState", guard: "instance", run: stateAnswer },
  { method: "POST", path: "/instance/restart", guard: "instance", run: restart },
  { method: "DELETE", path: "/instance/logout", guard: "instance", run: logout },
  { method: "DELETE", path: "/instance/delete", guard: "instance", run: remove },
];
