import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { giveToOwner } from "./files/give-to-owner.ts";
import { syncFolder } from "../data-directory.ts";
import { lockDirectory } from "../lock.ts";
import { StoreOpenError } from "../store-open-error.ts";

/** Where a restore gathers the new state, inside the data folder: moving within one disk is one step. */
export const stagingName = "restoring";
const journalName = "restore.json";

/** A name in the data folder, never a way out of it. */
const nameSchema = z
  .string()
  .regex(/^[^/\\\0]+$/)
  .refine((name) => name !== "." && name !== "..");

/**
 * What is left to do of a restore. While this file is there the new state counts, whatever has been moved
 * already; before it is there the old one does. So there is no moment at which neither is whole.
 */
const journalSchema = z.object({
  /** Names which backup it was, to somebody who runs the same restore again. */
  backup: z.string(),
  /** Folder for what was there before. */
  aside: nameSchema,
  moveAside: z.array(nameSchema),
  moveIn: z.array(nameSchema),
});

export type RestoreJournal = z.infer<typeof journalSchema>;

/** True between the moment at which a restore counts and the one at which everything is in its place. */
export function isRestorePending(dataDir: string): boolean {
  return existsSync(join(dataDir, journalName));
}

/** The moment at which the new state counts. What it moves in must be on disk. */
export function commitRestore(dataDir: string, journal: RestoreJournal): void {
  const draft = join(dataDir, `${journalName}.new`);
  // Made anew, never written through a link that somebody put there.
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, "wx", 0o600);
  try {
    writeFileSync(descriptor, JSON.stringify(journal));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, join(dataDir, journalName));
  syncFolder(dataDir);
}

/**
 * Completes a restore that counts, and removes what one that does not count left behind. Must be called
 * with the folder's lock held, before anything in it is read or created; doing it twice, or again after it
 * was interrupted anywhere, is the same as doing it once. Answers which restore was completed.
 */
export function finishRestore(
  dataDir: string,
  onMove: (name: string) => void = () => {},
): RestoreJournal | undefined {
  if (!isRestorePending(dataDir)) {
    rmSync(join(dataDir, `${journalName}.new`), { force: true });
    rmSync(join(dataDir, stagingName), { recursive: true, force: true });
    return undefined;
  }
  const journal = readJournal(dataDir);
  const aside = join(dataDir, journal.aside);
  const staging = join(dataDir, stagingName);
  for (const folder of [aside, staging]) requireNoLink(folder);
  if (journal.moveAside.length > 0 && mkdirSync(aside, { recursive: true, mode: 0o700 }))
    giveToOwner(aside, dataDir);
  syncFolder(dataDir);
  for (const name of journal.moveAside) {
    // Once it is aside, what has its name is the new one.
    if (isThere(join(aside, name)) || !isThere(join(dataDir, name))) continue;
    onMove(name);
    renameSync(join(dataDir, name), join(aside, name));
  }
  // On disk before anything new has a name of the old: a power cut must not turn the two around.
  if (journal.moveAside.length > 0) syncFolder(aside);
  syncFolder(dataDir);
  for (const name of journal.moveIn) {
    if (!isThere(join(staging, name))) continue;
    onMove(name);
    renameSync(join(staging, name), join(dataDir, name));
  }
  syncFolder(dataDir);
  onMove(journalName);
  rmSync(join(dataDir, journalName));
  syncFolder(dataDir);
  rmSync(staging, { recursive: true, force: true });
  return journal;
}

/**
 * Completes an interrupted restore where there is one, for whoever reads the folder before the store is
 * opened. Throws {@link StoreOpenError} while another process has the folder.
 */
export function finishInterruptedRestore(dataDir: string): void {
  if (!isRestorePending(dataDir)) return;
  const unlock = lockDirectory(join(dataDir, "recado.lock"), dataDir);
  try {
    finishRestore(dataDir);
  } finally {
    unlock();
  }
}

/** Nothing is moved through a link out of the data folder, or from elsewhere into it. */
function requireNoLink(folder: string): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new StoreOpenError(
    `${folder} is a link, but must be a folder of the data folder itself. Remove the link and run the restore again.`,
  );
}

/** Links count as what they are, wherever they lead. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function readJournal(dataDir: string): RestoreJournal {
  const path = join(dataDir, journalName);
  try {
    return journalSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    throw new StoreOpenError(
      `The file ${path}, which says what is left to do of a restore, is damaged. Move ${dataDir} away and restore the backup into an empty folder.`,
      { cause: error },
    );
  }
}
