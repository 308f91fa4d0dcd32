import { startScript } from "../run-script.ts";
import { checkLedger } from "./check-ledger.ts";
import { FindingsCount, type Findings } from "./findings.ts";
import { Ledger } from "./ledger.ts";
import { seededRandom } from "./seeded-random.ts";

export interface KillRounds {
  /** Grows over all of the kills. */
  readonly directory: string;
  readonly kills: number;
  readonly seed: number;
  /** The whole folder is compared after so many kills, and at the end. */
  readonly checkEvery: number;
  readonly report?: (line: string) => void;
}

export interface KillFindings extends Findings {
  readonly acknowledged: number;
  /** Events of all tenants that stayed. */
  readonly events: number;
}

const work = new URL("./work.ts", import.meta.url);

/** One kill in eight falls into opening, which is when what the last kill left is made whole. */
const shareWhileOpening = 1 / 8;

/** Lets a process work and kills it: while it opens, or after some acknowledgements and a little more. */
async function workAndKill(
  directory: string,
  run: number,
  ledger: Ledger,
  random: () => number,
): Promise<void> {
  const child = startScript(work, [directory, String(run)]);
  const gone = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.once("error", reject).once("close", (_code, signal) => resolve(signal));
  });
  const kill = (): boolean => child.kill("SIGKILL");
  const count = Math.floor(random() * 1_500);
  const moments = Math.floor(random() * 60);
  const isWhileOpening = random() < shareWhileOpening;
  const openingMs = random() * 50;
  const enough = ledger.acknowledged + count;
  let isDying = isWhileOpening;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ledger.read(text);
    // The first line comes before the store is opened.
    if (isWhileOpening) setTimeout(kill, openingMs);
    if (isDying || ledger.acknowledged < enough) return;
    isDying = true;
    let left = moments;
    const wait = (): void => {
      left -= 1;
      if (left < 0) kill();
      else setImmediate(wait);
    };
    wait();
  });
  const signal = await gone;
  if (signal !== "SIGKILL") throw new Error(`run ${run} ended by itself`);
  ledger.end();
}

/** SIGKILL at random moments of everything that a store does, over one growing folder. */
export async function runKillRounds(options: KillRounds): Promise<KillFindings> {
  const { directory, kills, seed, checkEvery, report } = options;
  const random = seededRandom(seed);
  const ledger = new Ledger();
  let found = new FindingsCount();
  for (let run = 1; run <= kills; run += 1) {
    await workAndKill(directory, run, ledger, random);
    if (run % checkEvery !== 0 && run !== kills) continue;
    // Each comparison is of everything since the beginning: the last one says it all, the others when.
    const now = new FindingsCount();
    now.include(await checkLedger(directory, ledger));
    if (now.lost + now.doubled + now.gaps > 0 || run === kills) found = now;
    report?.(
      `kill ${run}: acknowledged ${ledger.acknowledged} lost ${now.lost} doubled ${now.doubled} gaps ${now.gaps}`,
    );
    if (now.lost + now.doubled + now.gaps > 0) break;
  }
  let events = 0;
  for (const list of ledger.events.values()) events += list.length;
  const { checked, lost, doubled, gaps, problems } = found;
  return { checked, lost, doubled, gaps, problems, acknowledged: ledger.acknowledged, events };
}
