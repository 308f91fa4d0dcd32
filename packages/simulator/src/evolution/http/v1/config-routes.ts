import type { JsonReply } from "../../../serving/json-server.ts";
import { isCallable } from "../../evolution-webhook.ts";
import { freshRow } from "../../life/world.ts";
import { complaintsAbout, isObject, type Members, type Schema } from "../../state/complaints.ts";
import {
  type InstanceSettings,
  settingFields,
  settingsFrom,
} from "../../state/instance-settings.ts";
import {
  type Fresh,
  type SetResult,
  type WebhookMembers,
  type WebhookRow,
  writeWebhook,
} from "../../state/webhook-set.ts";
import { writeWebsocket } from "../../state/websocket-set.ts";
import { storedRow } from "../config-routes.ts";
import { created, type EvolutionCall, instanceOf, ok, type Route } from "../evolution-call.ts";
import { refuse } from "../refusals.ts";

const webhookSchema = (names: readonly string[]): Schema => ({
  fields: [
    { name: "url", type: "string" },
    { name: "enabled", type: "boolean" },
    { name: "webhook_by_events", type: "boolean" },
    { name: "webhook_base64", type: "boolean" },
    { name: "events", type: "array", oneOf: names },
  ],
  required: ["url"],
});

/**
 * What 1.x stores of a flat body: an address must be one, switching off clears it, and whatever the
 * body leaves out is gone.
 */
export function setFirstWebhook(
  body: Members,
  previous: WebhookRow | undefined,
  fresh: Fresh,
): SetResult<WebhookRow> {
  const complaints = complaintsAbout(body, webhookSchema(fresh.names ?? []), "");
  if (complaints.length > 0) return { kind: "invalid", complaints };
  const enabled = body["enabled"] !== false;
  const members: WebhookMembers = {
    enabled,
    url: enabled ? String(body["url"]) : "",
    byEvents: body["webhook_by_events"] === true,
    base64: body["webhook_base64"] === true,
    ...(Array.isArray(body["events"]) ? { events: body["events"] as string[] } : {}),
  };
  return writeWebhook(members, previous, fresh);
}

function setWebhookRow(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  const body = isObject(call.body) ? call.body : {};
  const fresh = freshRow(call.world, instance);
  const result = setFirstWebhook(body, instance.webhook, fresh);
  if (result.kind !== "invalid" && !isCallable(String(body["url"])))
    throw refuse(400, ['Invalid "url" property']);
  instance.webhook = storedRow(result);
  return created({ webhook: { instanceName: call.name, webhook: shown(instance.webhook) } });
}

/** A row in the names of 1.x. */
export function shown(row: WebhookRow | undefined): Members {
  const { enabled = false, url = "", events = [] } = row ?? {};
  const { webhookByEvents = false, webhookBase64 = false } = row ?? {};
  return {
    enabled,
    url,
    events,
    webhook_by_events: webhookByEvents,
    webhook_base64: webhookBase64,
  };
}

function setWebsocketRow(call: EvolutionCall): JsonReply {
  const instance = instanceOf(call);
  const body = isObject(call.body) ? call.body : {};
  const schema: Schema = {
    fields: [
      { name: "enabled", type: "boolean", oneOf: [true, false] },
      { name: "events", type: "array", oneOf: freshRow(call.world, instance).names ?? [] },
    ],
    required: ["enabled"],
  };
  const complaints = complaintsAbout(body, schema, "");
  if (complaints.length > 0) throw refuse(400, [complaints]);
  const wanted = body as { readonly enabled: boolean; readonly events?: readonly string[] };
  instance.websocket = storedRow(
    writeWebsocket(wanted, instance.websocket, freshRow(call.world, instance)),
  );
  const { enabled, events } = instance.websocket;
  return created({ websocket: { instanceName: call.name, websocket: { enabled, events } } });
}

const snake = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Settings in the names of 1.x, which knows no `wavoipToken`. */
export function snakeSettings(settings: InstanceSettings): Members {
  const known = Object.entries(settings).filter(([name]) => name !== "wavoipToken");
  return Object.fromEntries(known.map(([name, value]) => [snake(name), value]));
}

/** The settings that a body in the names of 1.x asks for. */
export function settingsFromSnake(body: Members): InstanceSettings {
  return settingsFrom(
    Object.fromEntries(settingFields.map(({ name }) => [name, body[snake(name)]])),
  );
}

function setSettingsRow(call: EvolutionCall): JsonReply {
  const body = isObject(call.body) ? call.body : {};
  const fields = settingFields
    .filter(({ name }) => name !== "wavoipToken")
    .map(({ name, type }) => ({ name: snake(name), type }));
  const required = fields.filter(({ type }) => type === "boolean").map(({ name }) => name);
  const complaints = complaintsAbout(body, { fields, required }, "");
  if (complaints.length > 0) throw refuse(400, [complaints]);
  instanceOf(call).settings = settingsFromSnake(body);
  return created({ settings: { instanceName: call.name, settings: body } });
}

/** Webhooks, sockets and settings of 1.x: flat bodies. */
export const firstConfigRoutes: readonly Route[] = [
  { method: "POST", path: "/webhook/set", guard: "instance", run: setWebhookRow },
  {
    method: "GET",
    path: "/webhook/find",
    guard: "instance",
    run: (call) => ok(shown(instanceOf(call).webhook)),
  },
  { method: "POST", path: "/websocket/set", guard: "instance", run: setWebsocketRow },
  {
    method: "GET",
    path: "/websocket/find",
    guard: "instance",
    run(call) {
      const { enabled = false, events = [] } = instanceOf(call).websocket ?? {};
      return ok({ enabled, events });
    },
  },
  { method: "POST", path: "/settings/set", guard: "instance", run: setSettingsRow },
  {
    method: "GET",
    path: "/settings/find",
    guard: "instance",
    run: (call) => ok(snakeSettings(instanceOf(call).settings)),
  },
];
