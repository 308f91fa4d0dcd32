/**
 * The management API of Evolution, typed: 2.x and 1.x, told apart by the version that the server says.
 *
 * Owns: paths, bodies, and reading of answers. Must not know: how requests are sent, tenants, stores.
 *
 * I1 A webhook is read back after it was set, and what differs is said. (`webhook/webhooks.test.ts`)
 * I2 A wrong event name never costs the whole configuration. (`webhook/webhook-events.test.ts`)
 * I3 Messages since a moment come oldest first, none missing and none twice. (`records/stored-messages.test.ts`)
 * I4 Tokens and keys are in a result only where they were asked for, and in no error. (`client.test.ts`)
 */
export { EvolutionApi, type EvolutionApiOptions } from "./client.ts";
export type {
  CreatedInstance,
  CreateOptions as CreateEvolutionOptions,
} from "./create-instance.ts";
export type { ConnectOptions, ListOptions } from "./instances.ts";
export type {
  EvolutionConnection,
  EvolutionDisconnection,
  EvolutionInstance,
  EvolutionState,
} from "./read-answers.ts";
export type { EvolutionMedia } from "./records/media.ts";
export { lidPairOf, type EvolutionContact, type LidPair } from "./records/people.ts";
export { evolutionMessageBodies } from "./records/recovered-bodies.ts";
export type {
  MessagesSinceOptions,
  StoredMessage,
  StoredMessages,
} from "./records/stored-messages.ts";
export type { EvolutionCredentials, EvolutionServerInfo } from "./server-info.ts";
export { parseVersion, type EvolutionFlavour, type EvolutionVersion } from "./server-version.ts";
export {
  readWebhookInput,
  webhookDifferences,
  type EvolutionStoredWebhook,
  type EvolutionWebhookInput,
  type WantedWebhook,
  type WebhookDifference,
} from "./webhook/webhook-config.ts";
export {
  eventNamesOf,
  translateEventNames,
  type TranslatedEvents,
} from "./webhook/webhook-events.ts";
export type { SetWebhookOptions, WebhookOutcome } from "./webhook/webhooks.ts";
export type { EvolutionWebsocket } from "./webhook/websocket.ts";
