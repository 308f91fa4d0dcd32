/**
 * `npm run bench -- adopt [--rounds 3] [--latency 50] [--numbers 200] [--no-file]`
 *
 * How long it takes until every number of a provider server has our webhook, set and read back, and how
 * hard the server is called meanwhile. The servers are the simulator's, in a process of their own.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseCores, describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";
import { show, spread } from "../ingest/statistics.ts";
import { adoptOnce, type Round, type Setup } from "./round.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    latency: { type: "string", default: "50" },
    numbers: { type: "string", default: "200" },
    "no-file": { type: "boolean", default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const rounds = Number(values.rounds);
const numbers = Number(values.numbers);
const latencyMs = Number(values.latency);
const half = Math.ceil(numbers / 2);
const setups: readonly Setup[] = [
  {
    title: "one Evolution",
    servers: [{ provider: "evolution", numbers }],
    latencyMs,
    isHeld: false,
  },
  { title: "one WAHA", servers: [{ provider: "waha", numbers }], latencyMs, isHeld: false },
  {
    title: "half Evolution, half WAHA",
    servers: [
      { provider: "evolution", numbers: half },
      { provider: "waha", numbers: numbers - half },
    ],
    latencyMs,
    isHeld: false,
  },
  {
    title: "one WAHA that holds each change for 3 s, as the real one does",
    servers: [{ provider: "waha", numbers }],
    latencyMs,
    isHeld: true,
  },
];

const machine = describeMachine();
const chosen = chooseCores();
const core = typeof chosen === "string" ? undefined : chosen.server;
print(machine);
const results = new Map<Setup, Round[]>(setups.map((setup) => [setup, []]));
for (let round = 1; round <= rounds; round += 1) {
  for (const setup of setups) {
    const result = await adoptOnce(setup, core);
    results.get(setup)?.push(result);
    const { seconds, peakPerSecond, calls } = result;
    print(
      `round ${round} ${setup.title}: ${seconds.toFixed(1)} s, ${calls} calls, at most ${peakPerSecond} in a second`,
    );
  }
}

const columns = [
  ["seconds", (one: Round) => one.seconds, 1],
  ["most calls of a server in a second", (one: Round) => one.peakPerSecond, 0],
  ["calls", (one: Round) => one.calls, 0],
] as const;
const head = [`${numbers} numbers at`, ...columns.map(([title]) => title)];
const rows = [...results].map(([setup, all]) => [
  setup.title,
  ...columns.map(([, value, digits]) => show(spread(all.map(value)), digits)),
]);
const table = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`);
const medians = [...results]
  .filter(([{ isHeld }]) => !isHeld)
  .map(([, all]) => spread(all.map(({ seconds }) => seconds)).median);
const slowest = Math.max(...medians);

const text = `## adopt

\`npm run bench -- adopt\`, ${new Date().toISOString().slice(0, 10)}. ${machine}.
A fresh gateway adopts ${numbers} connected numbers of simulated servers that take ${latencyMs} ms for each answer: from the registration until every webhook is set, read back and compared. Median (lowest–highest) of ${rounds} interleaved rounds.

${table.join("\n")}

At most 25 calls to a server begin in a second, by choice (they arrive a little less evenly): that, not the gateway, is what adopting takes.`;
if (!values["no-file"]) {
  writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "adopt", text);
}
print("");
print(text);
print("");
print(`adopt ${numbers} instances ${slowest.toFixed(1)} s`);
