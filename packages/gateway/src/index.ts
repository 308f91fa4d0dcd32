/** Recado as a library: what an application needs to start a gateway inside its own process. */
export { createLogger, type Logger, type LogLevel } from "./base/logger.ts";
export { RecadoError } from "./base/recado-error.ts";
export {
  ConfigError,
  loadSecrets,
  readConfig,
  type Config,
  type Environment,
  type Flags,
  type Secrets,
} from "./config/index.ts";
export { systemClock, type Clock } from "./base/clock.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { version } from "./version.ts";
export {
  createEvolutionApiService,
  createWahaApiService,
  type EvolutionApiService,
  type WahaApiService,
} from "@recado/providers";
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
