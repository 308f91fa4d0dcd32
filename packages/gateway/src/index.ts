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
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { version } from "./version.ts";
