import { isAbsolute, resolve } from "node:path";
import type { LogLevel } from "../base/logger.ts";
import { settings, settingKeys, type Setting, type SettingKey } from "./settings.ts";

/** The program's settings, read once at start. Secrets that were not given are absent here. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly jwtSecret?: string;
  readonly jwtTtlSeconds: number;
  readonly jwksUrl?: string;
  readonly adminKey?: string;
  readonly encryptionKey?: string;
  readonly publicUrl?: string;
  readonly allowedOrigins: readonly string[];
  readonly deliveryAllowTargets: readonly string[];
  readonly retentionDays: number;
  /** Absent: any size. */
  readonly retentionMaxBytes?: number;
  readonly coldAfterMs: number;
  /** Whether the words of messages are kept to be searched. */
  readonly textSearch: boolean;
  /** For how long a link to a file opens. */
  readonly mediaLinkMs: number;
  /** Absent: files are kept as long as their events. */
  readonly mediaRetentionDays?: number;
  /** Of a file behind a provider's link. */
  readonly mediaLimitBytes: number;
  /** Absent: files are kept in the data folder. */
  readonly mediaBucket?: ConfiguredBucket;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  /** A message this much older than its arrival is late. */
  readonly lateAfterMs: number;
  /** Webhooks a second above which noise is shed; 0: no limit. */
  readonly ingestRates: { readonly perInstance: number; readonly perTenant: number };
  readonly restartFrozen: boolean;
  readonly logLevel: LogLevel;
  /** Servers to adopt at start. */
  readonly providerServers: readonly ConfiguredServer[];
  /** Time between two looks at a number's webhook; 0: never. */
  readonly webhookCheckMs: number;
  readonly webhookRepair: "deaf" | "all" | "off";
  /** Things an operator should know about what was set, in plain words. */
  readonly notices: readonly string[];
}

/** A setting that cannot be used; `message` says which and what to do. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

type Values = Record<SettingKey, string | undefined>;

export type Environment = Readonly<Record<string, string | undefined>>;
export type Flags = Readonly<Partial<Record<SettingKey, string>>>;

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}

function lookup(setting: Setting, flag: string | undefined, env: Environment): string | undefined {
  const given = [flag, ...[setting.name, ...setting.aliases].map((name) => env[name])];
  return given.find(isGiven)?.trim() ?? setting.fallback;
}

function check(setting: Setting, value: string): void {
  if (setting.kind === "integer") {
    const number = Number(value);
    const low = setting.min ?? 0;
    const high = setting.max ?? Number.MAX_SAFE_INTEGER;
    if (!/^[0-9]+$/.test(value) || number < low || number > high) {
      throw new ConfigError(
        `${setting.name} must be a whole number from ${low} to ${high}; it is "${value}".`,
      );
    }
  }
  if (setting.choices && !setting.choices.includes(value)) {
    throw new ConfigError(
      `${setting.name} must be one of ${setting.choices.join(", ")}; it is "${value}".`,
    );
  }
}

function list(value: string | undefined): readonly string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** Seconds out of `3600`, `90s`, `15m`, `12h`, `7d`. */
function seconds(name: string, value: string): number {
  const match = /^([1-9][0-9]{0,8})\s*([smhd]?)$/.exec(value);
  const factor = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400 }[match?.[2] ?? ""];
  if (!match || factor === undefined) {
    throw new ConfigError(
      `${name} must be a number of seconds, or a number with s, m, h or d, such as 12h; it is "${value}".`,
    );
  }
  return Number(match[1]) * factor;
}

function webAddress(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new ConfigError(`${name} must start with http:// or https://; it is "${value}".`);
  }
  if (url.username !== "" || url.password !== "" || /[?#]/.test(value)) {
    throw new ConfigError(`${name} must not have a user name, a password, ? or #.`);
  }
  return value.replace(/\/+$/, "");
}

/** As browsers send it: scheme and host, no path. Not `URL.origin`, which is "null" for apps' own schemes. */
function origin(name: string, value: string): string {
  if (value === "*") return value;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || url.host === "") {
    throw new ConfigError(
      `${name} must be * or origins such as https://app.example.com, separated by commas; one is "${value}".`,
    );
  }
  return `${url.protocol}//${url.host}`;
}

