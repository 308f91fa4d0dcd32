import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { flagOf, processEnvironment, readConfig, settings } from "../config/index.ts";
import { createBackup, keysName, type BackupReport } from "../store/sqlite/backup/index.ts";
import { version } from "../version.ts";
import { keysOpen } from "./backup-keys.ts";
import { longOutput, megabytes, type LongOutput } from "./backup-output.ts";
import { untilInterrupted } from "./until-interrupted.ts";

interface BackupFlags {
  readonly dataDir?: string;
  readonly withoutKeys?: true;
  readonly keep?: number;
}

const afterHelp = `
The gateway may be running: nothing is stopped, and everything that was acknowledged before the backup
began is in it. <folder> is empty, new, or the one of earlier backups; every run makes a folder of its own
in it, named by the time, with the database, the generated keys, the media files and manifest.json. It has
that name only once it is complete, checked and on disk.

The keys in it open everything that is sealed in the database: keep backups where you keep passwords.

Examples:
  recado backup /mnt/backup/recado
  recado backup /mnt/backup/recado --keep 14 --data-dir /data

Exit codes: 0 made; 1 it could not be made; 2 wrong folder or option, nothing was done.`;

/** `--keep`: at least 1. */
function keepOf(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) {
    throw new InvalidArgumentError("It must be a whole number from 1 to 999999.");
  }
  return Number(value);
}

/** The option that names the data folder, for commands that need no other setting. */
export function dataDirOption(): Option {
  const { dataDir } = settings;
  return new Option(
    `${flagOf(dataDir)} <folder>`,
    `${dataDir.help} [${dataDir.name}] (default: ${dataDir.fallback})`,
  );
}

/** Adds `recado backup`. */
export function addBackup(program: Command): void {
  program
    .command("backup")
    .description("copy the data folder while the gateway runs")
    .argument("<folder>", "where backups are kept")
    .addOption(dataDirOption())
    .addOption(
      new Option(
        "--without-keys",
        "leave secrets.json out: without it the backup's sealed secrets cannot be opened",
      ),
    )
    .addOption(
      new Option(
        "--keep <number>",
        "afterwards remove the oldest backups in the folder until so many are left",
      ).argParser(keepOf),
    )
    .addHelpText("after", afterHelp)
    .action((folder: string, flags: BackupFlags) => backup(folder, flags));
}

async function backup(target: string, flags: BackupFlags): Promise<void> {
  const { dataDir } = readConfig(
    processEnvironment(),
    flags.dataDir === undefined ? {} : { dataDir: flags.dataDir },
  );
  yieldToOthers();
  const output = longOutput(process.stdout, () => systemClock.monotonic());
  const startedAt = systemClock.monotonic();
  const report = await untilInterrupted(output.progress, (onProgress) =>
    createBackup({
      dataDir,
      target,
      withKeys: flags.withoutKeys !== true,
      ...(flags.keep === undefined ? {} : { keep: flags.keep }),
      clock: systemClock,
      version,
      onProgress,
    }),
  );
  await tell(output, report, Math.round(systemClock.monotonic() - startedAt));
}

/** The gateway beside it comes first. */
function yieldToOthers(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // A sandbox may forbid it: then the rests between the steps have to do.
  }
}

async function tell(output: LongOutput, report: BackupReport, durationMs: number): Promise<void> {
  const { folder, manifest, damagedMedia } = report;
  const bytes = manifest.files.reduce((sum, file) => sum + file.size, 0);
  output.done(`${folder}: ${megabytes(bytes)}, complete and checked`, {
    backup: folder,
    bytes,
    files: manifest.files.length,
    linked: report.linked,
    removed: report.removed,
    keys: manifest.keys,
    durationMs,
  });
  if (damagedMedia.length > 0) {
    output.notice(
      `${damagedMedia.length} media files on this disk are damaged and were left out, the first is ${damagedMedia[0]}.`,
    );
  }
  if (await keysOpen(report.sealedCheck, undefined, join(folder, keysName))) return;
  output.notice(
    manifest.keys
      ? "The encryption key is not in this backup, since it is set as ENCRYPTION_KEY: keep it elsewhere. Without it sealed secrets cannot be opened."
      : "This backup has no keys: keep secrets.json (or ENCRYPTION_KEY) elsewhere. Without it sealed secrets cannot be opened.",
  );
}
