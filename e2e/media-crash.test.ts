import { randomBytes } from "node:crypto";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { systemClock } from "../packages/gateway/src/base/clock.ts";
import { createLogger } from "../packages/gateway/src/base/logger.ts";
import { MediaCollector } from "../packages/gateway/src/media/files/collect.ts";
import { createFolderFiles } from "../packages/gateway/src/media/files/folder/folder-files.ts";
import {
  startBucketServer,
  type BucketServer,
} from "../packages/gateway/src/media/files/testing/bucket-server.ts";
import { MediaKeys, mediaKeyFrom } from "../packages/gateway/src/media/links/media-keys.ts";
import { openSqliteStore } from "../packages/gateway/src/store/sqlite/index.ts";
import { post, startGateway, temporaryFolder, type GatewayProcess } from "./gateway-process.ts";
import {
  eventsOf,
  imageWebhook,
  linkOf,
  picture,
  sha256Of,
  webhookPath,
} from "./media-webhooks.ts";

const key = randomBytes(32);
const instance = { name: "loja", provider: "evolution" };
const hourMs = 3_600_000;
const logger = createLogger("silent");

/** A data folder, and the server on it. */
interface Stage {
  readonly folder: string;
  start(env?: Record<string, string>): Promise<GatewayProcess>;
  kill(): Promise<void>;
  /** Paths of the kept files. */
  filesOnDisk(): Promise<readonly string[]>;
  /** Names of those that are not finished. */
  unfinished(): Promise<readonly string[]>;
}

async function onStage(play: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  const media = join(folder.path, "media");
  let gateway: GatewayProcess | undefined;
  const stage: Stage = {
    folder: folder.path,
    async start(env = {}) {
      gateway = await startGateway(folder.path, { ENCRYPTION_KEY: key.toString("hex"), ...env });
      return gateway;
    },
    async kill() {
      await gateway?.kill();
      gateway = undefined;
    },
    async filesOnDisk() {
      const all = await readdir(media, { recursive: true });
      return all.filter((name) => /[0-9a-f]{64}$/.test(name)).map((name) => join(media, name));
    },
    unfinished: () => readdir(join(media, ".incoming")),
  };
  try {
    await play(stage);
  } finally {
    await stage.kill();
    await folder.remove();
  }
}

/** A webhook that is not accepted: its sender sees the connection end, or is told to come again. */
async function sendInVain(url: string, body: string): Promise<void> {
  const outcome = await post(url, body).then(
    ({ status }) => status,
    () => "ended",
  );
  expect([503, "ended"]).toContain(outcome);
}

/** What the next round of the server would do, with the process stopped. */
async function collect(directory: string): Promise<void> {
  const clock = systemClock;
  const store = await openSqliteStore({ directory, clock, logger, newEpoch: () => "e2" });
  try {
    const files = createFolderFiles(join(directory, "media"), clock);
    const keys = new MediaKeys(mediaKeyFrom(key));
    await new MediaCollector({ store, files, keys, clock, logger }).round();
  } finally {
    await store.close();
  }
}

async function killedBetween({
  folder,
  start,
  kill,
  filesOnDisk,
  unfinished,
}: Stage): Promise<void> {
  const [again, never] = [picture(100_000), picture(110_000)];
  let server = await start();
  const path = await webhookPath(server.url, instance);
  // A first event, and the time before which nothing is referred to.
  expect((await post(`${server.url}${path}`, imageWebhook("FIRST", picture(90_000)))).status).toBe(
    200,
  );
  const before = await filesOnDisk();

  // Nothing can be appended while somebody else writes: the files get their places, and the events wait.
  const other = new DatabaseSync(join(folder, "recado.db"), { timeout: 10_000 });
  other.exec("BEGIN IMMEDIATE");
  const calls = [
    sendInVain(`${server.url}${path}`, imageWebhook("AGAIN", again)),
    sendInVain(`${server.url}${path}`, imageWebhook("NEVER", never)),
  ];
  await expect.poll(filesOnDisk, { interval: 5, timeout: 20_000 }).toHaveLength(3);
  await kill();
  await Promise.all(calls);
  other.exec("ROLLBACK");
  other.close();
  await writeFile(join(folder, "media", ".incoming", "half"), "x");
  const longAgo = new Date(Date.now() - 3 * hourMs);
  for (const file of await filesOnDisk())
    if (!before.includes(file)) await utimes(file, longAgo, longAgo);

  server = await start();
  expect(await unfinished()).toEqual([]);
  for (const id of ["AGAIN", "NEVER"]) expect(await eventsOf(server.url, id)).toEqual([]);
  const body = imageWebhook("AGAIN", again);
  for (let times = 0; times < 2; times++)
    expect((await post(`${server.url}${path}`, body)).status).toBe(200);
  const events = await eventsOf(server.url, "AGAIN");
  expect(events).toHaveLength(1);
  const shown = await fetch(linkOf(events[0]));
  expect(Buffer.from(await shown.arrayBuffer()).equals(again)).toBe(true);
  const [first] = await eventsOf(server.url, "FIRST");
  expect((await fetch(linkOf(first))).status).toBe(200);
  await server.stop();

  expect(await filesOnDisk()).toHaveLength(3);
  await collect(folder);
  const left = (await filesOnDisk()).map((name) => name.slice(-64));
  expect(left).toHaveLength(2);
  expect(left).toContain(sha256Of(again));
  expect(left).not.toContain(sha256Of(never));
}

