/**
 * `npm run bench -- fuzz [--requests 200000] [--seed <number>] [--connections 16] [--no-file]`
 *
 * Sends generated and mutated webhooks of both providers to a server process, and checks what the door
 * promises: a documented answer to each, nothing harmed, everything accepted in the log, memory flat.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runFuzz } from "../../e2e/fuzz/run-fuzz.ts";
import { describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "200000" },
    seed: { type: "string" },
    connections: { type: "string", default: "16" },
    "no-file": { type: "boolean", default: false },
  },
});

/**
 * What the heap may hold more at the end than after the first fifth, after a garbage collection each. The
 * numbers of every request kept would be tens of megabytes; what may grow is bounded: the newest events,
 * remembered instances, people and addresses.
 */
const maxHeapGrowthMb = 24;
/** The same of the resident memory, which also holds the database's cache and what the allocator keeps. */
const maxRssGrowthMb = 96;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const requests = Number(values.requests);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
print(`seed ${seed}`);
const report = await runFuzz({
  seed,
  requests,
  connections: Number(values.connections),
  warmUp: Math.floor(requests / 5),
  block: Math.min(5_000, Math.ceil(requests / 10)),
  progress: print,
});

const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(0);
const [warm, end] = report.samples;
const heapGrowthMb = (end.heapUsed - warm.heapUsed) / 1_048_576;
const rssGrowthMb = (end.rss - warm.rss) / 1_048_576;
const problems = [
  ...report.problems,
  ...(heapGrowthMb > maxHeapGrowthMb ? [`the heap grew by ${heapGrowthMb.toFixed(0)} MB`] : []),
  ...(rssGrowthMb > maxRssGrowthMb ? [`memory grew by ${rssGrowthMb.toFixed(0)} MB`] : []),
];
const refusals = [...report.refused]
  .toSorted(([, a], [, b]) => b - a)
  .map(([code, count]) => `${code} ${count}`)
  .join(", ");

const text = `## fuzz

\`npm run bench -- fuzz --seed ${seed}${requests === 200_000 ? "" : ` --requests ${requests}`}\`, ${new Date().toISOString().slice(0, 10)}. ${describeMachine()}.
Generated JSON and mutations of every fixture of both providers, as webhooks over ${values.connections} connections to every address of the door, some with wrong framing, some twice.

| requests | accepted | refused, with a documented answer | closed without one (wrong framing) | events | copies | noise not stored | slowest ms | problems |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| ${report.requests} | ${report.accepted} | ${[...report.refused.values()].reduce((sum, count) => sum + count, 0)} | ${report.closed} | ${report.events} | ${report.duplicates} | ${report.notStored} | ${report.slowestMs.toFixed(0)} | ${problems.length} |

Refusals by code: ${refusals}.
Memory after the first fifth and at the end, garbage collected: heap ${mb(warm.heapUsed)} and ${mb(end.heapUsed)} MB (bound: +${maxHeapGrowthMb}), resident ${mb(warm.rss)} and ${mb(end.rss)} MB (bound: +${maxRssGrowthMb}). Built-in objects of the server changed: ${end.changed.length}.`;

if (!values["no-file"])
  writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "fuzz", text);
print(`\n${text}\n`);
for (const problem of problems) print(`problem: ${problem}`);
print(`fuzz ${report.requests} requests ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
