import type { DestinationStream } from "pino";

/** Logs for a person on a terminal, JSON lines for everything else. NO_COLOR is honoured. */
export async function logDestination(
  stdout: NodeJS.WriteStream,
  noColor: boolean,
): Promise<DestinationStream | undefined> {
  if (!stdout.isTTY) return undefined;
  // Only where it is used: it costs a small server memory.
  const { default: pretty } = await import("pino-pretty");
  return pretty({
    colorize: !noColor,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
    destination: 1,
  });
}
