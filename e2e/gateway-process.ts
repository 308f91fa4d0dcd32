import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../packages/gateway/src/cli/main.ts", import.meta.url));

/** A gateway as a process of its own, as an operator runs it. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until the process has ended; answers its exit code. */
  stop(): Promise<number | null>;
}

export const adminKey = "e2e-admin-key-0123456789";

/** Starts `recado serve` on a free port and resolves once it is ready. */
export async function startGateway(
  dataDir: string,
  env: Record<string, string> = {},
): Promise<GatewayProcess> {
  const child = spawn(
    process.execPath,
    ["--conditions=@recado/source", "--disable-warning=ExperimentalWarning", main, "serve"],
    {
      env: { PATH: process.env["PATH"], PORT: "0", DATA_DIR: dataDir, ADMIN_KEY: adminKey, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      stdout += `${line}\n`;
      const entry = line.startsWith("{")
        ? (JSON.parse(line) as { msg?: string; url?: string })
        : {};
      if (entry.msg === "ready" && entry.url !== undefined) resolve(entry.url);
    });
    child.once("exit", (code) =>
      reject(new Error(`the gateway ended with ${code}: ${stdout}${stderr}`)),
    );
  });
  const gone = once(child, "exit");
  return {
    url,
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
    async stop() {
      child.kill("SIGTERM");
      const [code] = (await gone) as [number | null];
      return code;
    },
  };
}

/** A folder for one test, and the way to remove it. */
export async function temporaryFolder(): Promise<{
  readonly path: string;
  remove(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), "recado-e2e-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Calls the gateway's API as the operator; throws on anything but 2xx. */
export async function api<T>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      apikey: adminKey,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly offset: number;
  readonly instance?: { readonly id: string; readonly name: string };
  readonly data: { readonly messageId?: string };
}

/** Every event that the default tenant has, oldest first. */
export async function allEvents(url: string, query = ""): Promise<ListedEvent[]> {
  const events: ListedEvent[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? "" : `&after=${encodeURIComponent(cursor)}`;
    const page = await api<{ data: ListedEvent[]; nextCursor?: string }>(
      url,
      "GET",
      `/events?limit=500${query}${after}`,
    );
    events.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return events.toSorted((a, b) => a.offset - b.offset);
}

/** A text message as Evolution API sends it. */
export function evolutionMessage(
  instance: string,
  id: string,
  text = "oi",
): Record<string, unknown> {
  return {
    event: "messages.upsert",
    instance,
    data: {
      key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false, id },
      pushName: "Maria Teste",
      message: { conversation: text },
      messageType: "conversation",
      messageTimestamp: 1_790_000_000,
    },
    date_time: "2026-09-21T12:00:00.000Z",
    server_url: "https://evo.example.com",
    apikey: "A1B2C3D4-E5F6-4711-8899-AABBCCDDEEFF",
  };
}

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}
