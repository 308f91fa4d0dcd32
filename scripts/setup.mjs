// Installs what is missing, so that `npm start` and `npm test` can be the first command after a clone.
//
// Runs on Node 20 without any package: everything else runs on the Node that this installs.
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createHash } from "node:crypto";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cacheDirectory = join(root, "node_modules", ".cache");

const oldestNode = 20;
const modules = join(root, "node_modules");
const lockfile = join(root, "package-lock.json");
const stamp = join(modules, ".recado-installed");
// Beside node_modules, not in it: npm ci deletes node_modules while the lock is held.
const lock = join(root, ".cache", "install.lock");

/** The pinned Node. Spawned by path: a shell's PATH may name another one. */
export const pinnedNode = join(
  modules,
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);

/** A failure that is explained in plain words; shown without a stack. */
export class SetupError extends Error {}

const say = (text) => process.stderr.write(`${text}\n`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // absent or half written: the caller installs again
  }
}

/** True when what npm says it installed is what the lock file asks for. */
export function matchesLockfile(wanted, installed) {
  if (!wanted?.packages || !installed?.packages) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    // Workspaces themselves are not listed as installed; packages for other systems are not installed.
    if (!path.includes("node_modules/") || entry.optional || entry.devOptional) return true;
    const found = installed.packages[path];
    return found !== undefined && found.version === entry.version && found.link === entry.link;
  });
}

function isInstalled() {
  if (!existsSync(pinnedNode)) return false;
  const hash = createHash("sha256").update(readFileSync(lockfile)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return true;
  // Somebody ran npm by hand: believe npm's own record before installing everything once more.
  if (!matchesLockfile(readJson(lockfile), readJson(join(modules, ".package-lock.json"))))
    return false;
  writeStamp(hash);
  return true;
}

function writeStamp(hash) {
  const draft = `${stamp}.${process.pid}`;
  writeFileSync(draft, hash);
  renameSync(draft, stamp);
}

function holderIsAlive() {
  const pid = Number(readFileSync(join(lock, "pid"), "utf8"));
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Takes the install lock; false when another process has it. A lock whose owner died is taken over. */
function tryLock() {
  mkdirSync(dirname(lock), { recursive: true });
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!isStale()) return false;
    // Renaming decides between several that found it stale: only one of them succeeds.
    const grave = `${lock}.${process.pid}`;
    try {
      renameSync(lock, grave);
    } catch {
      return false;
    }
    rmSync(grave, { recursive: true, force: true });
    return false; // try again from the start
  }
  writeFileSync(join(lock, "pid"), String(process.pid));
  return true;
}

/** Dead owner; or so old that its process number must belong to somebody else by now. */
function isStale() {
  let ageMs;
  try {
    ageMs = Date.now() - statSync(lock).mtimeMs;
  } catch {
    return false; // released meanwhile
  }
  try {
    return !holderIsAlive() || ageMs > 30 * 60_000;
  } catch {
    return ageMs > 10_000; // no number yet: its owner is between two system calls, or died there
  }
}

