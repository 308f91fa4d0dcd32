/**
 * `npm run bench -- search [--events 1000000] [--seconds 20] [--no-file]`
 *
 * A log of a million events, half of them a day old and compressed: what they take on the disk, how fast
 * filters answer while a thousand webhooks a second arrive, and the memory when as many come as are taken.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bound, chooseCores, describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";
import { percentile } from "../ingest/statistics.ts";
import { createTenants, fill, openForFilling, type FillPlan } from "./fill.ts";
import { questionKinds, type LoadReport, type LoadTask } from "./load.ts";
import { startSearchServer, type LoopDelay } from "./server.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    seconds: { type: "string", default: "20" },
    "no-file": { type: "boolean", default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const hour = 3_600_000;
const events = Number(values.events);
const measureMs = Number(values.seconds) * 1_000;
const tenants = 20;
const rate = 1_000;
const now = Date.now();
const shape = { events: events / 2, tenants, peoplePerTenant: Math.min(500, events / 2_000) };
const old: FillPlan = { ...shape, first: 0, from: now - 72 * hour, until: now - 25 * hour };
const young: FillPlan = { ...shape, first: events / 2, from: now - 23 * hour, until: now };

const chosen = chooseCores();
const cores = typeof chosen === "string" ? undefined : chosen;
const placement =
  typeof chosen === "string"
    ? `not bound to cores: ${chosen}`
    : `server on core ${chosen.server}, load on core ${chosen.generator}`;
const machine = describeMachine();
print(machine);
print(placement);

async function loadWith(task: LoadTask): Promise<LoadReport> {
  const [program = "", ...args] = bound(cores?.generator, [
    process.execPath,
    "--conditions=@recado/source",
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
  if (!report) throw new Error(`the load ended with ${code} and no report`);
  return report;
}

interface Room {
  readonly hot: number;
  readonly cold: number;
  readonly bodyBytes: number;
  readonly fillPerSecond: number;
  readonly compressPerSecond: number;
  readonly fileMb: number;
  readonly tokens: readonly string[];
}

/** Fills the log and compresses its older half. Bytes of the file per event, each time. */
async function prepare(directory: string): Promise<Room> {
  const path = join(directory, "recado.db");
  const bytes = async (): Promise<number> => (await stat(path)).size;
  let store = await openForFilling(directory);
  const tokens = await createTenants(store, tenants);
  const first = await fill(store, old);
  await store.close();
  const hot = await bytes();
  print(`${old.events} events in ${first.seconds.toFixed(0)} s, ${(hot / 1e6).toFixed(0)} MB`);
  store = await openForFilling(directory);
  const begun = performance.now();
  while (await store.log.compact(now - 24 * hour));
  const compressSeconds = (performance.now() - begun) / 1_000;
  await store.close();
  const cold = await bytes();
  print(`compressed in ${compressSeconds.toFixed(0)} s, ${(cold / 1e6).toFixed(0)} MB`);
  store = await openForFilling(directory);
  const second = await fill(store, young);
  await store.close();
  print(`${young.events} more in ${second.seconds.toFixed(0)} s`);
  return {
    hot: hot / first.bodyBytes,
    cold: cold / first.bodyBytes,
    bodyBytes: first.bodyBytes / old.events,
    fillPerSecond: events / (first.seconds + second.seconds),
    compressPerSecond: old.events / compressSeconds,
    fileMb: (await bytes()) / 1e6,
    tokens,
  };
}

interface Measured {
  readonly report: LoadReport;
  readonly loop: LoopDelay;
  readonly searchRss: number;
  readonly flood: LoadReport;
  readonly saturatedRss: number;
}

async function measure(directory: string, tokens: readonly string[]): Promise<Measured> {
  const server = await startSearchServer(directory, cores?.server);
  try {
    const common = { url: server.url, tokens };
    const quiet = { ...common, connections: 32, plans: [old, young], questions: 25, rate };
    await loadWith({ ...quiet, measureMs: 3_000, first: events });
    await server.loopDelay();
    const report = await loadWith({ ...quiet, measureMs, first: events + 1e6 });
    const loop = await server.loopDelay();
    const searchRss = server.rssMb();
    let saturatedRss = 0;
    const watch = setInterval(() => (saturatedRss = Math.max(saturatedRss, server.rssMb())), 100);
    const most = { ...common, connections: 64, plans: [], questions: 0, measureMs: 8_000 };
    const flood = await loadWith({ ...most, first: events + 2e6 });
    clearInterval(watch);
    return { report, loop, searchRss, flood, saturatedRss };
  } finally {
    await server.stop();
  }
}

const directory = await mkdtemp(join(tmpdir(), "recado-bench-"));
try {
  const room = await prepare(directory);
  const { report, loop, searchRss, flood, saturatedRss } = await measure(directory, room.tokens);
  const of = (kind: (typeof questionKinds)[number]): readonly number[] =>
    report.answers[kind].toSorted((a, b) => a - b);
  const all = questionKinds.flatMap(of).toSorted((a, b) => a - b);
  const row = (title: string, ascending: readonly number[]): string => {
    const shares = [0.5, 0.95, 0.99].map((share) => percentile(ascending, share).toFixed(1));
    return `| ${title} | ${ascending.length} | ${shares.join(" | ")} |`;
  };
  const p95 = percentile(all, 0.95);
  const text = `## search

\`npm run bench -- search\`, ${new Date().toISOString().slice(0, 10)}. ${machine}; ${placement}.
${events} events of ${tenants} tenants, ${shape.peoplePerTenant} people each; webhooks of ${room.bodyBytes.toFixed(0)} bytes with words and secrets of their own, through the real normaliser and store. The older half is compressed. Questions are of \`GET /api/v1/events\` with 50 events a page, over HTTP, about old and young events in turns; each answer is checked. Meanwhile ${report.perSecond.toFixed(0)} webhooks a second are stored.

| filter | questions | p50 ms | p95 ms | p99 ms |
| --- | --- | --- | --- | --- |
${questionKinds.map((kind) => row(kind, of(kind))).join("\n")}
| all | ${row("", all).slice(5)}

| | measured | goal |
| --- | --- | --- |
| disk per event, hot, with all indexes, of the body | ${room.hot.toFixed(2)} | 1.6 |
| disk per event, cold, with all indexes, of the body | ${room.cold.toFixed(2)} | 0.6 |
| p99 of the event loop's delay while searching, ms | ${loop.p99.toFixed(1)} | 20 |
| the same by the thread's own CPU, ms (longest ${loop.cpuMax.toFixed(1)}) | ${loop.cpuP99.toFixed(1)} | |
| RSS while searching, MB | ${searchRss.toFixed(0)} | |
| RSS at saturation (${flood.perSecond.toFixed(0)} webhooks/s), MB | ${saturatedRss.toFixed(0)} | 250 |
| filling the log, events/s | ${room.fillPerSecond.toFixed(0)} | |
| compressing, events/s | ${room.compressPerSecond.toFixed(0)} | |
| the file, MB | ${room.fileMb.toFixed(0)} | |`;
  if (!values["no-file"])
    writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "search", text);
  print("");
  print(text);
  print("");
  print(`search p95 ${p95.toFixed(1)} loop ${loop.p99.toFixed(1)}`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
