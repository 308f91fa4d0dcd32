import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DiskModel, type CutMode } from "./disk-model.ts";
import { FindingsCount, type Findings } from "./findings.ts";
import { recordRun } from "./record-run.ts";
import { seededRandom } from "./seeded-random.ts";

/** What is cut off from power: a process, and how to see what a disk has left of what it said. */
export interface PoweredWork {
  readonly script: URL;
  readonly parameters: readonly string[];
  /** Compares a folder with everything that the process had said. */
  check(directory: string, said: string): Promise<Findings>;
}

export interface PowerCuts {
  /** An empty folder for the recording and the disks. */
  readonly parent: string;
  readonly work: PoweredWork;
  readonly images: number;
  readonly seed: number;
}

export interface CutFindings extends Findings {
  readonly images: number;
  /** Lines that the recorded process said. */
  readonly acknowledged: number;
  /** Syncs of files and folders that returned during the recording. */
  readonly syncs: number;
  readonly writes: number;
}

function modeOf(chance: number): CutMode {
  if (chance < 0.35) return "drop";
  return chance < 0.8 ? "some" : "keep";
}

/**
 * Records one run, and builds disks as a power cut could leave them: at random moments of the run; what
 * was synced is kept, what was not is dropped, dropped or torn by chance, or kept.
 */
export async function runPowerCuts(options: PowerCuts): Promise<CutFindings> {
  const { parent, work, images, seed } = options;
  const random = seededRandom(seed);
  const operations = await recordRun(parent, work.script, work.parameters);
  const cuts = Array.from({ length: images }, () => Math.floor(random() * operations.length) + 1);
  cuts.sort((left, right) => left - right);
  const disk = new DiskModel();
  const found = new FindingsCount();
  let done = 0;
  for (const [image, cut] of cuts.entries()) {
    for (; done < cut; done += 1) {
      const operation = operations[done];
      if (operation) disk.apply(operation);
    }
    const directory = join(parent, `disk-${image}`);
    await mkdir(directory);
    const files = disk.afterCut(modeOf(random()), random);
    for (const [name, bytes] of files) await writeFile(join(directory, name), bytes);
    found.include(await work.check(directory, disk.said));
    await rm(directory, { recursive: true });
  }
  const { checked, lost, doubled, gaps, problems } = found;
  const count = (kind: string): number => operations.filter((one) => one.kind === kind).length;
  return {
    checked,
    lost,
    doubled,
    gaps,
    problems,
    images,
    acknowledged: count("said"),
    syncs: count("syncEnds"),
    writes: count("write"),
  };
}
