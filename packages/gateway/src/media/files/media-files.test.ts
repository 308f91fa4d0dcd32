import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createLogger } from "../../base/logger.ts";
import { SettableClock } from "../../base/testing/settable-clock.ts";
import { createBucketFiles } from "./bucket/bucket-files.ts";
import { createFolderFiles } from "./folder/folder-files.ts";
import { startBucketServer } from "./testing/bucket-server.ts";
import { mediaFilesSuite, type FilesStage } from "./testing/media-files-suite.ts";

async function folderStage(): Promise<FilesStage> {
  const folder = await mkdtemp(join(tmpdir(), "recado-files-"));
  const clock = new SettableClock();
  const again = () => createFolderFiles(folder, clock);
  const files = again();
  await files.open();
  return {
    files,
    clock,
    again,
    async addStranger(name) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "x");
    },
    async names() {
      const all = await readdir(folder, { recursive: true, withFileTypes: true });
      return all
        .filter((one) => one.isFile())
        .map((one) => relative(folder, join(one.parentPath, one.name)));
    },
    async end() {
      await files.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function bucketStage(): Promise<FilesStage> {
  const incoming = await mkdtemp(join(tmpdir(), "recado-files-"));
  const clock = new SettableClock();
  // Pages of two: no list may be taken for whole.
  const server = await startBucketServer({ pageSize: 2 });
  server.now = () => clock.now();
  const prefix = "recado-test/";
  const logger = createLogger("silent");
  const again = () => createBucketFiles({ place: server.place, prefix, incoming, clock, logger });
  const files = again();
  await files.open();
  return {
    files,
    clock,
    again,
    async addStranger(name) {
      const stranger = { bytes: Buffer.from("x"), changedAt: 0, metadata: {} };
      (server.objects as Map<string, typeof stranger>).set(`${prefix}${name}`, stranger);
    },
    names: () => Promise.resolve([...server.objects.keys()]),
    async end() {
      await files.close();
      await server.close();
      await rm(incoming, { recursive: true });
    },
  };
}

mediaFilesSuite("a folder", folderStage);
mediaFilesSuite("a bucket", bucketStage);
