import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { RecadoError } from "../../../base/recado-error.ts";
import type { Instance } from "../../../store/contract/index.ts";
import { startPairingStage, type PairingStage } from "../testing/pairing-stage.ts";
import { RateBudget } from "./rate-budget.ts";
import type { Visited } from "./public-pairing.ts";

let stage: PairingStage;
const running: FakeWaha[] = [];
beforeAll(async () => {
  stage = await startPairingStage();
});
afterEach(async () => {
  stage.skewMs = 0;
  await Promise.all(running.splice(0).map((server) => server.close()));
});
afterAll(() => stage.close());

let count = 0;

interface Scene {
  readonly fake: FakeWaha;
  readonly instance: Instance;
  readonly name: string;
  readonly token: string;
  readonly hash: string;
}

/** A number of WAHA's that is not connected, and a link for it. */
async function scene(tenantId = "default"): Promise<Scene> {
  count += 1;
  const name = `loja ${count}`;
  const fake = await startFakeWaha({ apiKey: "key", sessions: [{ name }] });
  running.push(fake);
  const instance = await stage.addInstance({ name, provider: "waha", url: fake.url, tenantId });
  fake.setWebhooks(name, [{ url: stage.ingestUrl(instance), events: ["*"] }]);
  const { token, link } = await stage.links.create(instance, { ttlMs: 1_800_000 });
  return { fake, instance, name, token, hash: link.hash };
}

let addresses = 0;
/** Somebody at an address that nobody else has. */
function somewhere(): string {
  addresses += 1;
  return `198.51.100.${addresses}`;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => "nothing was refused",
    (reason: unknown) => reason,
  );
  return error instanceof RecadoError ? error.code : String(error);
}

async function until(
  visit: { token: string; visitor: string },
  stageName: string,
): Promise<Visited> {
  const address = somewhere();
  let seen = await stage.visits.read({ ...visit, address });
  while (seen.view.state.stage !== stageName)
    seen = await stage.visits.read({ ...visit, address, after: seen.view.version });
  return seen;
}