async function withLock(run) {
  let waiting = false;
  while (!tryLock()) {
    if (!waiting) say("recado: another process is installing the parts; waiting for it");
    waiting = true;
    await sleep(250);
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once("exit", release);
  try {
    return await run();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** npm as this process was started by, else the one beside Node, else the one in PATH. */
function npmCommand() {
  const byNpm = process.env.npm_execpath;
  if (byNpm && /npm-cli\.c?js$/.test(byNpm) && existsSync(byNpm)) {
    return { command: process.execPath, leading: [byNpm], shell: false };
  }
  return { command: "npm", leading: [], shell: process.platform === "win32" };
}

function runNpm(args) {
  const { command, leading, shell } = npmCommand();
  return new Promise((resolve) => {
    const child = spawn(command, [...leading, ...args], {
      cwd: root,
      shell,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        // A production setting of the machine must not leave out what the start and the tests need.
        NODE_ENV: "development",
        npm_config_omit: "",
        npm_config_production: "",
        npm_config_ignore_scripts: "false",
        npm_config_loglevel: "error",
        npm_config_progress: "false",
        npm_config_fund: "false",
        npm_config_audit: "false",
        npm_config_update_notifier: "false",
      },
    });
    let output = "";
    const keep = (chunk) => (output = (output + chunk).slice(-8_000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ ok: false, output: error.message, missing: true }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

async function install() {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  say("recado: installing the parts (once, about half a minute; needs the network)");
  const ticker = setInterval(() => say(`recado: still installing, ${seconds()} s`), 10_000);
  const result = await runNpm(["ci"]);
  clearInterval(ticker);
  if (result.missing) {
    throw new SetupError("npm was not found. It comes with Node.js: https://nodejs.org");
  }
  if (!result.ok) throw new SetupError(explain(result.output));
  if (spawnSync(pinnedNode, ["--version"]).status !== 0) {
    throw new SetupError(
      `The runtime that was installed (${pinnedNode}) does not start on this machine.\n` +
        "Recado needs a 64-bit Linux with glibc, macOS or Windows; elsewhere use the container image (deploy/).",
    );
  }
  writeStamp(createHash("sha256").update(readFileSync(lockfile)).digest("hex"));
  say(`recado: installed in ${seconds()} s`);
}

/** What went wrong in a sentence, and npm's own words under it. */
export function explain(output) {
  const causes = [
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|network/i,
      "The package registry could not be reached. Check the network or the proxy settings and run the command again.",
    ],
    [/ENOSPC/, "The disk is full. The parts take about 400 MB."],
    [
      /EACCES|EPERM/,
      "Writing into this folder is not allowed. Check who owns it; do not use sudo for one part and not for the other.",
    ],
    [
      /can only install|package-lock\.json.*(not in sync|in sync)/i,
      "package.json and package-lock.json do not fit together. Run `npm install` and commit the lock file.",
    ],
  ];
  const known = causes.find(([pattern]) => pattern.test(output));
  const words = known ? known[1] : "The parts could not be installed.";
  // Stack traces of npm itself help nobody here.
  const lines = output.split("\n").filter((line) => !/^npm error\s+(?:at |\w+:|\}$)/.test(line));
  return `${words}\n\nnpm said:\n${lines.join("\n").trim() || "(nothing)"}`;
}

/**
 * Installs the dependencies unless they are there already. Safe when several processes call it at once:
 * one installs, the others wait. Throws {@link SetupError} with a sentence for the reader.
 */
export async function ensureInstalled() {
  const version = process.versions.node;
  if (Number(version.split(".")[0]) < oldestNode) {
    throw new SetupError(
      `Recado's set-up needs Node.js ${oldestNode} or newer; this is ${version}. Get it at https://nodejs.org`,
    );
  }
  if (isInstalled()) return;
  await withLock(async () => {
    if (!isInstalled()) await install();
  });
}

/**
 * Runs a Node program on the pinned runtime and resolves to its exit code; `signal` deaths become
 * 128 + number as shells do. Signals sent to this process reach the program.
 */
export function runPinned(args, { env = {}, stdio = "inherit" } = {}) {
  const child = spawn(pinnedNode, args, {
    cwd: root,
    stdio,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(cacheDirectory, "compile"),
      // The runtime was chosen already; nothing below may meet another one.
      PATH: `${dirname(pinnedNode)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}`,
      ...env,
    },
  });
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the program by itself; a second one would mean "at once".
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];
  for (const signal of signals) process.on(signal, forward);
  const stopWatching = whenAbandoned(() => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      stopWatching();
      for (const name of signals) process.removeListener(name, forward);
      resolve(code ?? 128 + (signalNumbers[signal] ?? 0));
    });
  });
}

/**
 * npm runs scripts through a shell and sends signals to that shell only, which dies of them without
 * passing them on: a stopped `npm start` would leave its server running. So where npm is the caller, the
 * death of the parent counts as the signal. Elsewhere it means nothing (nohup, a closed terminal).
 */
function whenAbandoned(react) {
  if (process.env.npm_lifecycle_event === undefined || process.platform === "win32")
    return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    react();
  }, 200);
  timer.unref();
  return () => clearInterval(timer);
}

const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Runs a script's main function: a SetupError is shown as a sentence, any other error with its stack. */
export async function main(run) {
  try {
    process.exitCode = await run();
  } catch (error) {
    say(error instanceof SetupError ? `recado: ${error.message}` : (error?.stack ?? String(error)));
    process.exitCode = 1;
  }
}

/** True in the script that was started, false where it is imported. */
export function isEntry(url) {
  return process.argv[1] !== undefined && url === pathToFileURL(process.argv[1]).href;
}

if (isEntry(import.meta.url)) {
  await main(async () => {
    await ensureInstalled();
    return 0;
  });
}
