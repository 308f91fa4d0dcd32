import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { systemClock } from "../base/clock.ts";
import { createLogger } from "../base/logger.ts";
import { createSecretBox } from "../base/secret-box.ts";
import type { Store } from "../store/contract/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { newEndpoint, newTenant, tenantA } from "../store/testing/new-records.ts";
import { withSealedHeaders } from "./sealed-headers.ts";

const box = createSecretBox(Buffer.alloc(32, 7));

let directory = "";
let store: Store;
let sealing: Store;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-headers-"));
  store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger: createLogger("silent"),
    newEpoch: () => "e1",
  });
  sealing = withSealedHeaders(store, box);
  await sealing.directory.createTenant(newTenant(tenantA.tenantId));
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

it("a header's value is nowhere on the disk, and everybody reads it as it was given", async () => {
  const endpoint = newEndpoint("ep_1", { headers: { Authorization: "Bearer first-credential" } });
  await sealing.directory.createEndpoint(tenantA, endpoint);
  expect(await sealing.directory.endpoint(tenantA, "ep_1")).toEqual(endpoint);
  const headers = { "x-key": "second-credential", "x-empty": "" };
  expect(await sealing.directory.updateEndpoint(tenantA, "ep_1", { headers })).toMatchObject({
    headers,
  });
  expect(await sealing.directory.endpoints(tenantA, { limit: 5 })).toMatchObject([{ headers }]);
  await sealing.directory.updateEndpoint(tenantA, "ep_1", { enabled: false });
  expect(await sealing.directory.endpoint(tenantA, "ep_1")).toMatchObject({
    headers,
    enabled: false,
  });
  for (const file of await readdir(directory)) {
    const bytes = await readFile(join(directory, file));
    for (const secret of ["first-credential", "second-credential"])
      expect(bytes.includes(secret), file).toBe(false);
  }
});

it("what an earlier version wrote in clear is read as it is, and sealed when it is written next", async () => {
  const headers = { "x-key": "v1.clear" };
  await store.directory.createEndpoint(tenantA, newEndpoint("ep_1", { headers }));
  expect(await sealing.directory.endpoint(tenantA, "ep_1")).toMatchObject({ headers });
  await sealing.directory.updateEndpoint(tenantA, "ep_1", { headers });
  expect((await store.directory.endpoint(tenantA, "ep_1"))?.headers["x-key"]).not.toContain(
    "clear",
  );
  expect(await sealing.directory.endpoint(tenantA, "ep_1")).toMatchObject({ headers });
});
