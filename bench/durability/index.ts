/**
 * `npm run bench -- durability [--kills 100] [--server-kills 20] [--images 60] [--seed 1] [--no-file]`
 *
 * What is lost, doubled or missing after kills and power cuts: the harness of `npm test` in full. Beside the
 * store stand two that must lose: the same store on a sync that does nothing, and SQLite with
 * `synchronous=NORMAL` that answers after COMMIT. Ends with 1 when ours loses anything, or they do not.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runServerKills } from "../../e2e/server-kills.ts";
import type { Findings } from "../../packages/gateway/src/store/sqlite/testing/durability/findings.ts";
import { runKillRounds } from "../../packages/gateway/src/store/sqlite/testing/durability/kill-rounds.ts";
import {
  runPowerCuts,
  type PoweredWork,
} from "../../packages/gateway/src/store/sqlite/testing/durability/power-cuts.ts";
import {
  controlWork,
  storeWork,
  unsyncedWork,
} from "../../packages/gateway/src/store/sqlite/testing/durability/powered-works.ts";
import { whyNoStrace } from "../../packages/gateway/src/store/sqlite/testing/durability/record-run.ts";
import { describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    "server-kills": { type: "string", default: "20" },
    images: { type: "string", default: "60" },
    seed: { type: "string" },
    "no-file": { type: "boolean", default: false },
  },
});

const kills = Number(values.kills);
const serverKills = Number(values["server-kills"]);
const images = Number(values.images);
const seed = Number(values.seed ?? Date.now() % 1_000_000);

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const parts: Part[] = [];

/** One line of the report. */
interface Part extends Findings {
  readonly title: string;
  readonly acknowledged: number;
  /** False for those that must lose, so that the simulation is seen to see loss. */
  readonly isOurs: boolean;
}

function printPart({ title, acknowledged, checked, lost, doubled, gaps, problems }: Part): void {
  print(
    `${title} (seed ${seed}): acknowledged ${acknowledged} checked ${checked} lost ${lost} doubled ${doubled} gaps ${gaps}`,
  );
  for (const problem of problems.slice(0, 3)) print(`  ${problem}`);
}

async function killedStore(parent: string): Promise<Part> {
  const directory = join(parent, "store");
  const found = await runKillRounds({ directory, kills, seed, checkEvery: 10, report: print });
  return { ...found, title: `store, ${kills} kills`, isOurs: true };
}

async function killedServer(parent: string): Promise<Part> {
  const dataDir = join(parent, "server");
  await mkdir(dataDir);
  const found = await runServerKills({ dataDir, kills: serverKills, seed, report: print });
  return {
    ...found,
    // What never reaches its endpoint is lost for who waits there.
    lost: found.lost + found.undelivered,
    title: `whole server with deliveries, ${serverKills} kills`,
    isOurs: true,
  };
}

const poweredWorks: readonly (readonly [string, PoweredWork, boolean])[] = [
  ["store", storeWork(3_000), true],
  ["the same store, its sync doing nothing (must lose)", unsyncedWork(3_000), false],
  ["SQLite synchronous=NORMAL, answered after COMMIT (must lose)", controlWork(3_000), false],
];

async function cutOff(
  parent: string,
  [name, work, isOurs]: (typeof poweredWorks)[number],
): Promise<Part> {
  const own = await mkdtemp(join(parent, "cut-"));
  const found = await runPowerCuts({ parent: own, work, images, seed });
  const title = `${name}, ${images} disks of ${found.writes} writes and ${found.syncs} syncs`;
  return { ...found, title, isOurs };
}

function table(parts: readonly Part[]): string {
  const head = ["part", "acknowledged", "looked up", "lost", "doubled", "gaps"];
  const rows = parts.map((part) => [
    part.title,
    part.acknowledged,
    part.checked,
    part.lost,
    part.doubled,
    part.gaps,
  ]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function finish(part: Part): void {
  parts.push(part);
  printPart(part);
}

const reason = whyNoStrace();
const machine = describeMachine();
print(machine);
print(`seed ${seed}`);
const parent = await mkdtemp(join(tmpdir(), "recado-durability-"));
try {
  if (reason !== undefined) print(`POWER CUTS ARE NOT MEASURED: ${reason}`);
  for (const one of reason === undefined ? poweredWorks : []) finish(await cutOff(parent, one));
  finish(await killedServer(parent));
  finish(await killedStore(parent));
} finally {
  await rm(parent, { recursive: true, force: true });
}

const ours = parts.filter(({ isOurs }) => isOurs);
const sum = (kind: "lost" | "doubled" | "gaps"): number =>
  ours.reduce((all, part) => all + part[kind], 0);
const blind = parts.filter(({ isOurs, lost }) => !isOurs && lost === 0);
for (const { title } of blind) print(`THE SIMULATION SEES NOTHING: ${title} lost nothing`);

const text = `## durability

\`npm run bench -- durability\`, ${new Date().toISOString().slice(0, 10)}, seed ${seed}. ${machine}.
Kills are SIGKILL at random moments of appending, copies, expiring, deleting tenants, planning and recording deliveries, over one growing folder; afterwards everything that was acknowledged is looked up through the store. Power cuts are disks built from a recorded run's writes and syncs: what was synced is kept; what was not is dropped, dropped or torn by chance, or kept, names of files included. Each disk is opened by the real store, compared with what had been acknowledged before the cut, and read by \`integrity_check\`.

${table(parts)}

${reason === undefined ? "The two that must lose do, so the simulation sees loss." : `Power cuts were not measured: ${reason}.`}`;
if (!values["no-file"]) {
  writeSection(fileURLToPath(new URL("../RESULTS.md", import.meta.url)), "durability", text);
}
print("");
print(`lost ${sum("lost")} doubled ${sum("doubled")}`);
const isWell = sum("lost") + sum("doubled") + sum("gaps") === 0 && blind.length === 0;
process.exitCode = isWell && reason === undefined ? 0 : 1;
