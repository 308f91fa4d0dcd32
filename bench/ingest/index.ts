/**
 * `npm run bench -- ingest [--rounds 3] [--seconds 3] [--rate 500] [--no-file]`
 *
 * Webhook in, fsync, socket out: Recado beside the two servers people write themselves, each on one
 * core, with the load on another. Closed loop first (how many), then a fixed rate (how fast).
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseCores, describeMachine } from "./machine.ts";
import { median, table, writeSection, type Results } from "./report.ts";
import { run, type Plan, type Result } from "./run.ts";
import { contestants, type Contestant } from "./server-process.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    rate: { type: "string", default: "500" },
    "no-file": { type: "boolean", default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const rounds = Number(values.rounds);
const plan: Plan = {
  tenants: 20,
  readersPerTenant: 10,
  connections: 64,
  warmUpMs: 1_500,
  measureMs: Number(values.seconds) * 1_000,
};
const rate = Number(values.rate);
const chosen = chooseCores();
const machine = describeMachine();
const cores = typeof chosen === "string" ? undefined : chosen;
const placement =
  typeof chosen === "string"
    ? `not bound to cores: ${chosen}`
    : `server on core ${chosen.server}, generator on core ${chosen.generator}`;

/** Rounds are interleaved (A B C A B C), so that a busy moment of the machine meets every server. */
async function interleaved(names: readonly Contestant[], perSecond?: number): Promise<Results> {
  const results = new Map<Contestant, Result[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const name of names) {
      const result = await run(name, plan, cores, perSecond);
      results.get(name)?.push(result);
      const [speed, p50, p99] = [result.perSecond.toFixed(0), result.p50, result.p99];
      print(`round ${round} ${name}: ${speed}/s p50 ${p50.toFixed(2)} p99 ${p99.toFixed(2)} ms`);
    }
  }
  return results;
}

print(machine);
print(placement);
print(`closed loop, ${plan.connections} connections, ${rounds} rounds of ${values.seconds} s`);
const closed = await interleaved(contestants);
print(`fixed rate, ${rate} webhooks/s`);
const open = await interleaved(["recado", "express-memory"], rate);

const perSecond = (one: Result): number => one.perSecond;
const toMemory = median(closed, "recado", perSecond) / median(closed, "express-memory", perSecond);
const toSqlite = median(closed, "recado", perSecond) / median(closed, "express-sqlite", perSecond);
const text = `## ingest

\`npm run bench -- ingest\`, ${new Date().toISOString().slice(0, 10)}. ${machine}; ${placement}.
1.5 KB webhooks of ${plan.tenants} tenants; ${plan.tenants * plan.readersPerTenant} stock Socket.IO clients over WebSocket, each event to ${plan.readersPerTenant} of them and checked there.
p50 and p99 are from the moment a webhook is due until a socket has it. Median (lowest–highest) of ${rounds} interleaved rounds of ${values.seconds} s.

Closed loop over ${plan.connections} keep-alive connections:

${table(closed)}

Fixed rate of ${rate} webhooks/s:

${table(open)}

Recado to (a): ${toMemory.toFixed(2)}. Recado to (b): ${toSqlite.toFixed(2)}. Events are fsynced before the 200 in Recado and (b), never in (a).`;
if (!values["no-file"]) {
  writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "ingest", text);
}
print("");
print(text);
print("");
print(`ingest ratio to sqlite peer ${toSqlite.toFixed(2)}`);
print(`ingest ratio ${toMemory.toFixed(2)}`);
