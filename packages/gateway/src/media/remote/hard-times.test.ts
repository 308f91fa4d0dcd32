import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openFileStage, type FileStage } from "./testing/file-stage.ts";

let stage: FileStage;
beforeEach(async () => {
  stage = await openFileStage();
});
afterEach(() => stage.close());

const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const file = randomBytes(70_000);
const calls = (): number => stage.waha.calls.count("GET /api/files/:session/:name");

it("a store that fails for a while delays a file and loses none, also without another event", async () => {
  const { records } = stage.store;
  let failures = 20;
  const put: typeof records.put = (scope, kind, key, value) => {
    if (kind.startsWith("media-") && failures-- > 0) return Promise.reject(new Error("disk"));
    return records.put(scope, kind, key, value);
  };
  const failing = {
    get: records.get.bind(records),
    putIf: records.putIf.bind(records),
    delete: records.delete.bind(records),
    list: records.list.bind(records),
    findAnywhere: records.findAnywhere.bind(records),
    put,
  };
  const first = await stage.start();
  await first.stop();
  const { log, directory } = stage.store;
  await stage.start({ store: { log, directory, records: failing }, retryMs: 5 });
  const id = await stage.send(await stage.number(), "V1", { url: stage.serve("v.jpeg", file) });
  await expect.poll(async () => (await stage.told(id)).sha256).toBe(hash(file));
  expect(failures).toBeLessThan(0);
  // With the last one failing while the outcome is noted.
  failures = 0;
  const url = stage.serve("w.jpeg", file);
  const lift = stage.waha.trouble.fail({ routes: /files/, delayMs: 50 });
  const next = await stage.send(await stage.number(), "V2", { url });
  await expect.poll(calls).toBe(2);
  failures = 6;
  lift();
  await expect.poll(async () => (await stage.told(next)).sha256).toBe(hash(file));
});

it("a tenant that is deleted in the middle leaves nothing to do and no error", async () => {
  const files = await stage.start({ limits: { pausesMs: Array.from({ length: 500 }, () => 10) } });
  const number = await stage.number({}, { tenantId: "rival" });
  const lift = stage.waha.trouble.fail({ routes: /files/, answer: { status: 404, body: {} } });
  const url = stage.serve("u.jpeg", file);
  const wait = stage.waha.trouble.fail({ routes: /files/, answer: { status: 503, body: {} } });
  await stage.send(number, "U1", { url });
  await expect.poll(calls).toBeGreaterThan(0);
  await stage.store.directory.deleteTenant("rival");
  wait();
  lift();
  await expect.poll(() => files.stats().waiting).toBe(0);
  await files.stop();
  expect(stage.logged.filter((line) => line.includes('"level":50'))).toEqual([]);
});

it("what became of files is forgotten with their events", async () => {
  await stage.start({ forgetEveryMs: 20 });
  const number = await stage.number();
  await stage.send(number, "T1", { url: stage.serve("t.jpeg", file) });
  await stage.settled();
  const kept = () => stage.store.records.list({ tenantId: "acme" }, "media-file", { limit: 10 });
  expect(await kept()).toHaveLength(1);
  stage.skewMs += 40 * 24 * 3_600_000;
  await stage.send(number, "T2", { url: "none" });
  const now = Date.now() + stage.skewMs;
  await stage.store.log.expire(now - 30 * 24 * 3_600_000, now, 500);
  await expect.poll(kept).toEqual([]);
});
