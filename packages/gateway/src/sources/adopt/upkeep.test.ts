import { startFakeEvolution, startFakeWaha, type FakeEvolution } from "@recado/simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManualClock } from "../control/testing/manual-clock.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apiKey = "the-global-key-of-this-server";
let stage: AdoptionStage;
let evolution: FakeEvolution;
beforeEach(async () => {
  stage = await createAdoptionStage();
  evolution = await startFakeEvolution({ apikey: apiKey, instances: [{ name: "loja" }] });
});
afterEach(async () => {
  await evolution.close();
  await stage.close();
});

const servers = () => stage.store.directory.servers(scope, { limit: 10 });

test("servers of the settings are adopted at start, the same ones at each start", async () => {
  const waha = await startFakeWaha({
    apiKey,
    sessions: [{ name: "default", me: { id: "5511900000100@c.us", pushName: "Loja" } }],
  });
  const configured = [
    { provider: "evolution", baseUrl: evolution.url, apiKey },
    { provider: "waha", baseUrl: waha.url, apiKey },
  ] as const;
  const first = stage.adoption();
  await first.start(scope, configured);
  await first.settled();
  expect((await stage.instances()).map(({ name }) => name).toSorted()).toEqual(["default", "loja"]);
  const before = await servers();
  expect(before.map(({ provider, allowPrivate }) => [provider, allowPrivate])).toEqual([
    ["evolution", true],
    ["waha", true],
  ]);
  await first.stop();
  const second = stage.adoption();
  await second.start(scope, [{ ...configured[0], apiKey: "another key" }, configured[1]]);
  await second.settled();
  const after = await servers();
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(stage.secretBox.open(after[0]?.apiKey ?? "")).toBe("another key");
  expect(await second.state(scope, after[0]?.id ?? "")).toMatchObject({
    ok: false,
    reason: { code: "unauthorised" },
  });
  expect(await stage.instances()).toHaveLength(2);
  await waha.close();
});

test("a server that fails at start stops nothing, and is adopted when it comes up", async () => {
  const lift = evolution.trouble.fail({ answer: { status: 503, body: {} } });
  const clock = new ManualClock();
  const adoption = stage.adoption({ clock });
  await adoption.start(scope, [{ provider: "evolution", baseUrl: evolution.url, apiKey }]);
  await adoption.settled();
  const [server] = await servers();
  expect(await adoption.state(scope, server?.id ?? "")).toMatchObject({
    ok: false,
    sync: { state: "failed", reason: { code: "provider_failed" } },
  });
  lift();
  for (let tries = 0; tries < 20 && (await stage.instances()).length === 0; tries++) {
    await clock.forward(300_000);
    await adoption.settled();
  }
  expect(evolution.webhookOf("loja")?.url).toContain("/in/");
});

test("a synchronising that a crash has ended goes on at the next start", async () => {
  const server = await stage.register("evolution", evolution.url, apiKey);
  const counts = { total: 1, done: 0, adopted: 0, already: 0, skipped: 0, failed: 0 };
  const sync = { ...counts, state: "running", startedAt: 1, failures: [] };
  await stage.store.records.put(scope, "server-state", server.id, { sync });
  const adoption = stage.adoption();
  await adoption.start(scope, []);
  await adoption.settled();
  expect(await adoption.state(scope, server.id)).toMatchObject({
    sync: { state: "done", adopted: 1 },
  });
});
