/**
 * `npm run bench -- fairness [--rounds 3] [--seconds 10] [--no-file]`
 *
 * What a tenant feels of another that sends fifty times as much: webhook to 2xx and webhook to socket,
 * alone and beside it, below what the server takes and far above.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseCores, describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";
import { show, spread } from "../ingest/statistics.ts";
import type { LoadReport, Percentiles } from "./load.ts";
import { runRound, type Round, type Scenario } from "./round.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "10" },
    "no-file": { type: "boolean", default: false },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const within: Scenario = {
  title: "20/s beside 1,000/s",
  quiet: 20,
  loud: 1_000,
  loudConnections: 64,
};
const beyond: Scenario = {
  title: "100/s beside 5,000/s, more than one core takes",
  quiet: 100,
  loud: 5_000,
  loudConnections: 64,
};
const scenarios = [within, beyond];

const machine = describeMachine();
const chosen = chooseCores();
const cores = typeof chosen === "string" ? undefined : chosen;
const placement =
  typeof chosen === "string"
    ? `not bound to cores: ${chosen}`
    : `server on core ${chosen.server}, generators on core ${chosen.generator}`;
print(machine);
print(placement);
const results = new Map<Scenario, Round[]>(scenarios.map((scenario) => [scenario, []]));
for (let round = 1; round <= rounds; round += 1) {
  for (const scenario of scenarios) {
    const result = await runRound(scenario, seconds * 1_000, cores);
    results.get(scenario)?.push(result);
    const p99 = ({ answer, socket }: LoadReport): string =>
      `${answer.p99.toFixed(2)} / ${socket.p99.toFixed(2)}`;
    print(
      `round ${round} ${scenario.title}: p99 to 2xx / to socket alone ${p99(result.alone)} ms, beside ${p99(result.beside)} ms; loud ${result.loud.perSecond.toFixed(0)}/s, ${result.loud.refusedPerSecond.toFixed(0)}/s refused, ${p99(result.loud)} ms`,
    );
  }
}

const measures: readonly (readonly [string, (one: LoadReport) => Percentiles])[] = [
  ["2xx", ({ answer }) => answer],
  ["socket", ({ socket }) => socket],
];
const parts = ["alone", "beside", "loud"] as const;
const partTitles = { alone: "quiet, alone", beside: "quiet, beside the loud one", loud: "loud" };

function row(scenario: Scenario, part: (typeof parts)[number]): readonly string[] {
  const all = (results.get(scenario) ?? []).map((round) => round[part]);
  return [
    partTitles[part],
    show(spread(all.map(({ perSecond }) => perSecond))),
    ...measures.flatMap(([, value]) =>
      (["p50", "p99"] as const).map((share) =>
        show(spread(all.map((one) => value(one)[share])), 2),
      ),
    ),
    show(spread(all.map(({ refusedPerSecond }) => refusedPerSecond))),
  ];
}

/** The worse of both measures: median p99 beside to median p99 alone. */
function ratioOf(scenario: Scenario): number {
  const all = results.get(scenario) ?? [];
  const ratios = measures.map(([, value]) => {
    const [alone, beside] = (["alone", "beside"] as const).map(
      (part) => spread(all.map((round) => value(round[part]).p99)).median,
    );
    return (beside ?? Number.NaN) / (alone ?? Number.NaN);
  });
  return Math.max(...ratios);
}

const head = [
  "tenant",
  "stored/s",
  ...measures.flatMap(([title]) => [`p50 to ${title} ms`, `p99 to ${title} ms`]),
  "refused/s",
];
const tables = scenarios.map((scenario) => {
  const rows = [head, head.map(() => "---"), ...parts.map((part) => row(scenario, part))];
  const lines = rows.map((cells) => `| ${cells.join(" | ")} |`);
  return `${scenario.title}: p99 ${ratioOf(scenario).toFixed(2)} times the quiet one.\n\n${lines.join("\n")}`;
});

const text = `## fairness

\`npm run bench -- fairness\`, ${new Date().toISOString().slice(0, 10)}. ${machine}; ${placement}.
Two tenants, the loud one with fifty times the webhooks of the quiet one; times run from the moment a webhook is due. Median (lowest–highest) of ${rounds} interleaved rounds of ${seconds} s, each on fresh servers.

${tables.join("\n\n")}`;
if (!values["no-file"]) {
  writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "fairness", text);
}
print("");
print(text);
print("");
print(`fairness ratio beyond saturation ${ratioOf(beyond).toFixed(2)}`);
print(`fairness ratio ${ratioOf(within).toFixed(2)}`);
