import { once } from "node:events";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whyNoStrace } from "../packages/gateway/src/store/sqlite/testing/durability/record-run.ts";
import {
  failCalls,
  fillDisk,
  limitFileSize,
  mountSmallDisk,
  whyNoSmallDisk,
} from "./failing-disk.ts";
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

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let unmount = (): void => {};
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  unmount();
  unmount = () => {};
  await folder.remove();
});

const noStrace = whyNoStrace();
const noSmallDisk = whyNoSmallDisk();
for (const reason of [noStrace, noSmallDisk])
  if (reason !== undefined) process.stderr.write(`\nDISK FAULTS ARE NOT ALL TESTED: ${reason}\n\n`);

/** A gateway with one number, and what it acknowledged. */
class Door {
  readonly acknowledged: string[] = [];
  readonly #path: string;
  #sent = 0;

  constructor(path: string) {
    this.#path = path;
  }

  static async open(gateway: GatewayProcess): Promise<Door> {
    const number = { name: "loja", provider: "evolution" };
    const made = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", number);
    return new Door(new URL(made.ingestUrl).pathname);
  }

  /** Undefined: the connection broke, and nothing is promised. */
  async send(gateway: GatewayProcess, text = "oi"): Promise<Response | undefined> {
    const id = `MSG${this.#sent++}`;
    const answer = await post(
      `${gateway.url}${this.#path}`,
      evolutionMessage("loja", id, text),
    ).catch(() => undefined);
    if (answer?.ok) this.acknowledged.push(id);
    return answer;
  }

  async sendMany(gateway: GatewayProcess, count: number): Promise<readonly number[]> {
    const sending = Array.from({ length: count }, () => this.send(gateway));
    return (await Promise.all(sending)).map((answer) => answer?.status ?? 0);
  }

  /** Sends large messages until one gets no 2xx; answers that answer. */
  async sendUntilRefused(gateway: GatewayProcess): Promise<Response | undefined> {
    for (;;) {
      const answer = await this.send(gateway, "x".repeat(100_000));
      if (!answer?.ok) return answer;
    }
  }
}

async function expectAllThere(gateway: GatewayProcess, door: Door): Promise<void> {
  const events = await allEvents(gateway.url);
  const ids = events.flatMap(({ data }) => (data.messageId === undefined ? [] : [data.messageId]));
  expect(door.acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(events.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1));
}

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly refused?: number;
}

function linesOf(gateway: GatewayProcess): readonly Line[] {
  const lines = gateway.stdout().split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Line);
}

async function ready(gateway: GatewayProcess): Promise<{ status: number; reason?: string }> {
  const answer = await fetch(`${gateway.url}/ready`);
  return { ...((await answer.json()) as { reason?: string }), status: answer.status };
}

