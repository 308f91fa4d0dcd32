import { join } from "node:path";
import { Option, type Command } from "commander";
import { systemClock } from "../base/clock.ts";
import { systemIds } from "../base/ids.ts";
import { processEnvironment, readConfig, type Config } from "../config/index.ts";
import {
  keysName,
  restoreBackup,
  verifyBackup,
  type RestoreReport,
} from "../store/sqlite/backup/index.ts";
import { dataDirOption } from "./backup.ts";
import { keysOpen } from "./backup-keys.ts";
import { longOutput, type LongOutput } from "./backup-output.ts";
import { untilInterrupted } from "./until-interrupted.ts";

interface RestoreFlags {
  readonly dataDir?: string;
  readonly replace?: true;
  readonly check?: true;
}

const afterHelp = `
Stop the gateway first. <folder> is a backup, or a folder of backups: then the newest complete one is taken.
Every file is compared with the manifest before anything counts; interrupted at whatever moment, the data
folder is the old one or the new one.

The restored log begins a new epoch: cursors of before are refused with cursor_invalid, so that no reader
skips or repeats events unknowingly.

Examples:
  recado restore /mnt/backup/recado --check
  recado restore /mnt/backup/recado --replace --data-dir /data
  recado restore /mnt/backup/recado/20260102T030405Z --data-dir /srv/recado

Exit codes: 0 restored, or with --check it could be; 1 it could not be; 2 wrong folder or option, nothing was done.`;

/** Adds `recado restore`. */
export function addRestore(program: Command): void {
  program
    .command("restore")
    .description("put a backup into the data folder")
    .argument("<folder>", "a backup, or the folder where backups are kept")
    .addOption(dataDirOption())
    .addOption(
      new Option(
        "--replace",
        "move what is in the data folder aside, into before-restore-<time> within it",
      ),
    )
    .addOption(
      new Option(
        "--check",
        "only look whether the backup could be restored; changes nothing",
      ).conflicts("replace"),
    )
    .addHelpText("after", afterHelp)
    .action((folder: string, flags: RestoreFlags) => restore(folder, flags));
}

async function restore(from: string, flags: RestoreFlags): Promise<void> {
  const config = readConfig(
    processEnvironment(),
    flags.dataDir === undefined ? {} : { dataDir: flags.dataDir },
  );
  const output = longOutput(process.stdout, () => systemClock.monotonic());
  if (flags.check) await check(from, config, output);
  else await putBack(from, config, flags.replace === true, output);
}

async function check(from: string, config: Config, output: LongOutput): Promise<void> {
  const { folder, manifest, facts } = await untilInterrupted(output.progress, (onProgress) =>
    verifyBackup(from, onProgress),
  );
  const given = manifest.keys ? undefined : config.encryptionKey;
  const opens = await keysOpen(facts.sealedCheck, given, join(folder, keysName));
  output.done(`${folder}: whole, made ${manifest.createdAt} by Recado ${manifest.version}`, {
    backup: folder,
    createdAt: manifest.createdAt,
    version: manifest.version,
    tenants: manifest.tenants,
    opens,
  });
  if (!opens) {
    output.notice(
      "The key of this backup's sealed secrets is not in it: you need the secrets.json or ENCRYPTION_KEY of its time.",
    );
  }
}

async function putBack(
  from: string,
  config: Config,
  replace: boolean,
  output: LongOutput,
): Promise<void> {
  const report = await untilInterrupted(output.progress, (onProgress) =>
    restoreBackup({
      from,
      dataDir: config.dataDir,
      replace,
      clock: systemClock,
      newEpoch: () => systemIds.token(9),
      onProgress,
    }),
  );
  await tell(report, config, output);
}

async function tell(report: RestoreReport, config: Config, output: LongOutput): Promise<void> {
  const { backup, dataDir, aside, completedOnly } = report;
  const what = completedOnly ? "completed the interrupted restore of" : "restored";
  output.done(`${what} ${backup.folder} into ${dataDir}; start the gateway now`, {
    backup: backup.folder,
    createdAt: backup.manifest.createdAt,
    dataDir,
    ...(aside === undefined ? {} : { aside }),
    completedOnly,
  });
  if (aside !== undefined) {
    output.notice(
      `What was there before is in ${aside}. It is a whole data folder: delete it when you need it no longer.`,
    );
  }
  if (await keysOpen(report.sealedCheck, config.encryptionKey, join(dataDir, keysName))) return;
  output.notice(
    "The encryption key here is not that of the backup: the gateway refuses to start until secrets.json or ENCRYPTION_KEY is the one of its time.",
  );
}
