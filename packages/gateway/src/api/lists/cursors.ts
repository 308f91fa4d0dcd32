import { createHash } from "node:crypto";
import { z } from "zod";
import { RecadoError } from "../../base/recado-error.ts";

/** Lists that have pages. A cursor of one is refused by all others. */
export type ListName =
  | "tenants"
  | "keys"
  | "servers"
  | "instances"
  | "endpoints"
  | "events"
  | "messages"
  | "chats"
  | "deliveries"
  | "pairing_links";

/** Where a list belongs: its name, whose it is, and for the log its incarnation. */
export interface ListPlace {
  readonly list: ListName;
  readonly tenantId: string;
  readonly epoch?: string;
}

const content = z.tuple([
  z.literal(1),
  z.string(),
  z.string(),
  z.union([z.string().min(1), z.number().int().nonnegative()]),
]);

function placeHash(place: ListPlace): string {
  return createHash("sha256")
    .update(JSON.stringify([place.list, place.tenantId, place.epoch ?? ""]))
    .digest("base64url")
    .slice(0, 12);
}

/** An opaque text for a position. It is no credential: what it points at is still read within the caller's tenant. */
export function writeCursor(place: ListPlace, position: string | number): string {
  return Buffer.from(JSON.stringify([1, place.list, placeHash(place), position])).toString(
    "base64url",
  );
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined; // Not one of ours: refused by the schema.
  }
}

/** The position of a cursor of exactly this list; throws `cursor_invalid` for any other text. */
export function readCursor(place: ListPlace, text: string): string | number {
  const parsed = content.safeParse(decoded(text));
  if (!parsed.success || parsed.data[1] !== place.list || parsed.data[2] !== placeHash(place)) {
    throw new RecadoError("cursor_invalid");
  }
  return parsed.data[3];
}

/** The position as an id; throws `cursor_invalid` when the cursor holds none. */
export function readIdCursor(place: ListPlace, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const position = readCursor(place, text);
  if (typeof position !== "string") throw new RecadoError("cursor_invalid");
  return position;
}
