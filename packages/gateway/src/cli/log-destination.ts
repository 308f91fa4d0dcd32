import pretty from "pino-pretty";
import type { DestinationStream } from "pino";

/** Logs for a person on a terminal, JSON lines for everything else. NO_COLOR is honoured. */
export function logDestination(stdout: NodeJS.WriteStream, noColor: boolean): DestinationStream | undefined {
  if (!stdout.isTTY) return undefined;
  return pretty({ colorize: !noColor, translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname", destination: 1 });
}
