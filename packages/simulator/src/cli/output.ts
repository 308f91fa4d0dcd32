import type { Clock } from "../clock.ts";

/** What the command tells while it runs. Never holds a key, a text or the path of a webhook, which may hold a token. */
export type Line =
  | {
      readonly type: "webhook";
      readonly event: string;
      /** Host and port of the receiver. */
      readonly to: string;
      readonly attempt: number;
      /** The status, or why there was none. */
      readonly outcome: number | string;
      /** What the provider does next: nothing more, or try again after so many milliseconds. */
      readonly next: "delivered" | "lost" | "retry";
      readonly waitMs?: number;
    }
  | { readonly type: "call"; readonly route: string; readonly status: number }
  | {
      readonly type: "received";
      readonly method: string;
      readonly event: string;
      readonly bytes: number;
    }
  | { readonly type: "trouble"; readonly message: string }
  | { readonly type: "stopped" };

/** What everybody needs to know who goes on from here. `key` is the one that was given or the known default. */
export interface Ready {
  readonly type: "ready";
  readonly provider: string;
  readonly url: string;
  readonly control?: string;
  readonly key?: string;
  readonly numbers?: readonly string[];
}

export interface Output {
  /** `text` is the same for a person. */
  ready(ready: Ready, text: string): void;
  line(line: Line): void;
}

function sentence(line: Line): string {
  switch (line.type) {
    case "webhook": {
      const { event, to, attempt, outcome, next, waitMs = 0 } = line;
      const again = next === "retry" ? `, again in ${(waitMs / 1_000).toFixed(1)} s` : "";
      const end = next === "lost" ? ", lost" : "";
      const nth = attempt === 1 ? "" : ` (attempt ${attempt})`;
      return `webhook   ${event} → ${to}: ${outcome}${nth}${again}${end}`;
    }
    case "call":
      return `call      ${line.route}: ${line.status}`;
    case "received":
      return `received  ${line.method} ${line.event} (${line.bytes} bytes)`;
    case "trouble":
      return `trouble   ${line.message}`;
    case "stopped":
      return "stopped";
  }
}

/** Sentences on a terminal, JSON lines everywhere else. */
export function createOutput(
  write: (text: string) => void,
  isTerminal: boolean,
  clock: Clock,
): Output {
  const time = (): string => new Date(clock.now()).toISOString();
  const json = (value: object): void => write(`${JSON.stringify({ at: time(), ...value })}\n`);
  if (!isTerminal) return { ready: json, line: json };
  return {
    ready: (_, text) => write(text),
    line: (line) => write(`${time().slice(11, 19)}  ${sentence(line)}\n`),
  };
}
