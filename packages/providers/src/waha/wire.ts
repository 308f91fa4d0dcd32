import type { JsonObject, NormaliseContext } from "../contract.ts";
import { factHash, once } from "../fact-hash.ts";
import { timeMs } from "../message/index.ts";
import { knownEventName } from "./event-names.ts";

/**
 * Tolerant reading of WAHA's envelope `{id, timestamp, event, session, metadata, me, payload, engine,
 * environment}`.
 *
 * Every member may be missing, null or of another type: bodies of 2023 have only `event`, `session`,
 * `engine` and `payload`. Nothing here throws, and nothing here decides what an event means.
 */

/** The session's own account as the body tells it; read when the webhook is sent, not when it happened. */
export interface Account {
  /** Every address given for it, in the order id, jid, lid. */
  readonly addresses: readonly string[];
  readonly name?: string;
}

/** One webhook, read as far as the envelope goes. */
export interface WahaEvent {
  /** In WAHA's spelling, `message.any`; an unknown one as sent; the empty text when the body has none. */
  readonly name: string;
  readonly session?: string;
  /** `evt_…`; absent before 2025. Not unique across event names. */
  readonly envelopeId?: string;
  /** When WAHA built the event, Unix milliseconds. */
  readonly builtAt?: number;
  readonly account: Account;
  /** The payload when it is an object, else an empty one; see `rawPayload`. */
  readonly payload: JsonObject;
  readonly rawPayload: unknown;
  /** Hash of what the body says, the same for the webhook and the socket's frame of one event. */
  readonly saidHash: () => string;
}

const nothing: JsonObject = {};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `value` when it is an object, else an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : nothing;
}

/** The member `name` of `value` when both are objects, else an empty object. */
export function objectAt(value: unknown, name: string): JsonObject {
  return isObject(value) ? objectOf(value[name]) : nothing;
}

/** Text that says something: the empty text and other types are undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Text, or a finite number written as text. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === "number" && Number.isFinite(value) ? String(value) : textOf(value);
}

/** A boolean, or the word of one. */
export function booleanOf(value: unknown): boolean | undefined {
  if (value === "true") return true;
  if (value === "false") return false;
  return typeof value === "boolean" ? value : undefined;
}

/** The first of `values` that is text. */
export function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const text = textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
}

function accountOf(me: unknown): Account {
  const account = objectOf(me);
  const addresses = [account["id"], account["jid"], account["lid"]].filter(
    (address) => typeof address === "string" && address !== "",
  ) as string[];
  const name = textOf(account["pushName"]);
  return name === undefined ? { addresses } : { addresses, name };
}

/** Session names are text; a number in JSON is the same name written without quotes. */
export function sessionOf(body: JsonObject): string | undefined {
  return wordOf(body["session"])?.normalize("NFC");
}

/** Other programs put a message's id there, which many of their events share. */
function envelopeIdOf(id: unknown): string | undefined {
  const text = textOf(id);
  return text?.startsWith("evt_") === true ? text : undefined;
}

/** Members about the server and the account: `me` is read when the event is sent, not when it happens. */
const aboutTheServer: ReadonlySet<string> = new Set(["me", "metadata", "engine", "environment"]);

/** In a body of another program those members may be what it says: there only its bytes tell. */
function saidHashOf(body: JsonObject, { bodyHash }: NormaliseContext): string {
  if (!Object.hasOwn(body, "payload")) return bodyHash;
  return factHash(body, aboutTheServer) ?? bodyHash;
}

/** Reads the envelope of any object. */
export function readEvent(body: JsonObject, context: NormaliseContext): WahaEvent {
  const session = sessionOf(body);
  const envelopeId = envelopeIdOf(body["id"]);
  const builtAt = timeMs(body["timestamp"]);
  const said = textOf(body["event"]) ?? "";
  return {
    name: knownEventName(said) ?? said,
    ...(session === undefined ? {} : { session }),
    ...(envelopeId === undefined ? {} : { envelopeId }),
    ...(builtAt === undefined ? {} : { builtAt }),
    account: accountOf(body["me"]),
    payload: objectOf(body["payload"]),
    rawPayload: body["payload"],
    saidHash: once(() => saidHashOf(body, context)),
  };
}
