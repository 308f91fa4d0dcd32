import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../control/testing/manual-clock.ts";
import { systemIds } from "../../base/ids.ts";
import type { ProviderServer } from "../../store/contract/index.ts";
import { maxRepairs } from "./decide/drift.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apikey = "the-global-key-of-this-server";
const setRoute = "POST /webhook/set/:instanceName";
let stage: AdoptionStage;
let evolution: FakeEvolution;
let server: ProviderServer;
beforeEach(async () => {
  stage = await createAdoptionStage();
  evolution = await startFakeEvolution({ apikey, instances: [{ name: "loja" }, { name: "b" }] });
  server = await stage.register("evolution", evolution.url, apikey);
});
afterEach(async () => {
  await evolution.close();
  await stage.close();
});

/** Chance that is none. */
const fixedIds = { ...systemIds, random: () => 0 };

/** What was told about webhooks that changed. */
async function told(): Promise<readonly { readonly reason: string; readonly evidence: object }[]> {
  const events = await stage.events("instance.webhook_changed");
  return events.map(({ json }) => (JSON.parse(json) as { readonly data: never }).data);
}

describe("looking after webhooks", () => {
  test("a change is told once with what differs, and nothing is written while all is well", async () => {
    const adoption = stage.adoption({ repair: "off" });
    await adoption.sync(scope, server);
    evolution.calls.clear();
    await adoption.checkNow(scope, server);
    expect([evolution.calls.count(setRoute), await told()]).toEqual([0, []]);
    const { url = "", headers } = evolution.webhookOf("loja") ?? {};
    evolution.setWebhook("loja", { enabled: true, url, headers, events: ["CALL"] });
    await adoption.checkNow(scope, server);
    await adoption.checkNow(scope, server);
    const [news, ...others] = await told();
    expect(others).toEqual([]);
    expect(news).toMatchObject({
      reason: "webhook_altered",
      evidence: { differences: [{ setting: "events", wanted: "all", found: "CALL" }] },
    });
    const { id, ingestToken } = await stage.instance("loja");
    const record = await adoption.hookOf(scope, id);
    expect(record).toMatchObject({ state: "drifted", differences: [{ setting: "events" }] });
    expect(JSON.stringify(await told())).not.toContain(ingestToken);
  });

  test("what makes us deaf is put right, and who was put in our place goes on receiving", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const intruder = "http://127.0.0.1:9191/other?secret=s3cret";
    evolution.setWebhook("loja", { enabled: true, url: intruder, events: [] });
    await adoption.checkNow(scope, server);
    expect(evolution.webhookOf("loja")?.url).toContain((await stage.instance("loja")).ingestToken);
    const [endpoint] = await stage.endpoints();
    expect(endpoint).toMatchObject({ url: intruder, enabled: true });
    expect(await told()).toMatchObject([{ reason: "webhook_lost", evidence: { repairing: true } }]);
    expect(JSON.stringify(await told())).not.toContain("s3cret");
    await adoption.release(scope, server);
    expect(evolution.webhookOf("loja")?.url).toBe(intruder);
  });

  test("what may have gone elsewhere is passed on, from the last look on, also when a person put it right", async () => {
    const missed: { readonly instanceId: string; readonly since: number }[] = [];
    const adoption = stage.adoption({ repair: "off", mayHaveMissed: (gap) => missed.push(gap) });
    await adoption.sync(scope, server);
    await adoption.checkNow(scope, server);
    const { id } = await stage.instance("loja");
    const ours = evolution.webhookOf("loja") ?? { url: "" };
    const lastGood = (await adoption.hookOf(scope, id))?.checkedAt;
    expect(missed).toEqual([]);
    evolution.setWebhook("loja", { ...ours, events: ["CALL"] });
    await adoption.checkNow(scope, server);
    expect(missed).toEqual([]);
    evolution.removeWebhook("loja");
    await adoption.checkNow(scope, server);
    expect(missed).toMatchObject([{ instanceId: id, since: expect.any(Number) }]);
    expect(missed[0]?.since).toBeGreaterThanOrEqual(lastGood ?? Infinity);
    const lastLook = (await adoption.hookOf(scope, id))?.checkedAt;
    evolution.setWebhook("loja", { ...ours, events: [] });
    await adoption.checkNow(scope, server);
    expect(missed.slice(1)).toMatchObject([{ instanceId: id, since: lastLook }]);
    await adoption.checkNow(scope, server);
    expect(missed).toHaveLength(2);
  });

  test("two programs that want different things do not fight for ever, and the end of it is told", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    evolution.calls.clear();
    for (let round = 0; round < maxRepairs + 3; round++) {
      evolution.removeWebhook("loja");
      await adoption.checkNow(scope, server);
    }
    expect(evolution.calls.count(setRoute)).toBe(maxRepairs);
    expect(evolution.webhookOf("loja")).toBeUndefined();
    const news = await told();
    expect(news.at(-1)).toMatchObject({ evidence: { repairing: false, gaveUp: true } });
  });

  test("a new number is adopted by itself", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    await evolution.create({ name: "nova" });
    await adoption.checkNow(scope, server);
    expect(evolution.webhookOf("nova")?.url).toContain((await stage.instance("nova")).ingestToken);
  });

  test("a number that is deleted here is given back, and returns only when a person synchronises", async () => {
    const theirs = "http://127.0.0.1:9191/other";
    evolution.setWebhook("loja", { enabled: true, url: theirs, events: [] });
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const loja = await stage.instance("loja");
    await stage.store.directory.deleteInstance(scope, loja.id);
    await adoption.instanceGone(scope, loja);
    await adoption.settled();
    expect(evolution.webhookOf("loja")?.url).toBe(theirs);
    expect(await adoption.hookOf(scope, loja.id)).toBeUndefined();
    await adoption.checkNow(scope, server);
    expect((await stage.instances()).map(({ name }) => name)).toEqual(["b"]);
    await adoption.sync(scope, server);
    expect(await stage.instance("loja")).not.toMatchObject({ id: loja.id });
  });

  test("a changed key is one failing health, and the numbers keep what is known of them", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const wrong = { ...server, apiKey: stage.secretBox.seal("another key") };
    const progress = await adoption.sync(scope, wrong);
    expect(progress).toMatchObject({ state: "failed", reason: { code: "unauthorised" } });
    expect(await adoption.state(scope, server.id)).toMatchObject({
      ok: false,
      reason: { code: "unauthorised" },
      version: "2.3.7",
    });
    const { id } = await stage.instance("loja");
    expect(await adoption.hookOf(scope, id)).toMatchObject({ state: "adopted" });
    expect(await stage.events("instance.removed")).toEqual([]);
  });
});