/** A provider server that is named in the settings. */
export interface ConfiguredServer {
  readonly provider: "evolution" | "waha";
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** An S3-compatible store for files of messages. */
export interface ConfiguredBucket {
  /** Absent: Amazon's own, by the region. */
  readonly endpoint?: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly pathStyle: boolean;
}

interface NamedServers {
  readonly servers: readonly ConfiguredServer[];
  readonly notices: readonly string[];
}

/** `evolution:8080` is what people write who copy a container's name. */
function withScheme(host: string): string {
  return /^[a-z][\w+.-]*:\/\//i.test(host) ? host : `http://${host}`;
}

/** A host without a key is no reason not to start: everything else works without that server. */
function namedServers(values: Values): NamedServers {
  const named = [
    ["evolution", "EVOLUTION", values.evolutionHost, values.evolutionApiKey],
    ["waha", "WAHA", values.wahaHost, values.wahaApiKey],
  ] as const;
  const servers: ConfiguredServer[] = [];
  const notices: string[] = [];
  for (const [provider, prefix, host, apiKey] of named) {
    if (host === undefined) continue;
    const baseUrl = webAddress(`${prefix}_HOST`, withScheme(host));
    if (baseUrl !== undefined && apiKey !== undefined) servers.push({ provider, baseUrl, apiKey });
    else
      notices.push(`${prefix}_HOST is set without ${prefix}_API_KEY: the server is not adopted.`);
  }
  return { servers, notices };
}

/** Half a bucket is no bucket: files would go to the disk while their operator believes otherwise. */
function namedBucket(values: Values): ConfiguredBucket | undefined {
  const bucket = values.mediaS3Bucket;
  const accessKeyId = values.mediaS3AccessKeyId;
  const secretAccessKey = values.mediaS3SecretAccessKey;
  const endpoint = webAddress("MEDIA_S3_ENDPOINT", values.mediaS3Endpoint);
  const needed = {
    MEDIA_S3_BUCKET: bucket,
    MEDIA_S3_ACCESS_KEY_ID: accessKeyId,
    MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey,
  };
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    const isWanted = [endpoint, ...Object.values(needed)].some((value) => value !== undefined);
    if (!isWanted) return undefined;
    const missing = Object.entries(needed).flatMap(([name, value]) =>
      value === undefined ? [name] : [],
    );
    throw new ConfigError(
      `${missing.join(" and ")} must be set too when files are to be kept in a bucket.`,
    );
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw new ConfigError(
      `MEDIA_S3_BUCKET must be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens; it is "${bucket}".`,
    );
  }
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    bucket,
    region: values.mediaS3Region ?? "us-east-1",
    accessKeyId,
    secretAccessKey,
    pathStyle: values.mediaS3PathStyle === "on",
  };
}

function longEnough(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && value.length < 16) {
    throw new ConfigError(
      `${name} is too short: use at least 16 characters, or leave it out to have one generated.`,
    );
  }
  return value;
}

/** Reads the settings from flags first, then the environment. Throws {@link ConfigError}. */
export function readConfig(env: Environment, flags: Flags = {}): Config {
  const values = {} as Values;
  for (const key of settingKeys) {
    const value = lookup(settings[key], flags[key], env);
    if (value !== undefined) check(settings[key], value);
    values[key] = value;
  }
  if (values.databaseUrl !== undefined) {
    throw new ConfigError(
      "DATABASE_URL is set, but this version has only the embedded store. Unset DATABASE_URL to start; data is kept in DATA_DIR.",
    );
  }
  const optional = {
    jwtSecret: longEnough("JWT_SECRET", values.jwtSecret),
    adminKey: longEnough("ADMIN_KEY", values.adminKey),
    encryptionKey: values.encryptionKey,
    jwksUrl: webAddress("JWKS_URL", values.jwksUrl),
    publicUrl: webAddress("PUBLIC_URL", values.publicUrl),
  };
  const dataDir = values.dataDir ?? "./data";
  const { servers, notices } = namedServers(values);
  const mediaBucket = namedBucket(values);
  return {
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as {
      [K in keyof typeof optional]?: string;
    }),
    port: Number(values.port),
    host: values.host ?? "127.0.0.1",
    dataDir: isAbsolute(dataDir) ? dataDir : resolve(dataDir),
    jwtTtlSeconds: seconds("JWT_EXPIRES_IN", values.jwtExpiresIn ?? "1h"),
    allowedOrigins: list(values.allowedOrigins).map((entry) => origin("ALLOWED_ORIGINS", entry)),
    deliveryAllowTargets: list(values.deliveryAllowTargets),
    retentionDays: Number(values.retentionDays),
    ...(values.retentionMaxMb === undefined
      ? {}
      : { retentionMaxBytes: Number(values.retentionMaxMb) * 1_048_576 }),
    coldAfterMs: Number(values.coldAfterHours) * 3_600_000,
    textSearch: values.textSearch === "on",
    mediaLinkMs: Number(values.mediaLinkHours) * 3_600_000,
    ...(values.mediaRetentionDays === undefined
      ? {}
      : { mediaRetentionDays: Number(values.mediaRetentionDays) }),
    ...(mediaBucket ? { mediaBucket } : {}),
    mediaLimitBytes: Number(values.mediaLimitMb) * 1_048_576,
    bodyLimitBytes: Number(values.bodyLimitMb) * 1_048_576,
    requestTimeoutMs: Number(values.requestTimeoutSeconds) * 1_000,
    lateAfterMs: Number(values.lateMinutes) * 60_000,
    ingestRates: {
      perInstance: Number(values.ingestRatePerInstance),
      perTenant: Number(values.ingestRatePerTenant),
    },
    restartFrozen: values.restartFrozen === "on",
    logLevel: values.logLevel as LogLevel,
    providerServers: servers,
    webhookCheckMs: Number(values.webhookCheckMinutes) * 60_000,
    webhookRepair: values.webhookRepair as Config["webhookRepair"],
    notices,
  };
}

/** The process's environment; the only place that reads it. */
export function processEnvironment(): Environment {
  return process.env;
}
