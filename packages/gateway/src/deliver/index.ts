/**
 * Outgoing webhooks: from the log to the customers' HTTP servers.
 *
 * Owns: which events go to which endpoint, order, signatures, retries, what is recorded of each attempt.
 * Must not know: how events came in, sockets, HTTP routes, SQL, addresses and sockets (that is `outbound`).
 *
 * I1 Every event that an endpoint wants reaches it at least once, or its delivery ends as failed, with an
 *    event that says so; a restart loses and repeats nothing whose outcome was recorded.
 *    (`deliverer.test.ts`)
 * I2 Deliveries with the same ordering key go out one after the other, in event order, failures included.
 *    (`endpoint-queue.test.ts`, `deliverer.test.ts`)
 * I3 What is sent is what was stored, byte for byte, signed with the endpoint's current secrets.
 *    (`signing.test.ts`, `deliverer.test.ts`)
 * I4 One endpoint's trouble does not slow another. (`fair-slots.test.ts`, `deliverer.test.ts`)
 * I5 Nothing is sent to an endpoint about itself. (`endpoint-policy.test.ts`)
 * A disabled endpoint keeps its cursor and its pending deliveries: what came meanwhile goes out when it is
 * enabled again, as far as the retention reaches.
 */
export {
  createDeliverer,
  type Deliverer,
  type DelivererOptions,
  type DelivererStats,
} from "./deliverer.ts";
export type { DestinationNews } from "./endpoint-worker.ts";
export { checkHeaders, type HeaderCheck } from "./header-policy.ts";
export type { AttemptResult } from "./outcome.ts";
export { standardSchedule } from "./retry-schedule.ts";
export { generateSecret, isUsableSecret } from "./signing.ts";
