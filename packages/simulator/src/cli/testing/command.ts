import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Line, Ready } from "../output.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The command as a process of its own. */
export interface RunningCommand {
  readonly ready: Ready & { readonly control: string };
  /** Lines after the first, so far. */
  readonly lines: readonly Line[];
  /** Resolves with the first line that fits, when it is there. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  /** Sends the signal; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

function spawnCommand(args: readonly string[]) {
  const flags = ["--conditions=@recado/source", "--disable-warning=ExperimentalWarning"];
  return spawn(process.execPath, [...flags, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a command that ends by itself. */
export async function runToEnd(args: readonly string[]) {
  const child = spawnCommand(args);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** Starts one that goes on; resolves once it says that it is ready, rejects when it ends before. */
export async function startCommand(args: readonly string[]): Promise<RunningCommand> {
  const child = spawnCommand(args);
  const lines: Line[] = [];
  const waiting = new Set<(line: Line) => void>();
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const gone = once(child, "close");
  const ready = await new Promise<RunningCommand["ready"]>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Line | RunningCommand["ready"];
      if (line.type === "ready") return resolve(line);
      lines.push(line);
      for (const look of waiting) look(line);
    });
    void gone.then(() => reject(new Error(`the command ended: ${stderr}`)));
  });
  return {
    ready,
    lines,
    line(fits) {
      const there = lines.find(fits);
      if (there) return Promise.resolve(there);
      return new Promise((resolve) => {
        const look = (line: Line): void => {
          if (!fits(line)) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
      });
    },
    async stop(signal = "SIGINT") {
      child.kill(signal);
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}
