import type { JsonReply } from "../../serving/json-server.ts";
import { familyConfigNames } from "../evolution-event-names.ts";
import { freshRow } from "../life/world.ts";
import { setSettings } from "../state/instance-settings.ts";
import { type SetResult, setWebhook } from "../state/webhook-set.ts";
import { complaintsAboutEvents, setWebsocket } from "../state/websocket-set.ts";
import {
  created,
  emptyJson,
  type EvolutionCall,
  instanceOf,
  ok,
  type Route,
} from "./evolution-call.ts";
import { refuse } from "./refusals.ts";

/** The row that was stored, or the refusal that the call answers with. */
export function storedRow<Row>(result: SetResult<Row>): Row {
  if (result.kind === "invalid") throw refuse(400, [result.complaints]);
  if (result.kind === "crashed") throw refuse(500, result.message);
  return result.row;
}

function setWebhookRow(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  instance.webhook = storedRow(
    setWebhook(call.body, instance.webhook, freshRow(call.world, instance)),
  );
  return created(instance.webhook);
}

function setWebsocketRow(call: EvolutionCall): JsonReply {
  if (!call.world.websocketEnabled) return switchedOff("websocket", 201)(call);
  const instance = instanceOf(call);
  instance.websocket = storedRow(
    setWebsocket(call.body, instance.websocket, freshRow(call.world, instance)),
  );
  return created(instance.websocket);
}

function setSettingsRow(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  const result = setSettings(call.body, instance.settings);
  if ("complaints" in result) throw refuse(400, [result.complaints]);
  instance.settings = result.settings;
  // The body comes back as it was, not what is stored.
  return created({ settings: { instanceName: call.name, settings: call.body } });
}

/** A feature that is off in the server's environment: the body is looked at, and nothing comes of it. */
function switchedOff(feature: string, status: number): (call: EvolutionCall) => JsonReply {
  return ({ body, world }) => {
    const names = familyConfigNames[world.family];
    const complaints = status === 201 ? complaintsAboutEvents(body, feature, names) : [];
    if (complaints.length > 0) throw refuse(400, [complaints]);
    return emptyJson(status);
  };
}

const offFeatures = ["rabbitmq", "nats", "sqs"].flatMap((feature): Route[] => [
  { method: "POST", path: `/${feature}/set`, guard: "instance", run: switchedOff(feature, 201) },
  { method: "GET", path: `/${feature}/find`, guard: "instance", run: switchedOff(feature, 200) },
]);

/** Calls about webhooks, sockets and settings. There is none that deletes a webhook. */
export const configRoutes: readonly Route[] = [
  { method: "POST", path: "/webhook/set", guard: "instance", run: setWebhookRow },
  {
    method: "GET",
    path: "/webhook/find",
    guard: "instance",
    run: ({ world, name }) => ok(world.instances.get(name)?.webhook ?? null),
  },
  { method: "POST", path: "/websocket/set", guard: "instance", run: setWebsocketRow },
  {
    method: "GET",
    path: "/websocket/find",
    guard: "instance",
    run: ({ world, name }) =>
      world.websocketEnabled ? ok(world.instances.get(name)?.websocket ?? null) : emptyJson(200),
  },
  { method: "POST", path: "/settings/set", guard: "instance", run: setSettingsRow },
  {
    method: "GET",
    path: "/settings/find",
    guard: "instance",
    run: (call) => ok(instanceOf(call).settings),
  },
  ...offFeatures,
];
