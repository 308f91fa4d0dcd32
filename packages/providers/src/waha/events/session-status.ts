import type { ConnectionReason, ConnectionState } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";
import { contactFrom } from "../../jid.ts";
import { isObject, objectOf, textOf, wordOf, type WahaEvent } from "../wire.ts";
import { envelopeIdentity, occurred, providerEvent, stateWindowMs } from "../draft.ts";

/** A word that no version used yet says at least that the session is not working: `connecting`. */
const states: Readonly<Record<string, ConnectionState>> = {
  WORKING: "open",
  STARTING: "connecting",
  SCAN_QR_CODE: "connecting",
  STOPPED: "close",
  FAILED: "close",
};

const longestDetail = 2_000;

function statusesOf(event: WahaEvent): readonly { status: string; timestamp: unknown }[] {
  const list = event.payload["statuses"];
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((entry) => ({
    status: wordOf(entry["status"]) ?? "",
    timestamp: entry["timestamp"],
  }));
}

function reasonOf(status: string, afterQr: boolean): ConnectionReason | undefined {
  if (status === "STOPPED") return "stopped";
  if (status === "FAILED") return afterQr ? "qr_limit" : "failed";
  return undefined;
}

/** What the provider adds to a status since 2026.7 (passkey challenge, reach-out lock), as its own JSON. */
function detailOf(event: WahaEvent): string | undefined {
  const data = event.payload["data"];
  const text = textOf(data);
  if (text !== undefined) return text.slice(0, longestDetail);
  if (Object.keys(objectOf(data)).length === 0) return undefined;
  return JSON.stringify(data).slice(0, longestDetail);
}

function qrDraft(
  event: WahaEvent,
  status: string,
  afterQr: boolean,
  time: { readonly occurredAt?: number },
): EventDraft | undefined {
  const identity = envelopeIdentity(event, 2, stateWindowMs);
  if (status === "SCAN_QR_CODE")
    return { type: "instance.qr_updated", identity, ...time, data: {} };
  if (status === "FAILED" && afterQr) {
    return { type: "instance.qr_expired", identity, ...time, data: { reason: "qr_limit" } };
  }
  return undefined;
}

/**
 * `session.status`: how the number is connected, in both documented forms, and what it means for the QR
 * code. The code itself is never in the body; it is fetched from WAHA's API.
 */
export function sessionStatusDrafts(event: WahaEvent): readonly EventDraft[] {
  const status = wordOf(event.payload["status"]);
  if (status === undefined)
    return [providerEvent(event, "missing_status", "session.status without a status")];
  const statuses = statusesOf(event);
  const last = statuses.at(-1);
  const history = last?.status === status ? statuses.slice(0, -1) : statuses;
  const afterQr = history.at(-1)?.status === "SCAN_QR_CODE";
  const time = occurred(event, last?.status === status ? last.timestamp : undefined);
  const state = (Object.hasOwn(states, status) ? states[status] : undefined) ?? "connecting";
  const reason = reasonOf(status, afterQr);
  const account =
    state === "open" ? contactFrom(event.account.addresses, event.account.name) : undefined;
  const detail = detailOf(event);
  const qr = qrDraft(event, status, afterQr, time);
  return [
    {
      type: "instance.connection_changed",
      identity: envelopeIdentity(event, 0, stateWindowMs),
      ...time,
      data: {
        state,
        providerState: status,
        ...(reason === undefined ? {} : { reason }),
        ...(account === undefined ? {} : { account }),
        ...(detail === undefined ? {} : { detail }),
      },
    },
    {
      type: "instance.status_changed",
      identity: envelopeIdentity(event, 1, stateWindowMs),
      ...time,
      data: { status: state, providerStatus: status, ...(reason === undefined ? {} : { reason }) },
    },
    ...(qr === undefined ? [] : [qr]),
  ];
}
