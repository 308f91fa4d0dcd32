import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig, type Environment, type Flags } from "../config/index.ts";
import { serve } from "./serve.ts";

/** `recado demo`: a gateway on its own data, simulated numbers with live traffic, a receiver that fails now and then. */
export async function demo(env: Environment, flags: Flags, seed: number): Promise<void> {
  const own = flags.dataDir ?? (await mkdtemp(join(tmpdir(), "recado-demo-")));
  const { publicUrl: _, ...given } = readConfig(env, { ...flags, dataDir: own });
  // Of itself alone: a demo must not be put in the place of somebody's real webhooks, and its simulated
  // servers are beside it.
  const config = { ...given, providerServers: [] };
  const { startDemo } = await import("@recado/simulator");
  let stopTraffic = (): Promise<void> => Promise.resolve();
  const { gateway, adminKey } = await serve(config, () => stopTraffic());
  const { url } = await gateway.welcome();
  const traffic = await startDemo({
    baseUrl: url,
    adminKey,
    seed,
    write: (line: string) => void process.stderr.write(`${line}\n`),
  });
  stopTraffic = () => traffic.stop();
}
