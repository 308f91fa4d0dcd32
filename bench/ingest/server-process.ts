import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bound } from "./machine.ts";
import type { Target } from "./readers.ts";

/** A server under test, started for one run on data of its own. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  readonly targets: readonly Target[];
  stop(): Promise<void>;
}

export const contestants = ["recado", "express-memory", "express-sqlite"] as const;
export type Contestant = (typeof contestants)[number];

/** The flags of `npm start`, for every contestant alike. */
const nodeOptions = [
  "--conditions=@recado/source",
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=16",
];
/** The operator of a server under test. */
export const adminKey = "bench-admin-key-0123456789";

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

export async function startServer(
  name: Contestant,
  tenants: number,
  core: number | undefined,
): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), "recado-bench-"));
  const command =
    name === "recado"
      ? [file("../../packages/gateway/src/cli/main.ts"), "serve"]
      : [file(`./peer-${name}.ts`), folder];
  // For a look inside a server, for example BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/p".
  const extra = process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? [];
  const node = [process.execPath, ...nodeOptions, ...extra];
  const [program = "", ...args] = bound(core, [...node, ...command]);
  const child = spawn(program, args, {
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      PORT: "0",
      DATA_DIR: folder,
      ADMIN_KEY: adminKey,
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await ready(child, name);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} has no process`);
  return {
    // taskset becomes the program it starts: the id stays the same.
    pid,
    url,
    targets: name === "recado" ? await createTenants(url, tenants) : peerTargets(tenants),
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ready(child: ChildProcess, name: string): Promise<string> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("a server's output is read");
  let errors = "";
  stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      const { msg, url } = JSON.parse(line) as { readonly msg?: string; readonly url?: string };
      if (msg === "ready" && url !== undefined) resolve(url);
    });
    child.once("exit", (code) => {
      reject(new Error(`${name} ended with ${code}: ${errors}`));
    });
  });
}

function tenantName(index: number): string {
  return `bench-${String(index).padStart(2, "0")}`;
}

function peerTargets(tenants: number): readonly Target[] {
  return Array.from({ length: tenants }, (_, index) => ({
    path: "/api/webhooks/whatsapp",
    instance: tenantName(index),
    tenantId: tenantName(index),
    token: "",
  }));
}

/** Tenants, instances and tokens over the API, as an operator makes them. */
async function createTenants(url: string, tenants: number): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (let index = 0; index < tenants; index += 1) {
    const name = tenantName(index);
    await api(url, "/tenants", { id: name, name });
    const as = { "x-tenant-id": name };
    const { ingestUrl } = await api(url, "/instances", { name, provider: "evolution" }, as);
    const { token } = await api(url, "/tokens", { ttlSeconds: 3_600 }, as);
    const path = new URL(ingestUrl ?? "").pathname;
    targets.push({ path, instance: name, tenantId: name, token: token ?? "" });
  }
  return targets;
}

async function api(
  url: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Record<string, string | undefined>> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { apikey: adminKey, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as Record<string, string | undefined>;
}
