import type { JsonReply } from "../../../serving/json-server.ts";
import { isCallable } from "../../evolution-webhook.ts";
import { connecting, opened } from "../../life/connection.ts";
import { addInstance, freshRow } from "../../life/world.ts";
import { complaintsAbout, isObject, type Members } from "../../state/complaints.ts";
import type { FakeEvolutionInstance, FakeInstance } from "../../state/fake-instance.ts";
import { writeWebsocket } from "../../state/websocket-set.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "../evolution-call.ts";
import { connect, logOut, logout, stateAnswer, success } from "../instance-routes.ts";
import { refuse } from "../refusals.ts";
import { settingsFromSnake, setFirstWebhook, shown, snakeSettings } from "./config-routes.ts";

const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Settings of 1.x; groups are ignored whatever the body says, by a mistake of its source. */
function given(body: Members, name: string): FakeEvolutionInstance {
  const token = text(body["token"]);
  const number = text(body["number"]);
  const isMeta = body["integration"] === "WHATSAPP-BUSINESS";
  return {
    name,
    integration: isMeta ? "WHATSAPP-BUSINESS" : "WHATSAPP-BAILEYS",
    settings: { ...settingsFromSnake(body), groupsIgnore: true },
    ...(token === undefined ? {} : { token }),
    ...(number === undefined ? {} : { number }),
  };
}

function configure({ world }: EvolutionCall, instance: FakeInstance, body: Members): void {
  const { webhook, webhook_by_events, webhook_base64, events } = body;
  if (typeof webhook === "string" && Array.isArray(events)) {
    const members = { url: webhook, webhook_by_events, webhook_base64, events };
    const wanted = Object.entries(members).filter(([, value]) => value !== undefined);
    const result = setFirstWebhook(
      Object.fromEntries(wanted),
      undefined,
      freshRow(world, instance),
    );
    if (result.kind === "stored") instance.webhook = result.row;
  }
  const { websocket_enabled: enabled, websocket_events: list } = body;
  if (enabled === true && Array.isArray(list)) {
    const row = { enabled, events: list as string[] };
    const result = writeWebsocket(row, undefined, freshRow(world, instance));
    if (result.kind === "stored") instance.websocket = result.row;
  }
}

function create(call: EvolutionCall): JsonReply {
  const { world, pairing } = call;
  const body = isObject(call.body) ? call.body : {};
  const fields = [
    { name: "instanceName", type: "string" },
    { name: "webhook", type: "string" },
    { name: "qrcode", type: "boolean" },
    { name: "token", type: "string" },
  ] as const;
  const complaints = complaintsAbout(body, { fields, required: ["instanceName"] }, "");
  if (complaints.length > 0) throw refuse(400, [complaints]);
  const tokens = [...world.instances.values()].map(({ token }) => token);
  if (tokens.includes(String(body["token"]))) throw refuse(400, ["Token already exists"]);
  const { webhook } = body;
  if (typeof webhook === "string" && webhook !== "" && !isCallable(webhook))
    throw refuse(400, ['Invalid "url" property in webhook']);
  const instance = addInstance(world, given(body, String(body["instanceName"])));
  const data = { instanceName: instance.name, instanceId: instance.id };
  void world.emit(instance, { event: "instance.create", data });
  configure(call, instance, body);
  const { events, url, ...flags } = shown(instance.webhook);
  const answer = {
    instance: { ...data, integration: body["integration"], status: "created" },
    hash: { apikey: instance.token },
    webhook: { webhook, ...flags, enabled: undefined, events: url === "" ? undefined : events },
    websocket: { enabled: body["websocket_enabled"], events: instance.websocket?.events },
    rabbitmq: {},
    sqs: {},
    typebot: { enabled: false },
    settings: snakeSettings(instance.settings),
  };
  const pairs = body["qrcode"] === true && instance.integration === "WHATSAPP-BAILEYS";
  return created(pairs ? { ...answer, qrcode: pairing.begin(instance, instance.number) } : answer);
}

/** A row of the list: who it is only while it is connected. */
function row({ request }: EvolutionCall, instance: FakeInstance): Members {
  const { name: instanceName, id: instanceId, state: status, token: apikey } = instance;
  const serverUrl = `http://${request.headers["host"] ?? ""}`;
  const who = {
    owner: instance.owner,
    profileName: instance.profileName ?? "not loaded",
    profilePictureUrl: null,
    profileStatus: "",
  };
  const integration = { integration: instance.integration };
  const about = { status, serverUrl, apikey, integration };
  return { instance: { instanceName, instanceId, ...(status === "open" ? who : {}), ...about } };
}

/** One that is asked for by name or id comes alone, not in a list; a token's own in a list. */
function list(call: EvolutionCall): JsonReply {
  const { world, key, request } = call;
  const all = [...world.instances.values()];
  if (key !== world.apikey) {
    const own = all.find(({ token }) => token === key);
    if (!own) throw refuse(401, "Unauthorized");
    return ok([row(call, own)]);
  }
  const name = request.query.get("instanceName") || undefined;
  const id = request.query.get("instanceId") || undefined;
  if (name === undefined && id === undefined) return ok(all.map((instance) => row(call, instance)));
  const found = all.find((instance) =>
    name === undefined ? instance.id === id : instance.name === name,
  );
  if (!found) throw refuse(404, [`Instance "${name ?? id}" not found`]);
  return ok(row(call, found));
}

function restart(call: EvolutionCall): JsonReply {
  const { world, flow } = call;
  const instance = instanceOf(call);
  void flow.thaw(instance);
  if (instance.state !== "open") return stateAnswer(call);
  void connecting(world, instance);
  if (world.online) void opened(world, instance);
  return stateAnswer(call);
}

/** An open one is not deleted; any other is gone at once. */
function remove(call: EvolutionCall): JsonReply {
  const { world, name } = call;
  const instance = instanceOf(call);
  if (instance.state === "open")
    throw refuse(400, [`The "${name}" instance needs to be disconnected`]);
  if (instance.state === "connecting") logOut(call, instance);
  const data = { instanceName: name, instanceId: instance.id };
  void world.emit(instance, { event: "instance.delete", data });
  world.instances.delete(name);
  return success("Instance deleted");
}

/** Instances of 1.x. */
export const firstInstanceRoutes: readonly Route[] = [
  { method: "POST", path: "/instance/create", guard: "create", run: create },
  { method: "GET", path: "/instance/fetchInstances", guard: "list", run: list },
  { method: "GET", path: "/instance/connect", guard: "instance", run: connect },
  { method: "GET", path: "/instance/connectionState", guard: "instance", run: stateAnswer },
  { method: "PUT", path: "/instance/restart", guard: "instance", run: restart },
  { method: "DELETE", path: "/instance/logout", guard: "instance", run: logout },
  { method: "DELETE", path: "/instance/delete", guard: "instance", run: remove },
];
