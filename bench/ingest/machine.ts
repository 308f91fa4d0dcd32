import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** Cores of the server and of the generator; undefined where processes cannot be bound to one. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/** The first two cores, or the reason why there is no such choice. */
export function chooseCores(): Cores | string {
  if (cpus().length < 2) return "there is one core: server and generator share it";
  if (spawnSync("taskset", ["-c", "0", "true"]).status !== 0) {
    return "there is no taskset here: server and generator run where the system puts them";
  }
  return { server: 0, generator: 1 };
}

/** A command line, bound to a core when there is one to choose. */
export function bound(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ["taskset", "-c", String(core), ...command];
}

export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown processor"}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, SQLite ${process.versions["sqlite"] ?? "?"}`;
}

/** What a process has used, where the system tells (Linux). */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** Ticks per second of /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export function usageOf(pid: number): Usage | undefined {
  try {
    // The second field is the command in parentheses and may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      rssMb: Number(rss) / 1_024,
    };
  } catch {
    return undefined;
  }
}
