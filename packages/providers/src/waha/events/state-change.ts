import type { ConnectionReason, ConnectionState } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";
import { codeIdentity } from "../../identity.ts";
import { integerOf } from "../../message/index.ts";
import { firstText, objectAt, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent, stateWindowMs } from "../draft.ts";

/** NOWEB repeats Baileys' words, the browser engines say WhatsApp Web's. */
const states: Readonly<Record<string, ConnectionState>> = {
  open: "open",
  connecting: "connecting",
  close: "close",
  CONNECTED: "open",
  OPENING: "connecting",
  PAIRING: "connecting",
  UNPAIRED: "close",
  UNPAIRED_IDLE: "close",
  CONFLICT: "close",
  TIMEOUT: "close",
  UNLAUNCHED: "close",
  PROXYBLOCK: "close",
  TOS_BLOCK: "close",
  SMB_TOS_BLOCK: "close",
  DEPRECATED_VERSION: "close",
};

const wordReasons: Readonly<Record<string, ConnectionReason>> = {
  UNPAIRED: "logged_out",
  UNPAIRED_IDLE: "logged_out",
  CONFLICT: "replaced",
  TIMEOUT: "timed_out",
  TOS_BLOCK: "banned",
  SMB_TOS_BLOCK: "banned",
};

/** Baileys' disconnect reasons by number (7.0.0). */
const codeReasons: Readonly<Record<number, ConnectionReason>> = {
  401: "logged_out",
  402: "banned",
  403: "banned",
  406: "logged_out",
  408: "timed_out",
  411: "multi_device_mismatch",
  428: "connection_lost",
  440: "replaced",
  500: "bad_session",
  503: "service_unavailable",
  515: "restart_required",
};

function disconnectCode(event: WahaEvent): number | undefined {
  const error = objectAt(event.payload["lastDisconnect"], "error");
  return integerOf(objectAt(error, "output")["statusCode"]) ?? integerOf(error["statusCode"]);
}

/**
 * `state.change`: the engine's raw word. NOWEB sends Baileys' connection.update, which carries the QR
 * string itself; other engines send a word. What says neither is kept whole.
 */
export function stateChangeDrafts(event: WahaEvent): readonly EventDraft[] {
  const time = occurred(event);
  const qr = firstText(event.payload["qr"]);
  if (qr !== undefined)
    return [{ type: "instance.qr_updated", identity: codeIdentity(qr), ...time, data: { qr } }];
  const identity = envelopeIdentity(event, 0, stateWindowMs);
  const word = firstText(event.rawPayload, event.payload["connection"], event.payload["state"]);
  const state = word !== undefined && Object.hasOwn(states, word) ? states[word] : undefined;
  if (word === undefined || state === undefined) {
    return [providerEvent(event, "unknown_state", "state.change without a known state or QR code")];
  }
  const code = state === "close" ? disconnectCode(event) : undefined;
  const reason =
    (code === undefined ? undefined : codeReasons[code]) ??
    (Object.hasOwn(wordReasons, word) ? wordReasons[word] : undefined);
  return [
    {
      type: "instance.connection_changed",
      identity,
      ...time,
      data: {
        state,
        providerState: word,
        ...(reason === undefined ? {} : { reason }),
        ...(code === undefined ? {} : { reasonCode: code }),
      },
    },
  ];
}
