import { pino, type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

/** Levels an operator can choose. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * The process's log: fixed lower-case sentences plus fields. Bodies, texts, phones, keys and tokens are
 * never fields; what is logged names things by our own ids.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  return destination ? pino(options, destination) : pino(options);
}
