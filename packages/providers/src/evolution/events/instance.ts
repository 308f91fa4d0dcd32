import type { ConnectionReason, ConnectionState } from "@recado/protocol";
import type { EventDraft } from "../../contract.ts";
import { codeIdentity, lasting } from "../../identity.ts";
import { contactFrom } from "../../jid.ts";
import {
  idAt,
  integerOf,
  member,
  objectAt,
  objectOf,
  timeMs,
  wordAt,
} from "../../message/index.ts";
import { at, boundToBody, unread } from "../draft.ts";
import { rowsOf, type Webhook } from "../wire.ts";

/** The number itself: connection, QR code, life and death of the instance. */

/** Evolution's words; an instance that was only just made is not connected. */
const states: ReadonlyMap<string, ConnectionState> = new Map([
  ["open", "open"],
  ["connected", "open"],
  ["connecting", "connecting"],
  ["close", "close"],
  ["closed", "close"],
  ["refused", "close"],
  ["disconnected", "close"],
  ["removed", "close"],
  ["created", "close"],
]);

/** WhatsApp's numbers for why a connection ended, as the library passes them on. */
const reasonsByCode: ReadonlyMap<number, ConnectionReason> = new Map([
  [401, "logged_out"],
  [402, "banned"],
  [403, "banned"],
  [406, "logged_out"],
  [408, "timed_out"],
  [411, "multi_device_mismatch"],
  [428, "connection_lost"],
  [440, "replaced"],
  [500, "bad_session"],
  [503, "service_unavailable"],
  [515, "restart_required"],
]);

interface Why {
  readonly reason?: ConnectionReason;
  readonly reasonCode?: number;
}

/** What the server writes where there is no reason: beside every state but close. */
const noReason = 200;

function whyClosed(state: ConnectionState, word: string, said: number | undefined): Why {
  if (state !== "close") return {};
  const code = said === noReason ? undefined : said;
  const isQrLimit = word === "refused" && (code === undefined || code === 428);
  const known = code === undefined ? undefined : (reasonsByCode.get(code) ?? "unknown");
  const reason = isQrLimit ? "qr_limit" : known;
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { reasonCode: code }),
  };
}

export function connectionDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => connectionDraft(webhook, row, index));
}

function connectionDraft(webhook: Webhook, data: unknown, index: number): EventDraft {
  const word = wordAt(data, "state", "connection");
  const state = states.get(word?.toLowerCase() ?? "");
  if (word === undefined || state === undefined) return unread(webhook, index, "missing_state");
  const account =
    state === "open" ? contactFrom([member(data, "wuid")], member(data, "profileName")) : undefined;
  const why = whyClosed(state, word.toLowerCase(), integerOf(member(data, "statusReason")));
  return {
    type: "instance.connection_changed",
    identity: boundToBody(webhook, index),
    data: { state, providerState: word, ...why, ...(account ? { account } : {}) },
  };
}

export function statusDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => statusDraft(webhook, row, index));
}

function statusDraft(webhook: Webhook, data: unknown, index: number): EventDraft {
  const word = wordAt(data, "status", "state");
  const status = states.get(word?.toLowerCase() ?? "");
  if (word === undefined || status === undefined) return unread(webhook, index, "missing_state");
  const code = integerOf(member(data, "disconnectionReasonCode"));
  const endedAt = timeMs(member(data, "disconnectionAt"));
  return {
    type: "instance.status_changed",
    identity:
      endedAt === undefined
        ? boundToBody(webhook, index)
        : lasting("status", endedAt, code ?? null),
    ...at(endedAt),
    data: { status, providerStatus: word, ...whyClosed(status, word.toLowerCase(), code) },
  };
}

/** `qrcode.updated`: a code, or the notice that the limit of codes was reached. */
export function qrDrafts(webhook: Webhook): readonly EventDraft[] {
  return rowsOf(webhook.data).map((row, index) => qrDraft(webhook, row, index));
}

function qrDraft(webhook: Webhook, data: unknown, index: number): EventDraft {
  const qrcode = objectAt(data, "qrcode") ?? objectOf(data);
  const qr = wordAt(qrcode, "code");
  const base64 = wordAt(qrcode, "base64");
  const pairingCode = wordAt(qrcode, "pairingCode");
  const shown = qr ?? base64 ?? pairingCode;
  if (shown === undefined) return qrLimitDraft(webhook, data, index);
  return {
    type: "instance.qr_updated",
    identity: codeIdentity(shown),
    data: {
      ...(qr === undefined ? {} : { qr }),
      ...(base64 === undefined ? {} : { base64 }),
      ...(pairingCode === undefined ? {} : { pairingCode }),
    },
  };
}

function qrLimitDraft(webhook: Webhook, data: unknown, index: number): EventDraft {
  const reason = wordAt(data, "message");
  const statusCode = integerOf(member(data, "statusCode"));
  if (reason === undefined && statusCode === undefined)
    return unread(webhook, index, "missing_data");
  return {
    type: "instance.qr_expired",
    identity: boundToBody(webhook, index),
    data: { reason: reason ?? "unknown", ...(statusCode === undefined ? {} : { statusCode }) },
  };
}

/** `instance.create`, `instance.delete`, `remove.instance`, `logout.instance`; the last two come without data. */
export function lifeDrafts(webhook: Webhook): readonly EventDraft[] {
  const providerId = idAt(webhook.data, "instanceId");
  const identity =
    providerId === undefined ? boundToBody(webhook, 0) : lasting(webhook.name ?? "", providerId);
  const data = providerId === undefined ? {} : { providerId };
  if (webhook.name === "instance.create") return [{ type: "instance.created", identity, data }];
  if (webhook.name === "logout.instance") {
    return [{ type: "instance.logged_out", identity: boundToBody(webhook, 0), data: {} }];
  }
  return [{ type: "instance.removed", identity, data }];
}
