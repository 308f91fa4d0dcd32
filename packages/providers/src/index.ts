export * from "./contract.ts";
export { codeIdentity, identityKey, type IdentityAddress, type IdentityPart } from "./identity.ts";
export { parseJid, type Jid } from "./jid.ts";
export { pairFrom, pairsOf } from "./pairs.ts";
export { providers, providerOf, recognise } from "./registry.ts";
export { removeMembers } from "./json-text.ts";
export { evolution } from "./evolution/index.ts";
export { waha } from "./waha/index.ts";
export * from "./waha/api/index.ts";
export {
  apiErrorCodes,
  baseUrlOf,
  ProviderApiError,
  SendFailure,
  type ApiErrorCode,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
  type ApiTiming,
  type SendRequest,
} from "./api/index.ts";
export {
  EvolutionApi,
  eventNamesOf as evolutionEventNamesOf,
  evolutionMessageBodies,
  lidPairOf as evolutionLidPairOf,
  parseVersion as parseEvolutionVersion,
  readWebhookInput as readEvolutionWebhookInput,
  translateEventNames as translateEvolutionEventNames,
  type ConnectOptions as EvolutionConnectOptions,
  type CreatedInstance as CreatedEvolutionInstance,
  type CreateEvolutionOptions,
  type EvolutionApiOptions,
  type EvolutionConnection,
  type EvolutionContact,
  type EvolutionCredentials,
  type EvolutionDisconnection,
  type EvolutionFlavour,
  type EvolutionInstance,
  type EvolutionMedia,
  type EvolutionServerInfo,
  type EvolutionState,
  type EvolutionStoredWebhook,
  type EvolutionVersion,
  type EvolutionWebhookInput,
  type EvolutionWebsocket,
  type LidPair as EvolutionLidPair,
  type MessagesSinceOptions as EvolutionMessagesSinceOptions,
  type SetWebhookOptions as SetEvolutionWebhookOptions,
  type StoredMessage as EvolutionStoredMessage,
  type StoredMessages as EvolutionStoredMessages,
  type TranslatedEvents as TranslatedEvolutionEvents,
  type WebhookDifference as EvolutionWebhookDifference,
  type WebhookOutcome as EvolutionWebhookOutcome,
} from "./evolution/api/index.ts";
export {
  createEvolutionApiService,
  createWahaApiService,
  sendThroughFetch,
  type DocumentedClientOptions,
  type EvolutionApiService,
  type WahaApiService,
} from "./documented-clients.ts";
/** The documented names, also where older programs look for them. */
export {
  EvolutionWebhookEvent,
  WahaWebhookEvent,
  type ConnectionUpdateEvent,
  type EventHandlers,
  type EvolutionWebhookConfig,
  type MessageAckEvent,
  type MessageEvent,
  type QRCodeUpdateEvent,
  type StatusInstanceEvent,
  type WahaWebhookConfig,
  type WebhookConfig,
  type WebSocketEventPayload,
} from "@recado/protocol";
