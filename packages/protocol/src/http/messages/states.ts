import { z } from "zod";

/** `ack.name` by `ack.status`. */
export const ackNames = {
  "-1": "error",
  0: "pending",
  1: "sent",
  2: "delivered",
  3: "read",
  4: "played",
} as const;
export const ackName = z.enum(["error", "pending", "sent", "delivered", "read", "played"]);
export const ackStatus = z.number().int().min(-1).max(4);

/** A list that is read from the log as far as it was followed: false while older events are still being read in. */
export const complete = z.boolean().describe("False while the log is still being read in");