/** What a bucket is left with is the same whether the server dies or the answer of the bucket is lost. */
async function refusedByBucket({ start, filesOnDisk, unfinished }: Stage): Promise<void> {
  const bucket: BucketServer = await startBucketServer();
  try {
    const { place } = bucket;
    const env = {
      MEDIA_S3_ENDPOINT: String(place.endpoint),
      MEDIA_S3_BUCKET: place.bucket,
      MEDIA_S3_REGION: place.region,
      MEDIA_S3_ACCESS_KEY_ID: place.accessKeyId,
      MEDIA_S3_SECRET_ACCESS_KEY: place.secretAccessKey,
    };
    const server = await start(env);
    const path = await webhookPath(server.url, instance);
    const file = picture(100_000);
    const body = imageWebhook("MSG", file);
    const away = (): void => {
      throw new Error("the store is away");
    };

    for (const when of ["before", "after"] as const) {
      bucket[when] = away;
      const refused = await post(`${server.url}${path}`, body);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).not.toBeNull();
      expect(await refused.json()).toMatchObject({ code: "store_unavailable" });
      expect(bucket.objects.size).toBe(when === "before" ? 0 : 1);
      expect(await eventsOf(server.url, "MSG")).toEqual([]);
      bucket[when] = () => {};
    }

    for (let times = 0; times < 2; times++)
      expect((await post(`${server.url}${path}`, body)).status).toBe(200);
    const events = await eventsOf(server.url, "MSG");
    expect(events).toHaveLength(1);
    expect([...bucket.objects.keys()].map((name) => name.slice(-64))).toEqual([sha256Of(file)]);
    expect(await filesOnDisk()).toEqual([]);
    expect(await unfinished()).toEqual([]);

    const link = linkOf(events[0]);
    const whole = await fetch(link);
    expect(Buffer.from(await whole.arrayBuffer()).equals(file)).toBe(true);
    const part = await fetch(link, { headers: { range: "bytes=-9" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(file.subarray(-9))).toBe(true);
    expect((await fetch(link, { method: "HEAD" })).headers.get("content-length")).toBe(
      String(file.length),
    );

    // A store that is away has lost nothing: its files are not gone, and no refusal is kept for one.
    bucket.before = away;
    const refused = await fetch(link);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("etag")).toBeNull();
    expect(refused.headers.get("cache-control")).toBeNull();
    const text = `${server.stdout()}${server.stderr()}${await refused.text()}`;
    expect(text).toContain("the store of files cannot be used");
    expect(text).not.toContain(place.secretAccessKey);
    expect(text).not.toContain(place.accessKeyId);
  } finally {
    await bucket.close();
  }
}

// Side by side: most of both is waiting for servers to start.
describe.concurrent("a file whose event is not stored", () => {
  it("killed between both: the retry stores the event once with one file, and what never came again goes", async () => {
    await onStage(killedBetween);
  }, 90_000);

  it("in a bucket that cannot be reached: the webhook is refused, and its retry stored once with one file", async () => {
    await onStage(refusedByBucket);
  }, 90_000);
});