test("looks are spread over the interval, and a server that is gone costs one look a round", async () => {
  const clock = new ManualClock();
  const adoption = stage.adoption({ clock, checkEveryMs: 60_000, ids: fixedIds });
  await adoption.sync(scope, server);
  evolution.calls.clear();
  const seen: (readonly [number, number])[] = [];
  const forward = async (ms: number): Promise<void> => {
    await clock.forward(ms);
    await adoption.settled();
    const { calls } = evolution;
    const lists = calls.count("GET /instance/fetchInstances");
    seen.push([lists, calls.count("GET /webhook/find/:instanceName")]);
  };
  // The first round begins after half an interval; its numbers follow a third of an interval apart.
  for (const ms of [29_000, 2_000, 18_000, 3_000, 19_000, 2_000, 19_000, 2_000]) await forward(ms);
  expect(seen).toEqual([
    [0, 0],
    [1, 0],
    [1, 0],
    [1, 1],
    [1, 1],
    [1, 2],
    [1, 2],
    [2, 2],
  ]);
  await evolution.trouble.stop();
  for (let round = 0; round < 4; round++) {
    await clock.forward(60_000);
    await adoption.settled();
  }
  expect(await adoption.state(scope, server.id)).toMatchObject({
    ok: false,
    reason: { code: "unreachable" },
    checkedAt: clock.now(),
  });
  await evolution.trouble.start();
});
