import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { bound, type Cores } from "../ingest/machine.ts";
import { startServer } from "../ingest/server-process.ts";
import type { LoadReport, LoadTask } from "./load.ts";

export interface Scenario {
  readonly title: string;
  /** Webhooks per second of the quiet tenant. */
  readonly quiet: number;
  /** Of the loud one. */
  readonly loud: number;
  readonly loudConnections: number;
}

export interface Round {
  readonly alone: LoadReport;
  readonly beside: LoadReport;
  readonly loud: LoadReport;
}

/** The quiet tenant alone, then beside the loud one, each time on a fresh server. */
export async function runRound(
  scenario: Scenario,
  measureMs: number,
  cores: Cores | undefined,
): Promise<Round> {
  const [alone] = await onServer(scenario, measureMs, cores, false);
  const [beside, loud] = await onServer(scenario, measureMs, cores, true);
  if (!alone || !beside || !loud) throw new Error("every load reports");
  return { alone, beside, loud };
}

async function onServer(
  { quiet, loud, loudConnections }: Scenario,
  measureMs: number,
  cores: Cores | undefined,
  withLoud: boolean,
): Promise<readonly LoadReport[]> {
  const server = await startServer("recado", 2, cores?.server);
  try {
    const [quietTarget, loudTarget] = server.targets;
    if (!quietTarget || !loudTarget) throw new Error("there are two tenants");
    const common = { url: server.url, measureMs, warmUpMs: 2_000 };
    const loads = [
      generate({ ...common, target: quietTarget, rate: quiet, connections: 8 }, cores),
    ];
    if (withLoud) {
      const task = { ...common, target: loudTarget, rate: loud, connections: loudConnections };
      loads.push(generate(task, cores));
    }
    return await Promise.all(loads);
  } finally {
    await server.stop();
  }
}

async function generate(task: LoadTask, cores: Cores | undefined): Promise<LoadReport> {
  const [program = "", ...args] = bound(cores?.generator, [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL("./load.ts", import.meta.url)),
  ]);
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let report: LoadReport | undefined;
  child.on("message", (message: LoadReport) => {
    report = message;
  });
  child.send(task);
  const [code] = (await once(child, "exit")) as [number | null];
  if (!report) throw new Error(`a load ended with ${code} and no report`);
  return report;
}
