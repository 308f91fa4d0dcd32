import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bound, usageOf } from "../ingest/machine.ts";
import { adminKey } from "../ingest/server-process.ts";

/** Delays of the event loop since the last question, milliseconds; by the clock and by the thread's CPU. */
export interface LoopDelay {
  readonly p99: number;
  readonly max: number;
  readonly cpuP99: number;
  readonly cpuMax: number;
}

export interface SearchServer {
  readonly url: string;
  loopDelay(): Promise<LoopDelay>;
  rssMb(): number;
  stop(): Promise<void>;
}

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** The gateway as `npm start` runs it, on a folder that is filled. */
export async function startSearchServer(
  directory: string,
  core: number | undefined,
): Promise<SearchServer> {
  const [program = "", ...args] = bound(core, [
    process.execPath,
    "--conditions=@recado/source",
    "--disable-warning=ExperimentalWarning",
    "--max-semi-space-size=16",
    `--import=${file("./loop-probe.mjs")}`,
    file("../../packages/gateway/src/cli/main.ts"),
    "serve",
  ]);
  const child = spawn(program, args, {
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      PORT: "0",
      DATA_DIR: directory,
      ADMIN_KEY: adminKey,
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const { stdout, stderr, pid } = child;
  if (!stdout || !stderr || pid === undefined)
    throw new Error("the server has an output and an id");
  let errors = "";
  stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4_000)));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const { msg, url: at } = JSON.parse(line) as { readonly msg?: string; readonly url?: string };
      if (msg === "ready" && at !== undefined) resolve(at);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  return {
    url,
    async loopDelay() {
      child.send("tell");
      const [delay] = (await once(child, "message")) as [LoopDelay];
      return delay;
    },
    rssMb: () => usageOf(pid)?.rssMb ?? Number.NaN,
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}
