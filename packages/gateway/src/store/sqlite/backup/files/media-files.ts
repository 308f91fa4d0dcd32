import { mkdirSync, readdirSync, rmSync, statSync, type Dirent } from "node:fs";
import { dirname, join } from "node:path";
import { syncFolder } from "../../data-directory.ts";
import { copyFile, linkFile } from "./copy-file.ts";
import { isBackupPath, mediaName, type BackupFile } from "../manifest.ts";
import type { OnProgress } from "../progress.ts";

/** The files below `folder`/media, sorted, by their path in a backup. What has another kind of name is a file in the making. */
function* mediaPaths(root: string, folder: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = `${folder}/${entry.name}`;
    if (!isBackupPath(path)) continue;
    if (entry.isDirectory()) yield* mediaPaths(root, path);
    else if (entry.isFile() && namedByContent.test(entry.name)) yield path;
  }
}

/** Files are named by the SHA-256 of what is in them. */
const namedByContent = /^[0-9a-f]{64}$/;

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** An earlier backup beside the one that is made. */
export interface EarlierBackup {
  readonly folder: string;
  readonly files: ReadonlyMap<string, BackupFile>;
}

export interface MediaCopy {
  readonly dataDir: string;
  /** The backup in the making. */
  readonly folder: string;
  readonly earlier: EarlierBackup | undefined;
  readonly onProgress: OnProgress;
}

export interface CopiedMedia {
  readonly files: readonly BackupFile[];
  /** Files that an earlier backup has, to which this one has a second name. */
  readonly linked: number;
  /** Files whose content is not what their name says; they are left out. */
  readonly damaged: readonly string[];
}

/**
 * Copies the media files that are there. One that is removed meanwhile is left out: nothing that is kept
 * speaks of it any more. One that came after the database was copied may be in it, and does no harm.
 */
export async function copyMedia(copy: MediaCopy): Promise<CopiedMedia> {
  const files: BackupFile[] = [];
  const damaged: string[] = [];
  const folders = new Set<string>();
  let linked = 0;
  let done = 0;
  copy.onProgress({ step: "media" });
  for (const path of mediaPaths(copy.dataDir, mediaName)) {
    prepareFolder(copy.folder, dirname(path), folders);
    const before = await linkEarlier(copy, path);
    const file = before ?? (await copyOne(copy, path));
    if (file === undefined) continue;
    if (!path.endsWith(`/${file.sha256}`)) {
      damaged.push(path);
      rmSync(join(copy.folder, path));
      continue;
    }
    files.push(file);
    if (before) linked += 1;
    else done += file.size;
    copy.onProgress({ step: "media", done });
  }
  for (const folder of folders) syncFolder(join(copy.folder, folder));
  return { files, linked, damaged };
}

function prepareFolder(root: string, folder: string, known: Set<string>): void {
  if (folder === "." || known.has(folder)) return;
  prepareFolder(root, dirname(folder), known);
  mkdirSync(join(root, folder), { recursive: true, mode: 0o700 });
  known.add(folder);
}

async function linkEarlier(copy: MediaCopy, path: string): Promise<BackupFile | undefined> {
  const file = copy.earlier?.files.get(path);
  if (!file || !copy.earlier) return undefined;
  const from = join(copy.earlier.folder, path);
  if (statSync(from, { throwIfNoEntry: false })?.size !== file.size) return undefined;
  return (await linkFile(from, join(copy.folder, path))) ? file : undefined;
}

async function copyOne(copy: MediaCopy, path: string): Promise<BackupFile | undefined> {
  try {
    return { path, ...(await copyFile(join(copy.dataDir, path), join(copy.folder, path))) };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
