/**
 * `npm run bench -- media [--rounds 5] [--no-file]`
 *
 * The longest stall of the server's event loop while a webhook with a picture of 20 MB as base64 goes through
 * the door: by a timer of 1 ms inside the server. Beside the clock stands the processor time of the loop in the
 * same round, which other programs on the machine do not lengthen. The last line is `media stall <ms>`: the median.
 */
import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "../ingest/machine.ts";
import { writeSection } from "../ingest/report.ts";
import { show, spread } from "../ingest/statistics.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    "no-file": { type: "boolean", default: false },
  },
});

const adminKey = "bench-admin-key-0123456789";
const secret = "bench-webhook-secret";
const megabyte = 1_000_000;

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

const folder = await mkdtemp(join(tmpdir(), "recado-bench-"));
const child = spawn(
  process.execPath,
  [
    "--conditions=@recado/source",
    "--disable-warning=ExperimentalWarning",
    "--max-semi-space-size=16",
    "--import",
    file("./loop-probe.mjs"),
    file("../../packages/gateway/src/cli/main.ts"),
    "serve",
  ],
  {
    env: {
      PATH: process.env["PATH"],
      NODE_ENV: "production",
      PORT: "0",
      DATA_DIR: folder,
      ADMIN_KEY: adminKey,
    },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  },
);
const url = await new Promise<string>((resolve, reject) => {
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
    const entry = line.startsWith("{") ? (JSON.parse(line) as { msg?: string; url?: string }) : {};
    if (entry.msg === "ready" && entry.url !== undefined) resolve(entry.url);
  });
  child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
});

/** The longest round of the loop since the last question: by the clock, and what the loop itself worked. */
async function worstStall(): Promise<{ readonly wallMs: number; readonly cpuMs: number }> {
  child.send("stall");
  const [answer] = (await once(child, "message")) as [Awaited<ReturnType<typeof worstStall>>];
  return answer;
}

async function addressOf(instance: object): Promise<string> {
  const response = await fetch(`${url}/api/v1/instances`, {
    method: "POST",
    headers: { apikey: adminKey, "content-type": "application/json" },
    body: JSON.stringify(instance),
  });
  const { ingestUrl } = (await response.json()) as { readonly ingestUrl: string };
  return url + new URL(ingestUrl).pathname;
}

let sent = 0;

function evolution(message: object): string {
  sent += 1;
  const key = { remoteJid: "5511999990000@s.whatsapp.net", fromMe: false, id: `BENCH${sent}` };
  const data = { key, messageType: "imageMessage", messageTimestamp: 1_760_000_000, message };
  return JSON.stringify({ event: "messages.upsert", instance: "a", data });
}

function waha(): string {
  sent += 1;
  const media = { data: randomBytes(20 * megabyte).toString("base64"), mimetype: "image/jpeg" };
  const id = `false_5511999990000@c.us_BENCH${sent}`;
  const payload = { id, timestamp: 1_760_000_000, from: "5511999990000@c.us", fromMe: false };
  return JSON.stringify({
    event: "message",
    session: "b",
    engine: "WEBJS",
    payload: { ...payload, hasMedia: true, media },
  });
}

const scenarios = [
  {
    title: "Evolution, 20 MB picture",
    address: await addressOf({ name: "a", provider: "evolution" }),
    body: (): string =>
      evolution({
        imageMessage: { mimetype: "image/jpeg" },
        base64: randomBytes(20 * megabyte).toString("base64"),
      }),
  },
  {
    title: "WAHA, 20 MB picture, signed (HMAC-SHA512)",
    address: await addressOf({ name: "b", provider: "waha", webhookSecret: secret }),
    body: waha,
  },
  {
    title: "a text of 5 MB, nothing to take out",
    address: await addressOf({ name: "c", provider: "evolution" }),
    body: (): string => evolution({ conversation: "olá tudo bem? ".repeat(350_000) }),
  },
] as const;

async function post(address: string, body: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(address, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-webhook-hmac": createHmac("sha512", secret).update(body).digest("hex"),
    },
    body,
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return performance.now() - startedAt;
}

const rounds = Number(values.rounds);
const rows: string[] = [];
const medians: number[] = [];
try {
  for (const { title, address, body } of scenarios) {
    // The first one starts the thread and compiles.
    await post(address, body());
    const stalls: number[] = [];
    const works: number[] = [];
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const next = body();
      await worstStall();
      times.push(await post(address, next));
      const { wallMs, cpuMs } = await worstStall();
      stalls.push(wallMs);
      works.push(cpuMs);
    }
    const stall = spread(stalls);
    medians.push(stall.median);
    rows.push(
      `| ${title} | ${show(stall, 1)} | ${show(spread(works), 1)} | ${show(spread(times), 0)} |`,
    );
    process.stdout.write(`${rows.at(-1)}\n`);
  }
} finally {
  child.kill("SIGTERM");
  await once(child, "exit");
  await rm(folder, { recursive: true, force: true });
}

if (!values["no-file"]) {
  writeSection(
    file("../RESULTS.md"),
    "media",
    [
      `\`npm run bench -- media\`, ${new Date().toISOString().slice(0, 10)}. ${describeMachine()}.`,
      `Longest stall of the event loop while one large webhook goes through the door, durable before its 200. Median (lowest–highest) of ${rounds}. Goal: 50 ms.`,
      "",
      "| webhook | stall ms | of it work of the loop ms | answered after ms |",
      "| --- | --- | --- | --- |",
      ...rows,
    ].join("\n"),
  );
}
process.stdout.write(`media stall ${Math.max(...medians.slice(0, 2)).toFixed(1)}\n`);
