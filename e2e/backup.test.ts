import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFakeEvolution } from "@recado/simulator";
import { expect, onTestFinished, test } from "vitest";
import {
  adminKey,
  allEvents,
  api,
  evolutionMessage,
  post,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

const main = fileURLToPath(new URL("../packages/gateway/src/cli/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `recado` with these words and waits for its end. */
async function recado(words: readonly string[], dataDir: string): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ["--conditions=@recado/source", "--disable-warning=ExperimentalWarning", main, ...words],
    { env: { PATH: process.env["PATH"], DATA_DIR: dataDir }, stdio: ["ignore", "pipe", "pipe"] },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

/** The JSON lines of a command. */
function linesOf({ stdout }: Ended): readonly Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

function noticesOf(ended: Ended): readonly string[] {
  return linesOf(ended).flatMap((line) => ("notice" in line ? [String(line["notice"])] : []));
}

function lineAt(ended: Ended, step: string): Record<string, unknown> | undefined {
  return linesOf(ended).find((line) => line["step"] === step);
}

async function folders(): Promise<{
  readonly data: string;
  readonly target: string;
  readonly root: string;
}> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  return {
    root: folder.path,
    data: join(folder.path, "data"),
    target: join(folder.path, "backups"),
  };
}

/** Starts a gateway that is gone after the test. */
async function start(data: string, env: Record<string, string> = {}): Promise<GatewayProcess> {
  const gateway = await startGateway(data, env);
  onTestFinished(async () => void (await gateway.stop()));
  return gateway;
}

async function newInstance(gateway: GatewayProcess): Promise<string> {
  const body = { name: "loja", provider: "evolution" };
  const { ingestUrl } = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", body);
  return new URL(ingestUrl).pathname;
}

async function send(gateway: GatewayProcess, ingest: string, id: string): Promise<void> {
  const answer = await post(`${gateway.url}${ingest}`, evolutionMessage("loja", id));
  expect(answer.status).toBe(200);
}

async function messageIds(gateway: GatewayProcess): Promise<readonly (string | undefined)[]> {
  const events = await allEvents(gateway.url, "&type=message.received");
  return events.map((event) => event.data.messageId);
}

/** What a page tells to run, in its order. */
async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../docs/${page}`, import.meta.url), "utf8");
  const found = text.matchAll(/node scripts\/recado\.mjs (.+?)(?: >> \S+)?$/gm);
  return [...found].map((match) => match[1] ?? "");
}

test("docs/backup.md: every command does what the page says, and the page in Portuguese has the same", async () => {
  const { root, data, target } = await folders();
  const commands = await commandsOf("backup.md");
  expect(commands).toHaveLength(6);
  expect(await commandsOf("backup.pt-BR.md")).toEqual(commands);
  let gateway: GatewayProcess | undefined = await start(data);
  const ingest = await newInstance(gateway);
  await send(gateway, ingest, "BEFORE");
  for (const command of commands) {
    const [first = ""] = existsSync(target)
      ? readdirSync(target).filter((name) => /^\d/.test(name))
      : [];
    const words = command
      .replace("20260102T031500Z", first)
      .replace("/mnt/backup/recado", target)
      .replace("/srv/recado", join(root, "other"))
      .split(" ");
    if (gateway && words.includes("--replace")) {
      // What came after the backups is not in them.
      await send(gateway, ingest, "AFTER");
      const refused = { code: 1, stderr: expect.stringContaining("in use") };
      expect(await recado(words, data)).toMatchObject(refused);
      await gateway.stop();
      gateway = undefined;
    }
    const ended = await recado(words, data);
    expect(`${ended.code} ${command} ${ended.stderr}`).toBe(`0 ${command} `);
    expect(lineAt(ended, "done")).toMatchObject({ backup: expect.stringContaining(target) });
    expect(noticesOf(ended).filter((notice) => !notice.includes("before-restore-"))).toEqual([]);
  }
  expect(readdirSync(data).filter((name) => name.startsWith("before-restore-"))).toHaveLength(2);
  expect(await messageIds(await start(data))).toEqual(["BEFORE"]);
  expect(await messageIds(await start(join(root, "other")))).toEqual(["BEFORE"]);
}, 120_000);

test("made while webhooks arrive, it has everything that was acknowledged before, and the gateway refuses none", async () => {
  const { data, target } = await folders();
  const gateway = await start(data);
  const ingest = await newInstance(gateway);
  const acknowledged: string[] = [];
  let isSending = true;
  const senders = Array.from({ length: 4 }, async (_, sender) => {
    for (let n = 0; isSending; n += 1) {
      await send(gateway, ingest, `S${sender}N${n}`);
      acknowledged.push(`S${sender}N${n}`);
    }
  });
  while (acknowledged.length < 200) await new Promise(setImmediate);
  const before = [...acknowledged];
  const ended = await recado(["backup", target], data);
  const during = acknowledged.length;
  isSending = false;
  await Promise.all(senders);
  await gateway.stop();
  expect(`${ended.code} ${ended.stderr}`).toBe("0 ");
  expect(during).toBeGreaterThan(before.length);
  expect(await recado(["restore", target, "--replace"], data)).toMatchObject({ code: 0 });
  const restored = await start(data);
  const events = await allEvents(restored.url);
  expect(events.map((event) => event.offset)).toEqual(events.map((_, n) => n + 1));
  const ids = await messageIds(restored);
  expect(before.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
}, 120_000);

/** A receiver that keeps the ids of its webhooks and holds its first answer until it is told. */
async function startSlowReceiver() {
  const seen: string[] = [];
  let arrived: () => void = () => {};
  let answerFirst: () => void = () => {};
  const server = createServer((request, response) => {
    request.resume();
    seen.push(String(request.headers["webhook-id"]));
    if (seen.length === 1) answerFirst = () => void response.end();
    else response.end();
    arrived();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => server.close().closeAllConnections());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    answerFirst: () => answerFirst(),
    async waitFor(count: number) {
      while (seen.length < count) await new Promise<void>((resolve) => (arrived = resolve));
    },
  };
}

test("after a restore: cursors of before are refused, what was delivered since goes out again under its webhook-id, and messages of since come back from the provider", async () => {
  const { data, target } = await folders();
  const receiver = await startSlowReceiver();
  const phone = "5511999990000";
  const apikey = "evolution-key-0123456789";
  const owner = "5511900000100@s.whatsapp.net";
  const evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja", owner }] });
  onTestFinished(() => evolution.close());
  const env = { EVOLUTION_HOST: evolution.url, EVOLUTION_API_KEY: apikey };
  const gateway = await start(data, env);
  const servers = await api<{ data: { id: string }[] }>(gateway.url, "GET", "/servers");
  await api(gateway.url, "POST", `/servers/${servers.data[0]?.id}/sync`, { wait: true });
  const endpoint = { url: receiver.url, allowPrivate: true, types: ["message.received"] };
  await api(gateway.url, "POST", "/endpoints", endpoint);
  await evolution.receive("loja", { phone, text: "one" });
  await receiver.waitFor(1);
  const page = await api<{ nextCursor: string }>(gateway.url, "GET", "/events?limit=1");
  // The first delivery is under way in the backup, and done afterwards.
  expect(await recado(["backup", target], data)).toMatchObject({ code: 0 });
  receiver.answerFirst();
  await evolution.receive("loja", { phone, text: "two" });
  await receiver.waitFor(2);
  await gateway.stop();

  expect(await recado(["restore", target, "--replace"], data)).toMatchObject({ code: 0 });
  const restored = await start(data, env);
  await receiver.waitFor(4);
  const [one, two, oneAgain, twoAgain] = receiver.seen;
  expect(oneAgain).toBe(one);
  expect(twoAgain).not.toBe(two);
  expect(await allEvents(restored.url, "&type=message.received")).toMatchObject([
    { id: one, data: { content: { text: "one" } } },
    { id: twoAgain, data: { content: { text: "two" } }, recovered: true },
  ]);
  const listed = await fetch(`${restored.url}/api/v1/events?limit=1&after=${page.nextCursor}`, {
    headers: { apikey: adminKey },
  });
  expect([listed.status, await listed.json()]).toMatchObject([400, { code: "cursor_invalid" }]);
}, 120_000);

test("called wrongly it says what to do, and exits with 2; --help and the list of commands tell what there is", async () => {
  const { data, target } = await folders();
  const wrong: readonly (readonly [string[], string])[] = [
    [["backup", target, "--keep", "0"], "whole number from 1"],
    [["backup", target], "no recado.db"],
    [["restore", target, "--check", "--replace"], "cannot be used with"],
  ];
  for (const [words, reason] of wrong) {
    const ended = await recado(words, data);
    expect([words, ended.code, ended.stdout]).toEqual([words, 2, ""]);
    expect(ended.stderr).toContain(reason);
  }
  const { stdout: all } = await recado(["--help"], data);
  for (const command of ["backup", "restore"]) {
    expect(all).toContain(`  ${command} `);
    const help = await recado([command, "--help"], data);
    expect(help.code).toBe(0);
    for (const word of ["Examples:", "Exit codes:", "--data-dir", "[DATA_DIR]"])
      expect(help.stdout).toContain(word);
  }
}, 120_000);

test("keys that are not in the backup are told, when it is made and when it is put back", async () => {
  const { root, data, target } = await folders();
  const gateway = await start(data);
  await newInstance(gateway);
  const made = await recado(["backup", target, "--without-keys"], data);
  expect(noticesOf(made)).toEqual([expect.stringContaining("This backup has no keys")]);
  const other = join(root, "other");
  const restored = await recado(["restore", target], other);
  expect(linesOf(restored).at(-1)).toEqual({ notice: expect.stringContaining("refuses to start") });
  await expect(startGateway(other)).rejects.toThrow(/encrypted with another key/);
}, 120_000);