/** Nobody sends anything meanwhile. */
async function untilReady(gateway: GatewayProcess): Promise<void> {
  while ((await ready(gateway)).status !== 200)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

async function stateInMetrics(gateway: GatewayProcess): Promise<string | undefined> {
  const answer = await fetch(`${gateway.url}/metrics`, { headers: { apikey: adminKey } });
  return /recado_store_state\{state="(\w+)"\} 1/.exec(await answer.text())?.[1];
}

type Begin = (pid: number) => Promise<() => Promise<void>>;

/** A disk that takes nothing for a while, from the first refusal to the first acknowledgement after it. */
async function expectComesBack(begin: Begin, reason: string): Promise<void> {
  const gateway = await startGateway(folder.path);
  const door = await Door.open(gateway);
  await door.sendMany(gateway, 20);
  const end = await begin(gateway.child.pid ?? 0);
  const refusal = await door.sendUntilRefused(gateway);
  expect(refusal?.status).toBe(503);
  expect(Number(refusal?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refusal?.json()).toMatchObject({ code: "store_unavailable" });
  expect(new Set(await door.sendMany(gateway, 30))).toEqual(new Set([503]));
  expect(await ready(gateway)).toMatchObject({ status: 503, reason });
  expect(await stateInMetrics(gateway)).toBe("refusing");
  expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
  // What is there can be read all the while.
  await expectAllThere(gateway, door);
  await end();
  await untilReady(gateway);
  expect(await stateInMetrics(gateway)).toBe("well");
  expect(new Set(await door.sendMany(gateway, 20))).toEqual(new Set([200]));
  await expectAllThere(gateway, door);
  const told = linesOf(gateway).filter(({ level, msg }) => level >= 50 || /can write/.test(msg));
  expect(told.map(({ msg }) => msg)).toEqual([
    "the store cannot write: webhooks are answered 503 until it can",
    "the store can write again",
  ]);
  expect(told[1]?.refused).toBeGreaterThanOrEqual(31);
  expect(await gateway.stop()).toBe(0);
}

describe("while the disk takes nothing, nothing is acknowledged, and it comes back by itself:", () => {
  it.skipIf(noSmallDisk)(
    `a full disk${noSmallDisk ? ` (NOT TESTED: ${noSmallDisk})` : ""}`,
    async () => {
      unmount = mountSmallDisk(folder.path, 24);
      await expectComesBack(() => fillDisk(folder.path), "the disk is full");
    },
    60_000,
  );

  it("files that may not grow (a quota)", async () => {
    await expectComesBack((pid) => {
      limitFileSize(pid, 700_000);
      return Promise.resolve(async () => limitFileSize(pid, "unlimited"));
    }, "the disk refuses to be written to");
  }, 60_000);

  it.skipIf(noStrace)(
    `a disk that turns read-only${noStrace ? ` (NOT TESTED: ${noStrace})` : ""}`,
    async () => {
      const wal = join(folder.path, "recado.db-wal");
      await expectComesBack(
        (pid) => failCalls(pid, "pwrite64", "EROFS", wal),
        "the disk refuses to be written to",
      );
    },
    60_000,
  );
});

/** A fault after which the process ends; what was acknowledged is there after the next start. */
async function expectEnds(fault: Begin, reason: string): Promise<void> {
  const gateway = await startGateway(folder.path);
  const door = await Door.open(gateway);
  await door.sendMany(gateway, 50);
  const gone = once(gateway.child, "close");
  const end = await fault(gateway.child.pid ?? 0);
  const acknowledged = door.acknowledged.length;
  expect((await door.sendMany(gateway, 10)).filter((status) => status === 200)).toEqual([]);
  expect(door.acknowledged.length).toBe(acknowledged);
  expect(await gone).toEqual([1, null]);
  await end();
  const fatal = linesOf(gateway).filter(({ level }) => level === 60);
  // Two lines of the last moment may come out in either order; each carries its time.
  const msg = "the store failed: nothing is acknowledged any more";
  expect(fatal).toContainEqual(expect.objectContaining({ msg, reason }));
  const again = await startGateway(folder.path);
  await expectAllThere(again, door);
  expect(await door.sendMany(again, 1)).toEqual([200]);
  await again.stop();
}

describe("what cannot be trusted any more ends the process, and the next start has everything:", () => {
  it.skipIf(noStrace)(
    `a sync that fails${noStrace ? ` (NOT TESTED: ${noStrace})` : ""}`,
    async () => {
      const wal = join(folder.path, "recado.db-wal");
      await expectEnds(
        (pid) => failCalls(pid, "fdatasync", "EIO", wal),
        "a sync failed: what was written may not be on disk",
      );
    },
    60_000,
  );

  it("the write-ahead log removed under it", async () => {
    await expectEnds(async () => {
      await rm(join(folder.path, "recado.db-wal"));
      return () => Promise.resolve();
    }, "the database's write-ahead log was removed or replaced");
  }, 60_000);
});

it("a damaged page ends the process when it is met, and the next start refuses and says what to do", async () => {
  const first = await startGateway(folder.path);
  const door = await Door.open(first);
  await door.sendMany(first, 100);
  await first.stop();
  const gateway = await startGateway(folder.path);
  const gone = once(gateway.child, "close");
  const file = await open(join(folder.path, "recado.db"), "r+");
  const { size } = await file.stat();
  for (let page = 4_096; page < size; page += 4_096)
    await file.write(Buffer.alloc(4_096, 0xa5), 0, 4_096, page);
  await file.close();
  // One of them meets it; the answer may be lost with the process.
  await Promise.allSettled([allEvents(gateway.url), door.sendMany(gateway, 20)]);
  expect(await gone).toEqual([1, null]);
  expect(gateway.stdout()).toMatch(/"level":60.*database disk image is malformed/);
  await expect(startGateway(folder.path)).rejects.toThrow(
    /ended with 1: recado: The database in .* is damaged or no database\. Restore a backup/,
  );
}, 60_000);
