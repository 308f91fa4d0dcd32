import type { BackupProgress } from "../store/sqlite/backup/index.ts";

/** Where a long command writes to. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What a long command tells while it works and at its end. */
export interface LongOutput {
  progress(progress: BackupProgress): void;
  /** The end: words for a person, facts for a program. */
  done(sentence: string, facts: Readonly<Record<string, unknown>>): void;
  /** Something that the reader should know or do. */
  notice(sentence: string): void;
}

const words: Readonly<Record<BackupProgress["step"], string>> = {
  database: "copying the database",
  integrity: "checking every page of the database",
  keys: "copying the keys",
  media: "copying media files",
  verify: "comparing files with the manifest",
  stage: "copying and comparing files",
  publish: "giving the backup its name",
  commit: "the new state counts from here on",
  move: "moving everything to its place",
  remove: "removing the oldest backups",
};

/** Shortest time between two lines of the same step, in milliseconds. */
const everyMs = { terminal: 100, lines: 2_000 } as const;

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
}

function sizeText({ done, total }: BackupProgress): string {
  if (done === undefined) return "";
  if (total === undefined) return ` ${megabytes(done)}`;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return ` ${percent} % of ${megabytes(total)}`;
}

/**
 * One line that changes for a person at a terminal, JSON lines for everything else. `now` is a clock in
 * milliseconds that only grows.
 */
export function longOutput(stdout: Terminal, now: () => number): LongOutput {
  const isTerminal = stdout.isTTY === true;
  let last: { readonly step: string; readonly at: number } | undefined;
  const isDue = ({ step }: BackupProgress): boolean => {
    const at = now();
    const pauseMs = isTerminal ? everyMs.terminal : everyMs.lines;
    if (last?.step === step && at - last.at < pauseMs) return false;
    last = { step, at };
    return true;
  };
  const line = (text: string): void => {
    // Over what is left of the line that changes.
    stdout.write(isTerminal ? `\r\u001B[K${text}\n` : `${text}\n`);
  };
  return {
    progress(progress) {
      if (!isDue(progress)) return;
      if (isTerminal) stdout.write(`\r\u001B[K${words[progress.step]}${sizeText(progress)}`);
      else line(JSON.stringify(progress));
    },
    done: (sentence, facts) =>
      line(isTerminal ? sentence : JSON.stringify({ step: "done", ...facts })),
    notice: (sentence) =>
      line(isTerminal ? `Note: ${sentence}` : JSON.stringify({ notice: sentence })),
  };
}

export { megabytes };
