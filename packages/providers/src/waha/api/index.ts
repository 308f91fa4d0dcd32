/**
 * WAHA's management API as a typed client.
 *
 * Owns: WAHA's routes, the forms of its answers and refusals, and the list of webhooks inside a
 * session's configuration. Must not know: how requests are sent, stores, tenants.
 *
 * I1 A change of one webhook leaves every other webhook and every other setting as they were.
 *    (`webhooks/webhook-list.test.ts`, `webhooks/session-webhooks.test.ts`)
 * I2 Nothing is written when nothing differs: a PUT restarts a running session.
 *    (`webhooks/session-webhooks.test.ts`)
 * I3 No result and no error holds a key, except those of `sessionConfig`, `sessionConfigs` and
 *    `replaceSessionConfig`, whose purpose it is. (`secrets.test.ts`)
 * I4 A message that was asked for is the same event as the one that a webhook brings.
 *    (`recovered-body.test.ts`)
 * I5 A media address never decides which host is called. (`file-path.test.ts`)
 */
export { WahaApi, type WahaApiOptions } from "./client.ts";
export type { WahaSessionWish } from "./create-session.ts";
export type { WahaFile } from "./download-file.ts";
export { filePathOf as wahaFilePath } from "./file-path.ts";
export type { WahaMessageRecord, WahaMessages, WahaMessageSpan } from "./messages-since.ts";
export type { WahaPage } from "./people.ts";
export type { WahaQrCode } from "./qr-code.ts";
export type { WahaChat, WahaContact, WahaLid, WahaServer, WahaSession } from "./read-answers.ts";
export { wahaMessageBody } from "./recovered-body.ts";
export type { WahaWebhookSet } from "./webhooks/session-webhooks.ts";
export {
  wahaKeptSecret,
  wahaOutlastingRetries,
  readWahaWebhookConfig,
  type ReadWahaWebhookConfig,
  type WahaRetries,
  type WahaWebhookEntry,
  type WahaWebhookInput,
} from "./webhooks/webhook-config.ts";
export { chooseWahaEvents, wahaEventsOf, type WahaEventChoice } from "./webhooks/webhook-events.ts";
export {
  wahaWebhookDifferences,
  viewOfWahaWebhook,
  withoutWahaWebhook,
  withWahaWebhook,
  type OwnsWahaUrl,
  type WahaWebhook,
  type WahaWebhookPart,
} from "./webhooks/webhook-list.ts";
