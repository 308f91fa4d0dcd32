import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "../../../base/testing/settable-clock.ts";
import type { MediaFiles } from "../media-files.ts";
import { startBucketServer, type BucketServer } from "../testing/bucket-server.ts";
import { createBucketFiles } from "./bucket-files.ts";
import { bucketPrefix, type BucketPlace } from "./bucket-place.ts";

const tenant = "a".repeat(32);
const prefix = "recado-test/";
const bytes = randomBytes(200_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const name = `${prefix}${tenant}/${sha256.slice(0, 2)}/${sha256}`;

let server: BucketServer;
let clock: SettableClock;
let incoming: string;
let path: string;
let logged: string;
const opened: MediaFiles[] = [];

beforeEach(async () => {
  server = await startBucketServer();
  clock = new SettableClock(Date.now());
  incoming = await mkdtemp(join(tmpdir(), "recado-bucket-"));
  path = join(incoming, "file");
  await writeFile(path, bytes);
  logged = "";
});
afterEach(async () => {
  for (const files of opened.splice(0)) await files.close();
  await server.close();
  await rm(incoming, { recursive: true, force: true });
});

function filesAt(change: Partial<BucketPlace> = {}): MediaFiles {
  const place = { ...server.place, ...change };
  const logger = pino({ level: "debug" }, { write: (line: string) => (logged += line) });
  const files = createBucketFiles({ place, prefix, incoming, clock, logger });
  opened.push(files);
  return files;
}

it("a file is written under its place with a right signature, and its content is checked by the store", async () => {
  await filesAt().put(tenant, sha256, path);
  expect(server.requests).toEqual([`PUT /recado-files/${name}?x-id=PutObject`]);
  expect(server.objects.get(name)?.bytes.equals(bytes)).toBe(true);
  await writeFile(path, randomBytes(200_000));
  await expect(filesAt().put(tenant, sha256, path)).rejects.toMatchObject({
    code: "store_unavailable",
    details: ["a file reached its store damaged"],
  });
  expect(server.objects.get(name)?.bytes.equals(bytes)).toBe(true);
});

it("no connection is made before the first use", async () => {
  await filesAt().close();
  expect(server.requests).toEqual([]);
});

describe("a file is refused in plain words, and stays where it is,", () => {
  it.each<[string, Partial<BucketPlace>, string]>([
    ["with a key that is unknown", { accessKeyId: "NOBODY" }, "does not know the key"],
    ["with a wrong secret", { secretAccessKey: "wrong-secret" }, "refuses the key's secret"],
    ["without the bucket", { bucket: "missing" }, "does not exist"],
    ["in another region", { region: "us-east-1" }, "in another region"],
    ["when nobody listens", { endpoint: "http://127.0.0.1:1" }, "does not answer (ECONNREFUSED)"],
    ["when no such host is known", { endpoint: "http://x.invalid" }, "does not answer"],
  ])("%s", async (_what, change, words) => {
    const files = filesAt(change);
    const refusal = {
      code: "store_unavailable",
      details: [expect.stringContaining(words)],
    };
    await expect(files.put(tenant, sha256, path)).rejects.toMatchObject(refusal);
    expect(existsSync(path)).toBe(true);
    expect(server.objects.size).toBe(0);
    // Reading says the same: a store that refuses is not one that has lost the file.
    if (change.bucket !== undefined || change.endpoint !== undefined)
      await expect(files.read(tenant, sha256)).rejects.toMatchObject(refusal);
    else
      await expect(files.read(tenant, sha256)).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(files.tenantParts()).rejects.toMatchObject(refusal);
    expect(logged).toContain(words);
    for (const secret of [server.place.accessKeyId, server.place.secretAccessKey, "wrong-secret"])
      expect(logged).not.toContain(secret);
  });

  it("by a server that is no store and says yes to everything", async () => {
    const other = createServer((request, response) => {
      request.resume().on("end", () => response.end("ok"));
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    try {
      await expect(filesAt({ endpoint }).put(tenant, sha256, path)).rejects.toMatchObject({
        details: ["what answers at MEDIA_S3_ENDPOINT is no store of files"],
      });
      expect(existsSync(path)).toBe(true);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it("by a store that never answers, once its time is over", async () => {
    const asked = Promise.withResolvers<void>();
    server.after = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const put = filesAt().put(tenant, sha256, path);
    await asked.promise;
    const second = clock.nextTimer();
    clock.pass(60_000);
    await second;
    clock.pass(60_000);
    await expect(put).rejects.toMatchObject({
      details: [expect.stringContaining("does not answer in time")],
    });
  });

  it("and a server that stops waits for no store", async () => {
    const asked = Promise.withResolvers<void>();
    server.after = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    const files = filesAt();
    const put = files.put(tenant, sha256, path);
    await asked.promise;
    const [outcome] = await Promise.allSettled([put, files.close()]);
    expect(outcome).toMatchObject({ reason: { details: ["the server is stopping"] } });
  });
});

it("a connection that breaks once is tried again at once; the log tells each change, not each call", async () => {
  const files = filesAt();
  let broken = 1;
  server.before = () => {
    if (broken-- > 0) throw new Error("the connection ends");
  };
  await files.put(tenant, sha256, path);
  expect(server.objects.has(name)).toBe(true);
  broken = Infinity;
  for (let at = 0; at < 3; at++) await expect(files.tenantParts()).rejects.toThrow();
  broken = 0;
  await files.tenantParts();
  await files.tenantParts();
  expect(logged.match(/cannot be used/g)).toHaveLength(1);
  expect(logged.match(/takes files again/g)).toHaveLength(1);
}, 30_000);

it("opening does not wait for the store, and says what is wrong with it", async () => {
  await filesAt({ bucket: "missing" }).open();
  await expect.poll(() => logged).toContain("does not exist");
});

it("a file that goes while it is open is gone, not half there", async () => {
  const files = filesAt();
  await files.put(tenant, sha256, path);
  const file = await files.read(tenant, sha256);
  (server.objects as Map<string, unknown>).delete(name);
  expect(await file?.stream(0, 9)).toBeUndefined();
  expect(await file?.bytes()).toBeUndefined();
});

it("files lie where they lay when the store's clock is days behind ours, or ahead", async () => {
  const files = filesAt();
  for (const days of [-40, 40]) {
    server.now = () => clock.now() + days * 86_400_000;
    await writeFile(path, bytes);
    await files.put(tenant, sha256, path);
    expect(await files.expire(tenant, clock.now() - 1_000, 10)).toMatchObject({ keptFiles: 1 });
  }
  const file = await files.read(tenant, sha256);
  const stream = await file?.stream(0, bytes.length - 1);
  expect(stream && (await buffer(stream)).equals(bytes)).toBe(true);
});

it("servers with other keys never share a name in the bucket", () => {
  const [one, other] = [1, 2].map((value) => bucketPrefix(Buffer.alloc(32, value)));
  expect(one).toMatch(/^recado-[0-9a-f]{16}\/$/);
  expect(one).not.toBe(other);
  expect(bucketPrefix(Buffer.alloc(32, 1))).toBe(one);
});
