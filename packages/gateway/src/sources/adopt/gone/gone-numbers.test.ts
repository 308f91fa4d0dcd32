import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProviderServer } from "../../../store/contract/index.ts";
import { sentenceFor } from "../reasons/sentences.ts";
import { maxNumbers } from "../roster-keeper.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "../testing/adoption-stage.ts";

const apikey = "the-global-key-of-this-server";
const theirs = "http://127.0.0.1:9191/other";
const names = ["a", "b", "c", "d", "e"];
let stage: AdoptionStage;
let evolution: FakeEvolution;
let server: ProviderServer;
beforeEach(async () => {
  stage = await createAdoptionStage();
  evolution = await startFakeEvolution({ apikey, instances: names.map((name) => ({ name })) });
  for (const name of names) evolution.setWebhook(name, { enabled: true, url: theirs, events: [] });
  server = await stage.register("evolution", evolution.url, apikey);
});
afterEach(async () => {
  await evolution.close();
  await stage.close();
});

const urls = (): readonly (string | undefined)[] =>
  names.map((name) => evolution.webhookOf(name)?.url);

describe("numbers that are deleted here", () => {
  test("while their server is down are given back when it answers, and stay away", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const lift = evolution.trouble.fail({ answer: { status: 401, body: {} } });
    // At once: none may undo what another has noted.
    await Promise.all(
      (await stage.instances()).map(async (instance) => {
        await adoption.instanceGoing(scope, instance);
        await stage.store.directory.deleteInstance(scope, instance.id);
        await adoption.instanceGone(scope, instance);
      }),
    );
    await adoption.settled();
    expect(urls()).not.toContain(theirs);
    lift();
    await adoption.checkNow(scope, server);
    expect(urls()).toEqual(names.map(() => theirs));
    expect(await stage.instances()).toEqual([]);
    expect((await adoption.state(scope, server.id)).owed).toEqual([]);
    for (const endpoint of await stage.endpoints())
      expect(endpoint).toMatchObject({ enabled: false, instances: [] });
    // What stood there is kept anew when a person wants the numbers again.
    expect(await adoption.sync(scope, server)).toMatchObject({ adopted: names.length });
    const receiving = (await stage.endpoints()).filter(({ enabled }) => enabled);
    expect(receiving).toMatchObject([{ url: theirs }]);
    expect(receiving[0]?.instances).toHaveLength(names.length);
  });

  test("just before this process ended are given back by the next one", async () => {
    const dead = stage.adoption();
    await dead.sync(scope, server);
    const [instance] = await stage.instances();
    if (!instance) throw new Error("nothing was adopted");
    await dead.instanceGoing(scope, instance);
    await stage.store.directory.deleteInstance(scope, instance.id);
    await stage.adoption().checkNow(scope, server);
    expect(evolution.webhookOf(instance.providerName)?.url).toBe(theirs);
    expect(await stage.instances()).toHaveLength(names.length - 1);
  });

  test("go on as they were when the process ended before they were deleted", async () => {
    const dead = stage.adoption();
    await dead.sync(scope, server);
    const [instance] = await stage.instances();
    if (!instance) throw new Error("nothing was adopted");
    await dead.instanceGoing(scope, instance);
    const adoption = stage.adoption();
    await adoption.checkNow(scope, server);
    expect(evolution.webhookOf(instance.providerName)?.url).toContain(instance.ingestToken);
    expect(await adoption.state(scope, server.id)).toMatchObject({ owed: [], ignored: [] });
  });
});

describe("a server's list", () => {
  test("that is read with the key of some numbers says nothing about the others", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const token = evolution.tokenOf("a");
    const limited = { ...server, apiKey: stage.secretBox.seal(token) };
    expect(await adoption.sync(scope, limited)).toMatchObject({ state: "done", total: 1 });
    expect(await stage.events("instance.removed")).toEqual([]);
    expect(await stage.instances()).toHaveLength(names.length);
  });

  test("that is longer than any server's is refused as a whole, with its reason", async () => {
    const adoption = stage.adoption();
    await adoption.sync(scope, server);
    const list = Array.from({ length: maxNumbers + 1 }, (_, index) => ({
      name: `invented ${index}`,
      connectionStatus: "open",
    }));
    const lift = evolution.trouble.fail({
      routes: "GET /instance/fetchInstances",
      answer: { status: 200, body: list },
    });
    expect(await adoption.sync(scope, server)).toMatchObject({
      state: "failed",
      reason: { code: "too_many_numbers", detail: "10001 numbers" },
    });
    lift();
    expect(await stage.instances()).toHaveLength(names.length);
    expect(await stage.events("instance.removed")).toEqual([]);
    expect(sentenceFor("too_many_numbers").pt).toContain("mais números");
  });

  test("spells a name that webhooks brought in another form of the same letters: it is one number, called by its own spelling", async () => {
    const spelt = "Operação".normalize("NFD");
    await evolution.create({ name: spelt });
    const composed = spelt.normalize("NFC");
    await stage.store.directory.createInstance(scope, {
      id: "ins_learnt",
      tenantId: scope.tenantId,
      name: composed,
      providerName: composed,
      provider: "evolution",
      ingestToken: "an-ingest-token-of-it",
      createdAt: 1,
    });
    const adoption = stage.adoption();
    expect(await adoption.sync(scope, server)).toMatchObject({ failed: 0 });
    const instances = await stage.instances();
    expect(instances.filter(({ name }) => name.normalize("NFC") === composed)).toMatchObject([
      { id: "ins_learnt", name: composed, providerName: spelt, serverId: server.id },
    ]);
    expect(evolution.webhookOf(spelt)?.url).toContain("an-ingest-token-of-it");
  });
});

test("a synchronising with a new key follows the one that runs with the old one", async () => {
  const adoption = stage.adoption();
  const wrong = { ...server, apiKey: stage.secretBox.seal("a mistyped key") };
  const first = adoption.sync(scope, wrong);
  const second = adoption.sync(scope, server);
  expect(await first).toMatchObject({ state: "failed", reason: { code: "unauthorised" } });
  expect(await second).toMatchObject({ state: "done", adopted: names.length });
  expect(await adoption.state(scope, server.id)).toMatchObject({ ok: true });
});
