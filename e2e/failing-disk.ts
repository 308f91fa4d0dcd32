import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Ways to make a disk fail for real, under a process that runs. */

/** Why a file system of a few megabytes cannot be mounted here; undefined when it can. */
export function whyNoSmallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), "recado-mount-"));
  try {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]);
    if (mounted.status !== 0) return "only root may mount a small disk";
    spawnSync("umount", [path]);
    return undefined;
  } finally {
    rmdirSync(path);
  }
}

/** Mounts a disk of its own over an empty folder. Answers the way to take it away. */
export function mountSmallDisk(folder: string, megabytes: number): () => void {
  const { status, stderr } = spawnSync(
    "mount",
    ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`the small disk cannot be mounted: ${stderr}`);
  return () => {
    spawnSync("umount", [folder]);
  };
}

/** Fills the disk under `folder` to the last byte. Answers the way to free it again. */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "somebody-elses-file");
  for (let bytes = 1024 * 1024; bytes >= 1_024; bytes /= 4) {
    for (let isFull = false; !isFull;) {
      isFull = await writeFile(path, Buffer.alloc(bytes, 1), { flag: "a" }).then(
        () => false,
        () => true,
      );
    }
  }
  return () => rm(path);
}

/** No file of the process may grow beyond `bytes`, or as large as it likes again. */
export function limitFileSize(pid: number, bytes: number | "unlimited"): void {
  const { status, stderr } = spawnSync("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:unlimited`], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the limit cannot be set: ${stderr}`);
}

/**
 * From now on `call` fails in the process with `error` (a name as `EROFS`) where it is about the file `path`.
 * Answers the way to let it succeed again.
 */
export async function failCalls(
  pid: number,
  call: string,
  error: string,
  path: string,
): Promise<() => Promise<void>> {
  const inject = [`trace=${call}`, "-e", `inject=${call}:error=${error}`];
  const tracer = spawn("strace", ["-f", "-p", String(pid), "-P", path, "-e", ...inject], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = once(tracer, "close");
  const lines = createInterface({ input: tracer.stderr });
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => {
      // It names the process once, when all of its threads are held.
      if (line.includes(`Process ${pid} attached`)) resolve();
    });
    gone.then(() => reject(new Error("strace ended without attaching")), reject);
  });
  return async () => {
    tracer.kill("SIGINT");
    await gone;
  };
}
