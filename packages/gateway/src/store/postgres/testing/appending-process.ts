import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface AppendingProcess {
  readonly isOpen: Promise<void>;
  /** It waits for this once it is open. */
  go(): void;
  /** Everything it printed, once it has ended well; rejects when it did not. */
  readonly lines: Promise<readonly string[]>;
}

/** Starts `append-copies.ts` with these parameters. */
export function startAppending(parameters: readonly (string | number)[]): AppendingProcess {
  const script = fileURLToPath(new URL("append-copies.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--conditions=@recado/source", script, ...parameters.map(String)],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines: string[] = [];
  let open = (): void => {};
  const isOpen = new Promise<void>((resolve) => {
    open = resolve;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    if (line === "open") open();
  });
  const ended = once(child, "close").then(([code]) => {
    if (code !== 0) throw new Error(`the appending process ended with ${String(code)}`);
    return lines;
  });
  return { isOpen, go: () => child.stdin.end("go\n"), lines: ended };
}
