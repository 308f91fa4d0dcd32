import { spawn, spawnSync } from "node:child_process";
import { mkdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTrace, tracedCalls, type DiskOperation } from "./trace.ts";

/** Why processes cannot be recorded here; undefined when they can. */
export function whyNoStrace(): string | undefined {
  const { error, status, stderr } = spawnSync("strace", ["-f", "-e", "trace=openat", "true"], {
    encoding: "utf8",
  });
  if (error) return "there is no strace on this machine (apt-get install strace)";
  return status === 0
    ? undefined
    : `strace may not trace here: ${stderr.trim().split("\n").at(-1)}`;
}

/**
 * Runs a script to its end under strace; answers what it did to the folder `<parent>/data`, which is its
 * first parameter and is removed afterwards.
 */
export async function recordRun(
  parent: string,
  script: URL,
  parameters: readonly string[],
): Promise<readonly DiskOperation[]> {
  const directory = join(await realpath(parent), "data");
  const trace = join(parent, "trace");
  await mkdir(directory);
  const shown = ["-f", "-y", "-xx", "-s", "33554432", "-e", `trace=${tracedCalls}`, "-o", trace];
  const node = [process.execPath, "--conditions=@recado/source", fileURLToPath(script)];
  const child = spawn("strace", [...shown, ...node, directory, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.resume();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) throw new Error(`the recorded process ended with ${code}`);
  const operations = await readTrace(trace, directory);
  await rm(trace);
  await rm(directory, { recursive: true });
  return operations;
}
