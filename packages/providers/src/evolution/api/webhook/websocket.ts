import { flagAt, listOf, member, objectAt, objectOf } from "../../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "../context.ts";
import { flavourOf } from "../server-version.ts";
import { translateEventNames } from "./webhook-events.ts";

/** What an instance's own namespace of the server's socket carries. */
export interface EvolutionWebsocket {
  readonly enabled: boolean;
  readonly events: readonly string[];
}

function readWebsocketRow(value: unknown): EvolutionWebsocket | undefined {
  const row = objectAt(value, "websocket") ?? objectOf(value);
  if (row === undefined) return undefined;
  const events = listOf(member(row, "events")).filter((event) => typeof event === "string");
  return { enabled: flagAt(row, "enabled"), events };
}

/**
 * The instance's socket settings; null when they were never set. Rejects with `feature_off` when the
 * server runs without sockets: it answers with an empty body then.
 */
export async function getWebsocket(
  context: EvolutionContext,
  instance: string,
  options?: CallOptions,
): Promise<EvolutionWebsocket | null> {
  const answer = await context.caller.json({
    method: "GET",
    path: "/websocket/find/:instance",
    parts: { instance },
    whenEmpty: "feature_off",
    ...signalOf(options),
  });
  return readWebsocketRow(answer.value) ?? null;
}

/**
 * Switches the instance's socket on or off and reads back what is stored. `events` in any spelling;
 * absent or empty: all. Names that this version does not have are left out.
 */
export async function setWebsocket(
  context: EvolutionContext,
  instance: string,
  wanted: { readonly enabled: boolean; readonly events?: readonly string[] },
  options?: CallOptions,
): Promise<EvolutionWebsocket | null> {
  const version = await context.version();
  const { events, unknown } = translateEventNames(wanted.events, version);
  const problem =
    unknown.length > 0
      ? `unknown events: ${unknown.slice(0, 20).join(", ")}`
      : events?.length === 0
        ? "this version has none of the events"
        : undefined;
  const path = "/websocket/set/:instance";
  if (problem !== undefined) {
    throw context.caller.failure({ method: "POST", path }, "invalid_request", problem);
  }
  const body = { enabled: wanted.enabled, events: events ?? [] };
  await context.caller.json({
    method: "POST",
    path,
    parts: { instance },
    body: flavourOf(version) === "v1" ? body : { websocket: body },
    repeatable: true,
    whenEmpty: "feature_off",
    ...signalOf(options),
  });
  return getWebsocket(context, instance, options);
}
