import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Records, Store } from "../../store/contract/index.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "./testing/adoption-stage.ts";

const apikey = "the-global-key-of-this-server";
const url = "http://127.0.0.1:9090/n8n?key=1";
const hook = { enabled: true, url, events: ["CALL"], headers: { "x-a": "1" }, byEvents: false };

let stage: AdoptionStage;
let evolution: FakeEvolution;
beforeEach(async () => {
  stage = await createAdoptionStage();
  evolution = await startFakeEvolution({
    apikey,
    instances: ["a", "b"].map((name) => ({ name })),
  });
  for (const name of ["a", "b"]) evolution.setWebhook(name, { ...hook, base64: false });
});
afterEach(async () => {
  await evolution.close();
  await stage.close();
});

/** The store of a process that dies at its `at`-th write: from then on nothing is written. */
function dyingStore(store: Store, at: number): { readonly store: Store; readonly writes: number } {
  const count = { writes: 0 };
  const guard = <T extends object>(part: T, writing: RegExp): T =>
    new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...given: unknown[]): unknown => {
          if (writing.test(String(name))) {
            count.writes += 1;
            if (count.writes >= at) return Promise.reject(new Error("the process has died"));
          }
          return Reflect.apply(member, target, given) as unknown;
        };
      },
    });
  const records: Records = guard(store.records, /^put|^delete/);
  return {
    store: {
      ...store,
      records,
      directory: guard(store.directory, /^(create|update|delete)/),
      deliveries: guard(store.deliveries, /^(plan|startAt)/),
    },
    get writes() {
      return count.writes;
    },
  };
}

const rowOf = (name: string): object => {
  const { updatedAt: _at, ...row } = evolution.webhookOf(name) ?? { updatedAt: "" };
  return row;
};

test("wherever an adoption dies, the next one ends it, keeps the old address receiving, and can put it back", async () => {
  const before = ["a", "b"].map(rowOf);
  const server = await stage.register("evolution", evolution.url, apikey);
  let isDying = true;
  let deaths = 0;
  for (let at = 1; isDying; at++) {
    const dying = dyingStore(stage.store, at);
    const dead = stage.adoption({ store: dying.store });
    const ended = await dead.sync(scope, server).catch((error: unknown) => String(error));
    isDying = dying.writes >= at;
    if (isDying) deaths++;
    else expect(ended).toMatchObject({ state: "done", failed: 0 });
    const adoption = stage.adoption();
    const { failed, state } = await adoption.sync(scope, server);
    expect([state, failed], `died at write ${at}`).toEqual(["done", 0]);
    const active = (await stage.endpoints()).filter(({ enabled, instances }) => {
      return enabled && instances !== undefined && instances.length > 0;
    });
    expect(active.map((endpoint) => endpoint.url)).toEqual([url]);
    expect(active[0]?.instances).toHaveLength(2);
    for (const instance of await stage.instances()) {
      expect(evolution.webhookOf(instance.providerName)?.url).toContain(instance.ingestToken);
      expect(evolution.webhookOf(instance.providerName)?.headers).toEqual({
        jwt_key: stage.secretBox.open(instance.webhookSecret ?? ""),
      });
    }
    await adoption.release(scope, server);
    expect(["a", "b"].map(rowOf), `died at write ${at}`).toEqual(before);
    for (const { id } of await stage.instances())
      await stage.store.directory.deleteInstance(scope, id);
  }
  expect(deaths).toBeGreaterThan(10);
}, 120_000);

/** What would become of a message that came now: who gets it, the old address or nobody. */
async function reached(name: string): Promise<boolean> {
  const at = evolution.webhookOf(name)?.url ?? "";
  if (at === url) return true;
  const instance = await stage.instance(name);
  if (!at.includes(instance.ingestToken)) return false;
  return (await stage.endpoints()).some(
    (endpoint) =>
      endpoint.url === url && endpoint.enabled && endpoint.instances?.includes(instance.id),
  );
}

test("wherever giving back dies, the old address goes on receiving, and the next one ends it", async () => {
  const before = ["a", "b"].map(rowOf);
  const server = await stage.register("evolution", evolution.url, apikey);
  let deaths = 0;
  for (let at = 1, isDying = true; isDying; at++) {
    const adoption = stage.adoption();
    expect(await adoption.sync(scope, server)).toMatchObject({ state: "done", failed: 0 });
    const dying = dyingStore(stage.store, at);
    await stage
      .adoption({ store: dying.store })
      .release(scope, server)
      .catch((error: unknown) => String(error));
    isDying = dying.writes >= at;
    if (isDying) deaths++;
    for (const name of ["a", "b"])
      expect([at, name, await reached(name)]).toEqual([at, name, true]);
    // Its checks adopt nothing again that was to be given back.
    const next = stage.adoption();
    await next.checkNow(scope, server);
    for (const name of ["a", "b"])
      expect([at, name, await reached(name)]).toEqual([at, name, true]);
    expect(await next.release(scope, server)).toMatchObject({ failures: [] });
    expect(["a", "b"].map(rowOf), `died at write ${at}`).toEqual(before);
    for (const { enabled, instances } of await stage.endpoints())
      expect([enabled, instances]).toEqual([false, []]);
    for (const { webhookSecret } of await stage.instances()) expect(webhookSecret).toBeUndefined();
  }
  expect(deaths).toBeGreaterThan(5);
}, 120_000);
