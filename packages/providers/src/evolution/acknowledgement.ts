import { numberOf } from "../message/index.ts";

/** A delivery state in any of Evolution's spellings, on the scale of `message.acked`. */
export interface Acknowledgement {
  /** −1 error, 0 pending, 1 sent, 2 delivered, 3 read, 4 played; null for an unknown word. */
  readonly status: number | null;
  /** The provider's own word or number. */
  readonly statusName: string;
}

const words: ReadonlyMap<string, number> = new Map([
  ["ERROR", -1],
  ["PENDING", 0],
  ["SERVER_ACK", 1],
  ["DELIVERY_ACK", 2],
  ["READ", 3],
  ["READ_SELF", 3],
  ["PLAYED", 4],
  ["PLAYED_SELF", 4],
  // The Meta channel's words.
  ["FAILED", -1],
  ["SENT", 1],
  ["DELIVERED", 2],
]);

/** Undefined when there is no status at all. Numbers are WhatsApp's: 0 error … 5 played. */
export function acknowledgementOf(value: unknown): Acknowledgement | undefined {
  if (typeof value === "string" && value !== "") {
    const status = words.get(value.toUpperCase());
    if (status !== undefined) return { status, statusName: value };
  }
  const number = numberOf(value);
  if (number !== undefined) {
    const isOnScale = Number.isInteger(number) && number >= 0 && number <= 5;
    return { status: isOnScale ? number - 1 : null, statusName: String(value) };
  }
  return typeof value === "string" && value !== ""
    ? { status: null, statusName: value }
    : undefined;
}
