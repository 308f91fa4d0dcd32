import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GeneratorMessage, GeneratorReport, GeneratorTask } from "./generator.ts";
import { bound, usageOf, type Cores } from "./machine.ts";
import { startServer, type Contestant } from "./server-process.ts";

export interface Plan {
  readonly tenants: number;
  readonly readersPerTenant: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface Result extends GeneratorReport {
  /** Microseconds of the server's CPU per event; NaN where the system does not tell. */
  readonly cpuPerEvent: number;
  /** Share of one core. */
  readonly serverCpu: number;
  readonly rssMb: number;
}

/** One server, fresh, under one load. Throws unless every event reached its readers exactly once. */
export async function run(
  name: Contestant,
  plan: Plan,
  cores: Cores | undefined,
  rate?: number,
): Promise<Result> {
  const server = await startServer(name, plan.tenants, cores?.server);
  try {
    const { measureMs } = plan;
    const task: GeneratorTask = {
      url: server.url,
      targets: server.targets,
      readersPerTenant: plan.readersPerTenant,
      connections: plan.connections,
      warmUpMs: plan.warmUpMs,
      measureMs,
      ...(rate === undefined ? {} : { rate }),
    };
    const before = { cpuSeconds: Number.NaN, at: 0 };
    let used = { cpuSeconds: Number.NaN, seconds: Number.NaN, rssMb: Number.NaN };
    const report = await generate(task, cores?.generator, (kind) => {
      const usage = usageOf(server.pid);
      if (!usage) return;
      if (kind === "begin") {
        Object.assign(before, { cpuSeconds: usage.cpuSeconds, at: performance.now() });
      } else {
        const seconds = (performance.now() - before.at) / 1_000;
        used = { cpuSeconds: usage.cpuSeconds - before.cpuSeconds, seconds, rssMb: usage.rssMb };
      }
    });
    mustBeComplete(name, report);
    return {
      ...report,
      cpuPerEvent: (used.cpuSeconds * 1e6) / report.answered,
      serverCpu: used.cpuSeconds / used.seconds,
      rssMb: used.rssMb,
    };
  } finally {
    await server.stop();
  }
}

function mustBeComplete(name: string, { ratio, duplicates, strays }: GeneratorReport): void {
  if (ratio === 1 && duplicates === 0 && strays === 0) return;
  throw new Error(`${name}: ${ratio} of the deliveries, ${duplicates} doubled, ${strays} astray`);
}

async function generate(
  task: GeneratorTask,
  core: number | undefined,
  mark: (kind: "begin" | "end") => void,
): Promise<GeneratorReport> {
  const [program = "", ...args] = bound(core, [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    fileURLToPath(new URL("./generator.ts", import.meta.url)),
  ]);
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let report: GeneratorReport | undefined;
  child.on("message", (message: GeneratorMessage) => {
    if (message.kind === "report") report = message;
    else mark(message.kind);
  });
  child.send(task);
  const [code] = (await once(child, "exit")) as [number | null];
  if (!report) throw new Error(`the generator ended with ${code} and no report`);
  return report;
}
