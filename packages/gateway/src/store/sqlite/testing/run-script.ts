import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Starts one of our TypeScript files in a process of its own. */
export function startScript(
  script: URL,
  parameters: readonly string[],
): ChildProcessByStdio<null, Readable, null> {
  return spawn(
    process.execPath,
    ["--conditions=@recado/source", fileURLToPath(script), ...parameters],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
}

export async function runScript(
  script: URL,
  parameters: readonly string[],
): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const child = startScript(script, parameters);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { code, stdout };
}
