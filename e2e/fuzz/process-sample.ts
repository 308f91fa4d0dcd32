import type { GatewayProcess } from "../gateway-process.ts";

/** What the server's process says about itself, see `watch-process.ts`. */
export interface ProcessSample {
  /** Bytes, after a garbage collection. */
  readonly heapUsed: number;
  readonly external: number;
  readonly rss: number;
  /** Built-in properties that are not as they were at the first sample. */
  readonly changed: readonly string[];
}

/** What the environment of a server must hold so that samples can be taken of it. */
export function watchedEnvironment(): Record<string, string> {
  const watcher = new URL("watch-process.ts", import.meta.url).href;
  return { NODE_OPTIONS: `--import=${watcher} --disable-warning=ExperimentalWarning` };
}

/** Rejects when the process ends instead. */
export function takeSample(gateway: GatewayProcess): Promise<ProcessSample> {
  const { child } = gateway;
  const before = gateway.stderr().length;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const line = /fuzz-sample (\{.*\})\n/.exec(gateway.stderr().slice(before));
      if (line?.[1] === undefined) return;
      child.stderr?.off("data", look);
      child.off("exit", gone);
      resolve(JSON.parse(line[1]) as ProcessSample);
    };
    const gone = (): void => reject(new Error(`the server ended: ${gateway.stderr()}`));
    child.stderr?.on("data", look);
    child.once("exit", gone);
    child.kill("SIGUSR2");
  });
}
