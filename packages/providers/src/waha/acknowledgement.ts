import type { JsonObject } from "../contract.ts";
import { integerOf } from "../message/index.ts";
import { textOf, wordOf } from "./wire.ts";

/** How far a message got, on the scale of `message.acked`. */
export interface Ack {
  /** −1 to 4; null when WAHA's value is none of these. */
  readonly status: number | null;
  /** The provider's own word, or its number where it has none. */
  readonly statusName?: string;
}

const words: Readonly<Record<string, number>> = {
  ERROR: -1,
  PENDING: 0,
  SERVER: 1,
  DEVICE: 2,
  READ: 3,
  PLAYED: 4,
};

function statusOf(ack: unknown, ackName: string | undefined): number | null {
  const number = integerOf(ack);
  if (number !== undefined) return number >= -1 && number <= 4 ? number : null;
  const word = (textOf(ack) ?? ackName ?? "").toUpperCase();
  return (Object.hasOwn(words, word) ? words[word] : undefined) ?? null;
}

/** Reads `ack` and `ackName`; undefined when the payload has neither. */
export function ackOf(payload: JsonObject): Ack | undefined {
  const ack = payload["ack"];
  const ackName = textOf(payload["ackName"]);
  if (ack === undefined && ackName === undefined) return undefined;
  // UNKNOWN is WAHA's word for a number it does not know: then the number says more.
  const statusName =
    ackName === undefined || ackName === "UNKNOWN" ? (wordOf(ack) ?? ackName) : ackName;
  const status = statusOf(ack, ackName);
  return statusName === undefined ? { status } : { status, statusName };
}

/**
 * The state a message reports about itself. A value that is not on the scale says nothing, and an error
 * on an incoming message is no failed sending: WAHA puts it on contents it cannot handle.
 */
export function ownStatus(
  payload: JsonObject,
  fromMe: boolean,
): { readonly status?: number; readonly statusName?: string } {
  const ack = ackOf(payload);
  if (ack === undefined || ack.status === null || (ack.status < 0 && !fromMe)) return {};
  return {
    status: ack.status,
    ...(ack.statusName === undefined ? {} : { statusName: ack.statusName }),
  };
}
