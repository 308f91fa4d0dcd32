import type { ApiCall } from "../../../api/index.ts";
import { flagAt, listOf, member, objectAt, objectOf } from "../../../message/index.ts";
import { signalOf, type CallOptions, type EvolutionContext } from "../context.ts";
import { flavourOf } from "../server-version.ts";
import { translateEventNames } from "./webhook-events.ts";

/** What an instance's own namespace of the server's socket carries. */
export interface EvolutionWebsocket {
  readonly enabled: boolean;
  readonly events: readonly string[];
}

/** Null where it was never set; undefined for what is no such answer. */
function readWebsocketRow(value: unknown): EvolutionWebsocket | null | undefined {
  if (value === null) return null;
  const row = objectAt(value, "websocket") ?? objectOf(value);
  if (row === undefined || !("enabled" in row || "events" in row)) return undefined;
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
  const call: ApiCall = {
    method: "GET",
    path: "/websocket/find/:instance",
    parts: { instance },
    whenEmpty: "feature_off",
    ...signalOf(options),
  };
  const answer = await context.caller.json(call);
  const row = readWebsocketRow(answer.value);
  if (row !== undefined) return row;
  throw context.caller.failure(
    call,
    "unexpected_answer",
    "the answer has no socket settings",
    answer,
  );
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