describe("a pairing link", () => {
  it("opened starts the pairing, shows the code and the name, and ends with the success", async () => {
    const { fake, name, token, instance } = await scene();
    const first = await stage.visits.read({ token, address: somewhere() });
    expect(first.view.state.code?.qr).toBe(fake.phone.code(name));
    expect(first.name).toBe(name);
    fake.phone.scan(name);
    const { visitor } = first;
    expect((await until({ token, visitor }, "connected")).view.image).toBeUndefined();

    // The answer that said it may have been lost on the way.
    const again = await stage.visits.read({ token, visitor, address: somewhere() });
    expect(again.view.state.stage).toBe("connected");
    for (const other of [undefined, "x".repeat(22)]) {
      const visit = { token, visitor: other, address: somewhere() };
      expect(await codeOf(stage.visits.read(visit))).toBe("pairing_link_gone");
      expect(await codeOf(stage.visits.renew(visit))).toBe("pairing_link_gone");
      expect(await codeOf(stage.visits.code({ ...visit, phone: "5511900000102" }))).toBe(
        "pairing_link_gone",
      );
    }
    // Logged out later, the number is not for that visitor to see any more.
    await stage.pairings.logout(instance);
    stage.skewMs = 700_000;
    const late = { token, visitor, address: somewhere() };
    expect(await codeOf(stage.visits.read(late))).toBe("pairing_link_gone");
  });

  it("ends with the success also when nobody looks any more", async () => {
    const { fake, name, token, instance, hash } = await scene();
    const { visitor } = await stage.visits.read({ token, address: somewhere() });
    const second = await stage.links.create(instance, { ttlMs: 60_000 });
    fake.phone.scan(name);
    await stage.event(
      "instance.connection_changed",
      (event) => event.instance?.id === instance.id && event.data.state === "open",
    );
    const isUsed = async (key: string): Promise<boolean> =>
      (await stage.links.find(key))?.link.usedAt !== undefined;
    // The links are ended behind the event: a turn of the loop lets their writes go on.
    while (!(await isUsed(hash)) || !(await isUsed(second.link.hash)))
      await new Promise((resolve) => setImmediate(resolve));
    const visit = { token, visitor, address: somewhere() };
    expect((await stage.visits.read(visit)).view.state.stage).toBe("connected");
  });

  it("shows nothing to a second visitor until the first was gone for a minute", async () => {
    const { token } = await scene();
    const first = await stage.visits.read({ token, address: somewhere() });
    expect(await codeOf(stage.visits.read({ token, address: somewhere() }))).toBe(
      "pairing_link_taken",
    );
    const guess = { token, visitor: "A".repeat(22), address: somewhere() };
    expect(await codeOf(stage.visits.read(guess))).toBe("pairing_link_taken");
    stage.skewMs = 61_000;
    const second = await stage.visits.read({ token, address: somewhere() });
    expect(second.visitor).not.toBe(first.visitor);
    const back = { token, visitor: first.visitor, address: somewhere() };
    expect(await codeOf(stage.visits.read(back))).toBe("pairing_link_taken");
  });

  it("that is unknown, malformed, revoked, expired or of a number that is gone is refused alike", async () => {
    const revoked = await scene();
    expect(await stage.links.remove(revoked.instance, revoked.hash)).toBe(true);
    const gone = await scene();
    await stage.store.directory.deleteInstance({ tenantId: "default" }, gone.instance.id);
    const idle = await scene("sleeping");
    await stage.store.directory.updateTenant("sleeping", { active: false });
    const expired = await scene();
    stage.skewMs = 1_800_001;
    const tokens = ["", "x", "../../etc", "A".repeat(43), revoked.token, gone.token, idle.token];
    for (const token of [...tokens, expired.token, `${expired.token}x`]) {
      const visit = { token, address: somewhere() };
      expect(await codeOf(stage.visits.read(visit)), token).toBe("pairing_link_gone");
    }
    expect(expired.fake.calls.count("POST /api/sessions/:session/start")).toBe(0);
  });

  it("that ends while somebody waits is over for them, too", async () => {
    const { token, instance, hash, fake, name } = await scene();
    const { visitor, view } = await stage.visits.read({ token, address: somewhere() });
    const waiting = stage.visits.read({
      token,
      visitor,
      address: somewhere(),
      after: view.version,
    });
    await stage.links.remove(instance, hash);
    fake.phone.nextCode(name);
    expect(await codeOf(waiting)).toBe("pairing_link_gone");
  });

  it("gives a code to type, and not more of them than a person needs", async () => {
    const { token } = await scene();
    const { visitor } = await stage.visits.read({ token, address: somewhere() });
    const ask = (): Promise<Visited> =>
      stage.visits.code({ token, visitor, address: somewhere(), phone: "5511900000102" });
    expect((await ask()).view.state.pairingCode).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    for (let times = 1; times < 5; times += 1) await ask();
    expect(await codeOf(ask())).toBe("too_many_requests");
  });

  it("starts again after the codes were used up, when its visitor says so", async () => {
    const { token, fake, name } = await scene();
    const { visitor } = await stage.visits.read({ token, address: somewhere() });
    for (let codes = 0; codes < 6; codes += 1) fake.phone.nextCode(name);
    await until({ token, visitor }, "expired");
    const again = await stage.visits.renew({ token, visitor, address: somewhere() });
    expect(again.view.state).toMatchObject({ stage: "code", attempts: 1 });
  });

  it("says nothing of a server that fails but that it is not reached", async () => {
    const { token, fake } = await scene();
    fake.trouble.setApiKey("changed");
    const seen = await stage.visits.read({ token, address: somewhere() });
    expect(seen.view.state.stage).toBe("idle");
    expect(seen.view.trouble).toBe("provider_refused");
    const error: unknown = await stage.visits
      .renew({ token, visitor: seen.visitor, address: somewhere() })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ details: [] });
  });

  it("is stored as a hash that opens nothing, and is in no log", async () => {
    const { token, hash } = await scene();
    await stage.visits.read({ token, address: somewhere() });
    const records = await stage.store.records.list({ tenantId: "default" }, "pairing-link", {
      limit: 1_000,
    });
    expect(JSON.stringify(records)).toContain(hash);
    expect(JSON.stringify(records)).not.toContain(token);
    expect(stage.logged.join("\n")).not.toContain(token);
    expect(await codeOf(stage.visits.read({ token: hash, address: somewhere() }))).toBe(
      "pairing_link_gone",
    );
  });

  it("exists at most twenty times for a number, and is forgotten a day after its end", async () => {
    const { instance } = await scene();
    const make = (): Promise<unknown> => stage.links.create(instance, { ttlMs: 60_000 });
    for (let links = 1; links < 20; links += 1) await make();
    expect(await codeOf(make())).toBe("pairing_link_limit");
    stage.skewMs = 2 * 86_400_000;
    await make();
    const page = { limit: 1_000 };
    const left = await stage.links.list({ tenantId: "default" }, page);
    expect(left.filter(({ instanceId }) => instanceId === instance.id)).toHaveLength(1);
  });

  it("belongs to its number: another's cannot revoke it, another tenant's neither", async () => {
    const [one, other] = [await scene(), await scene("rival")];
    expect(await stage.links.remove(other.instance, one.hash)).toBe(false);
    expect(await stage.links.list({ tenantId: "rival" }, { limit: 100 })).toHaveLength(1);
    expect((await stage.links.find(one.hash))?.instance.id).toBe(one.instance.id);
  });
});

describe("whoever guesses", () => {
  it("is stopped after thirty tries, and nobody who is at a link is held up by it", async () => {
    const { token } = await scene();
    const address = somewhere();
    const { visitor } = await stage.visits.read({ token, address });
    const guess = (n: number): Promise<string> =>
      codeOf(stage.visits.read({ token: String(n).padStart(43, "g"), address }));
    for (let n = 0; n < 30; n += 1) expect(await guess(n)).toBe("pairing_link_gone");
    expect(await guess(30)).toBe("too_many_requests");
    expect((await stage.visits.read({ token, visitor, address })).visitor).toBe(visitor);
    stage.skewMs = 60_001;
    expect(await guess(31)).toBe("pairing_link_gone");
  });

  it("and asks a link without end is stopped for a minute", async () => {
    const { token } = await scene();
    const address = somewhere();
    const { visitor } = await stage.visits.read({ token, address });
    const read = (): Promise<string> => codeOf(stage.visits.read({ token, visitor, address }));
    let refused = "";
    for (let n = 0; n < 130 && refused !== "too_many_requests"; n += 1) refused = await read();
    expect(refused).toBe("too_many_requests");
  });
});

describe("a budget", () => {
  it("remembers only so many, and forgets the oldest first", () => {
    const budget = new RateBudget(1, 1_000, 2);
    for (const key of ["a", "b", "c"]) expect(budget.take(key, 0)).toBe(true);
    expect(["a", "b", "c"].map((key) => budget.isSpent(key, 999))).toEqual([false, true, true]);
    expect(budget.take("c", 1_000)).toBe(true);
  });
});
