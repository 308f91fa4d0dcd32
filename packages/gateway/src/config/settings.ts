import { logLevels } from "../base/logger.ts";

/**
 * Every setting of the program, once: this table is the source of environment variables, flags, help
 * and `docs/config.md`.
 */
export interface Setting {
  /** Environment variable. */
  readonly name: string;
  /** Older or other names of the same variable, in order of preference. */
  readonly aliases: readonly string[];
  readonly kind: "text" | "integer" | "list" | "choice";
  readonly fallback?: string;
  /** How the default is told where it is not a fixed text. */
  readonly fallbackText?: string;
  readonly choices?: readonly string[];
  /** Inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** A value that is never printed. */
  readonly secret?: true;
  readonly help: string;
}

export const settings = {
  port: {
    name: "PORT",
    aliases: [],
    kind: "integer",
    fallback: "3001",
    min: 0,
    max: 65_535,
    help: "Port for everything: webhooks, API, sockets. 0 lets the system choose.",
  },
  host: {
    name: "HOST",
    aliases: [],
    kind: "text",
    fallback: "127.0.0.1",
    help: "Address to listen on. 0.0.0.0 listens on all (the container image does).",
  },
  dataDir: {
    name: "DATA_DIR",
    aliases: [],
    kind: "text",
    fallback: "./data",
    help: "Folder of the embedded store and of generated keys.",
  },
  databaseUrl: {
    name: "DATABASE_URL",
    aliases: [],
    kind: "text",
    secret: true,
    help: "A shared PostgreSQL store. Not supported by this version: it must stay unset.",
  },
  jwtSecret: {
    name: "JWT_SECRET",
    aliases: [],
    kind: "text",
    secret: true,
    fallbackText: "generated into DATA_DIR",
    help: "Secret of HS256 tokens for browsers, at least 16 characters.",
  },
  jwtExpiresIn: {
    name: "JWT_EXPIRES_IN",
    aliases: [],
    kind: "text",
    fallback: "1h",
    help: "Life of a token when POST /tokens names none: seconds, or a number with s, m, h or d.",
  },
  jwksUrl: {
    name: "JWKS_URL",
    aliases: [],
    kind: "text",
    help: "Address of an issuer's public keys (RS, ES or EdDSA tokens), beside JWT_SECRET.",
  },
  adminKey: {
    name: "ADMIN_KEY",
    aliases: [],
    kind: "text",
    secret: true,
    fallbackText: "generated into DATA_DIR, printed once",
    help: "The operator's key, at least 16 characters.",
  },
  encryptionKey: {
    name: "ENCRYPTION_KEY",
    aliases: [],
    kind: "text",
    secret: true,
    fallbackText: "generated into DATA_DIR",
    help: "Key that seals stored secrets: 32 bytes as 64 hex digits or as base64.",
  },
  publicUrl: {
    name: "PUBLIC_URL",
    aliases: ["BACKEND_URL", "WEBHOOK_BASE_URL"],
    kind: "text",
    fallbackText: "http://localhost:PORT",
    help: "Address under which providers reach this server; webhook addresses are built on it.",
  },
  allowedOrigins: {
    name: "ALLOWED_ORIGINS",
    aliases: ["FRONTEND_URL"],
    kind: "list",
    fallback: "*",
    help: "Origins of pages that may call the API and open sockets, separated by commas, or *.",
  },
  deliveryAllowTargets: {
    name: "DELIVERY_ALLOW_TARGETS",
    aliases: [],
    kind: "list",
    help: "CIDRs and host names inside the private network that endpoints may use, separated by commas.",
  },
  evolutionHost: {
    name: "EVOLUTION_HOST",
    aliases: ["EVOLUTION_API_URL", "DEFAULT_EVOLUTION_HOST"],
    kind: "text",
    help: "Address of an Evolution API server whose numbers are adopted at start: they appear by themselves, and their webhook is set. Needs EVOLUTION_API_KEY.",
  },
  evolutionApiKey: {
    name: "EVOLUTION_API_KEY",
    aliases: ["DEFAULT_EVOLUTION_API_KEY", "EVOLUTION_API_KEY_GLOBAL"],
    kind: "text",
    secret: true,
    help: "That server's own key (its AUTHENTICATION_API_KEY).",
  },
  wahaHost: {
    name: "WAHA_HOST",
    aliases: ["WAHA_BASE_URL", "WAHA_API_URL", "DEFAULT_WAHA_HOST"],
    kind: "text",
    help: "Address of a WAHA server whose sessions are adopted at start. Needs WAHA_API_KEY; a server without a key takes any.",
  },
  wahaApiKey: {
    name: "WAHA_API_KEY",
    aliases: ["DEFAULT_WAHA_API_KEY"],
    kind: "text",
    secret: true,
    help: "That server's key.",
  },
  webhookCheckMinutes: {
    name: "WEBHOOK_CHECK_MINUTES",
    aliases: [],
    kind: "integer",
    fallback: "5",
    min: 0,
    max: 1_440,
    help: "Minutes between two looks at an adopted number's webhook; new numbers are found in the same round. 0: never.",
  },
  webhookRepair: {
    name: "WEBHOOK_REPAIR",
    aliases: [],
    kind: "choice",
    choices: ["deaf", "all", "off"],
    fallback: "deaf",
    help: "What is put right when somebody changed an adopted number's webhook. deaf: what would keep its events from arriving; all: any difference; off: nothing. At most three times a day for each number, so that two programs do not fight; every change is told as an event.",
  },
  retentionDays: {
    name: "RETENTION_DAYS",
    aliases: [],
    kind: "integer",
    fallback: "30",
    min: 1,
    max: 3_650,
    help: "Days that events, and finished deliveries with their attempts, are kept. A tenant may have other days for its events.",
  },
  retentionMaxMb: {
    name: "RETENTION_MAX_MB",
    aliases: [],
    kind: "integer",
    fallbackText: "any size",
    min: 1,
    max: 100_000_000,
    help: "MiB that the events of one tenant may take, bodies included; above it the oldest go, however young. A tenant may have a size of its own.",
  },
  coldAfterHours: {
    name: "COLD_AFTER_HOURS",
    aliases: [],
    kind: "integer",
    fallback: "24",
    min: 1,
    max: 87_600,
    help: "Hours after which events are compressed, in the background. They are read and searched as before, a little slower.",
  },
  textSearch: {
    name: "TEXT_SEARCH",
    aliases: [],
    kind: "choice",
    choices: ["off", "on"],
    fallback: "off",
    help: "on: the words of messages are kept in an index, for GET /messages?text=. off: they are not, and what was kept is deleted with the next start.",
  },
  mediaLinkHours: {
    name: "MEDIA_LINK_HOURS",
    aliases: [],
    kind: "integer",
    fallback: "24",
    min: 1,
    max: 8_760,
    help: "Hours for which a link to a message's file opens. Each reading of an event makes a new one.",
  },
  mediaRetentionDays: {
    name: "MEDIA_RETENTION_DAYS",
    aliases: [],
    kind: "integer",
    fallbackText: "as long as their events",
    min: 1,
    max: 3_650,
    help: "Days that files of messages are kept, when they are to go before their events.",
  },
  mediaS3Bucket: {
    name: "MEDIA_S3_BUCKET",
    aliases: [],
    kind: "text",
    fallbackText: "files are kept in DATA_DIR/media",
    help: "Bucket of an S3-compatible store in which files of messages are kept. It must exist, and be this server's own or shared with others that have other encryption keys.",
  },
  mediaS3Endpoint: {
    name: "MEDIA_S3_ENDPOINT",
    aliases: [],
    kind: "text",
    fallbackText: "Amazon S3 of the region",
    help: "Address of the S3-compatible store, such as https://s3.example.com or http://minio:9000. It may be a private one.",
  },
  mediaS3Region: {
    name: "MEDIA_S3_REGION",
    aliases: [],
    kind: "text",
    fallback: "us-east-1",
    help: "Region of the bucket. Stores that know no regions take the default.",
  },
  mediaS3AccessKeyId: {
    name: "MEDIA_S3_ACCESS_KEY_ID",
    aliases: [],
    kind: "text",
    help: "Key for the bucket; it must be allowed to list, read, write and delete there.",
  },
  mediaS3SecretAccessKey: {
    name: "MEDIA_S3_SECRET_ACCESS_KEY",
    aliases: [],
    kind: "text",
    secret: true,
    help: "Secret of that key.",
  },
  mediaS3PathStyle: {
    name: "MEDIA_S3_PATH_STYLE",
    aliases: [],
    kind: "choice",
    choices: ["on", "off"],
    fallback: "on",
    help: "on: the bucket stands in the path of an address. off: in front of the host's name, for stores that want it so.",
  },
  mediaLimitMb: {
    name: "MEDIA_LIMIT_MB",
    aliases: [],
    kind: "integer",
    fallback: "64",
    min: 1,
    max: 1_024,
    help: "Largest file that is fetched from a provider's link, in MiB. Up to four are held in memory at once.",
  },
  bodyLimitMb: {
    name: "BODY_LIMIT_MB",
    aliases: [],
    kind: "integer",
    fallback: "32",
    min: 1,
    max: 512,
    help: "Largest webhook body, in MiB; larger ones are answered 413.",
  },
  requestTimeoutSeconds: {
    name: "REQUEST_TIMEOUT_SECONDS",
    aliases: [],
    kind: "integer",
    fallback: "60",
    min: 1,
    max: 3_600,
    help: "Time for one request to arrive whole; a slower sender is answered 408.",
  },
  lateMinutes: {
    name: "LATE_MINUTES",
    aliases: [],
    kind: "integer",
    fallback: "10",
    min: 1,
    max: 10_080,
    help: "A message that arrives more than this many minutes after its own time is marked late.",
  },
  ingestRatePerInstance: {
    name: "INGEST_RATE_PER_INSTANCE",
    aliases: [],
    kind: "integer",
    fallback: "100",
    min: 0,
    max: 1_000_000,
    help: "Webhooks a second of one number above which its presence (who is typing, who is online) and repeats of its connection state are counted instead of stored. Everything else is always stored. 0: no limit.",
  },
  ingestRatePerTenant: {
    name: "INGEST_RATE_PER_TENANT",
    aliases: [],
    kind: "integer",
    fallback: "1000",
    min: 0,
    max: 1_000_000,
    help: "The same for all numbers of a tenant together. 0: no limit.",
  },
  restartFrozen: {
    name: "RESTART_FROZEN",
    aliases: [],
    kind: "choice",
    choices: ["off", "on"],
    fallback: "off",
    help: "on: a number that its Evolution server calls connected while nothing flows is restarted there, at most three times a day.",
  },
  logLevel: {
    name: "LOG_LEVEL",
    aliases: [],
    kind: "choice",
    choices: logLevels,
    fallback: "info",
    help: "How much is logged.",
  },
} as const satisfies Record<string, Setting>;

export type SettingKey = keyof typeof settings;
export const settingKeys: readonly SettingKey[] = Object.keys(settings) as SettingKey[];

/** The command-line flag of a setting: `DATA_DIR` is `--data-dir`. */
export function flagOf(setting: Setting): string {
  return `--${setting.name.toLowerCase().replaceAll("_", "-")}`;
}
