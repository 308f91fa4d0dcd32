import { z } from "zod";
import { type Action, ControlRefusal, serverAction } from "./action.ts";
import type { Clock } from "../clock.ts";
import type { Fault } from "../serving/fault.ts";

const longestMs = 600_000;
const ms = z.int().min(0).max(longestMs);
const missed = z.enum(["sent", "kept"]).default("sent");

/**
 * What can befall the server: `POST /_simulator/<action>`. Owns whether the process runs, so that it is not
 * stopped twice, and the faults in force.
 */
export function serverActions(clock: Clock): readonly Action<undefined>[] {
  return [...processActions(clock), ...troubleActions()];
}

function processActions(clock: Clock): readonly Action<undefined>[] {
  let process: "running" | "stopped" | "changing" = "running";

  /** Several calls at once must not stop or start the process twice. */
  async function change(
    from: "running" | "stopped",
    to: typeof from,
    work: () => Promise<void>,
  ): Promise<void> {
    if (process !== from) throw new ControlRefusal(409, "not_now", `the process is ${process}`);
    process = "changing";
    try {
      await work();
      process = to;
    } catch (error) {
      process = from;
      throw error;
    }
  }

  const pause = (waitMs: number): Promise<void> =>
    new Promise((resolve) => void clock.after(waitMs, resolve));

  return [
    serverAction(
      "restart",
      "The process dies, stays away for downMs and comes back: retries that waited are gone. What happened meanwhile is sent late, or only kept in the lists (missed).",
      { downMs: ms.default(0), missed },
      (simulated, { downMs, missed: fate }) =>
        change("running", "running", async () => {
          await simulated.stop();
          await pause(downMs);
          await simulated.start(fate);
        }),
    ),
    serverAction(
      "stop",
      "The process dies: its port is closed. WhatsApp keeps what happens.",
      {},
      (simulated) => change("running", "stopped", () => simulated.stop()),
    ),
    serverAction(
      "start",
      "It comes back at the same address.",
      { missed },
      (simulated, { missed: fate }) => change("stopped", "running", () => simulated.start(fate)),
    ),
  ];
}

interface FaultBody {
  readonly route?: string | undefined;
  readonly times?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly status?: number | undefined;
  readonly body?: unknown;
  readonly text?: string | undefined;
  readonly answer?: "hang" | "reset" | undefined;
}

function faultOf({ route, times, delayMs, answer, status, body, text }: FaultBody): Fault {
  const asText = text === undefined ? {} : { text, headers: { "Content-Type": "text/html" } };
  const reply = status === undefined ? undefined : { status, body, ...asText };
  const instead = answer ?? reply;
  return {
    ...(route === undefined ? {} : { routes: route }),
    ...(times === undefined ? {} : { times }),
    ...(delayMs === undefined ? {} : { delayMs }),
    ...(instead === undefined ? {} : { answer: instead }),
  };
}

function troubleActions(): readonly Action<undefined>[] {
  let faults: (() => void)[] = [];
  return [
    serverAction(
      "lose",
      "The next count events, of number or of any, go out by no channel, or not by webhook or socket. The lists have them.",
      {
        count: z.int().min(1).max(100_000).default(1),
        number: z.string().optional(),
        channel: z.enum(["webhook", "socket", "both"]).default("both"),
      },
      (simulated, { count, number, channel }) => simulated.lose(count, number, channel),
    ),
    serverAction(
      "fail",
      "Management calls go wrong: of route (as GET /_simulator/calls names it) or all, times of them or until heal. They come delayMs late, and answer with status and body (JSON) or text (HTML), or answer: hang, reset.",
      {
        route: z.string().optional(),
        times: z.int().min(1).max(1_000_000).optional(),
        delayMs: ms.optional(),
        status: z.int().min(200).max(599).optional(),
        body: z.unknown().optional(),
        text: z.string().max(1_000_000).optional(),
        answer: z.enum(["hang", "reset"]).optional(),
      },
      (simulated, body) => {
        if (faults.length >= 1_000)
          throw new ControlRefusal(409, "not_now", "1,000 faults are set: heal first");
        faults.push(simulated.fail(faultOf(body)));
      },
    ),
    serverAction("heal", "No management call goes wrong any more.", {}, () => {
      for (const lift of faults) lift();
      faults = [];
    }),
    serverAction(
      "latency",
      "Every answer of the server comes ms later.",
      { ms },
      (simulated, body) => simulated.setLatency(body.ms),
    ),
    serverAction(
      "key",
      "The server's key is another one from now on.",
      { key: z.string().regex(/^[\x21-\x7e]{1,256}$/, "1 to 256 visible ASCII characters") },
      (simulated, { key }) => simulated.setKey(key),
    ),
    serverAction(
      "network",
      "Whether the server reaches WhatsApp.",
      { reachable: z.boolean() },
      (simulated, { reachable }) => simulated.setNetwork(reachable),
    ),
  ];
}
