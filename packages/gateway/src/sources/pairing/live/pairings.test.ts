import {
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Instance } from "../../../store/contract/index.ts";
import { startPairingStage, type PairingStage } from "../testing/pairing-stage.ts";
import type { PairingView } from "./pairings.ts";

let stage: PairingStage;
const running: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  stage = await startPairingStage();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
afterAll(() => stage.close());

let count = 0;
function nextName(): string {
  count += 1;
  return `loja ${count}`;
}

/** Follows a number until it is at one of these stages. */
async function until(
  instance: Instance,
  ...stages: readonly PairingView["state"]["stage"][]
): Promise<PairingView> {
  let view = await stage.pairings.look(instance);
  while (!stages.includes(view.state.stage))
    view = await stage.pairings.look(instance, { after: view.version });
  return view;
}

interface Waha {
  readonly fake: FakeWaha;
  readonly instance: Instance;
  readonly name: string;
}

async function waha(pushes = true, events: readonly string[] = ["*"]): Promise<Waha> {
  const name = nextName();
  const fake = await startFakeWaha({ apiKey: "key", sessions: [{ name }] });
  running.push(fake);
  const instance = await stage.addInstance({ name, provider: "waha", url: fake.url });
  if (pushes) fake.setWebhooks(name, [{ url: stage.ingestUrl(instance), events: [...events] }]);
  return { fake, instance, name };
}

interface Evolution {
  readonly fake: FakeEvolution;
  readonly instance: Instance;
  readonly name: string;
}

async function evolution(pushes = true, limit = 30): Promise<Evolution> {
  const name = nextName();
  const fake = await startFakeEvolution({
    apikey: "key",
    instances: [{ name }],
    qr: { limit },
  });
  running.push(fake);
  const instance = await stage.addInstance({ name, provider: "evolution", url: fake.url });
  if (pushes) {
    const webhook = { enabled: true, url: stage.ingestUrl(instance), events: [] };
    fake.setWebhook(name, webhook);
  }
  return { fake, instance, name };
}

describe("pairing a number of WAHA", () => {
  it("shows its code, tells it as an event once, renews it, and ends connected", async () => {
    const { fake, instance, name } = await waha();
    const first = await stage.pairings.connect(instance);
    expect(first.state).toMatchObject({ stage: "code", attempts: 1, code: { attemptsLeft: 5 } });
    expect(first.state.code?.qr).toBe(fake.phone.code(name));
    expect(first.image).toMatch(/^data:image\/png;base64,/);
    const own = (event: { data: { qr?: string | undefined } }): boolean =>
      event.data.qr === first.state.code?.qr;
    const told = await stage.event("instance.qr_updated", own);
    expect(told.data.base64).toBe(first.image);
    expect(told.instance).toEqual({ id: instance.id, name, provider: "waha" });

    fake.phone.nextCode(name);
    const second = await stage.pairings.look(instance, { after: first.version });
    expect(second.state.code?.qr).toBe(fake.phone.code(name));
    expect(second.state.attempts).toBe(2);
    await stage.event("instance.qr_updated", ({ data }) => data.qr === second.state.code?.qr);

    fake.phone.scan(name);
    const end = await until(instance, "connected");
    expect(end.state.account?.jid).toMatch(/@/);
    const codes = stage
      .events("instance.qr_updated")
      .filter((event) => event.instance?.id === instance.id && event.data.qr !== undefined);
    expect(codes.map(({ data }) => data.qr)).toEqual([first.state.code?.qr, second.state.code?.qr]);
  });

  it("fetches a code that nobody asked for, once, when its provider says that there is one", async () => {
    const { fake, instance, name } = await waha();
    const response = await fetch(`${fake.url}/api/sessions/${encodeURIComponent(name)}/start`, {
      method: "POST",
      headers: { "x-api-key": "key" },
    });
    expect(response.status).toBe(201);
    const ofOurs = await stage.event(
      "instance.qr_updated",
      (event) => event.instance?.id === instance.id && event.data.qr !== undefined,
    );
    expect(ofOurs.data.qr).toBe(fake.phone.code(name));
    expect(fake.calls.count("GET /api/:session/auth/qr")).toBeLessThanOrEqual(2);
  });

  it("works where the provider sends nothing: it is asked while somebody looks", async () => {
    const { fake, instance, name } = await waha(false);
    const first = await stage.pairings.connect(instance);
    expect(first.state.stage).toBe("code");
    fake.phone.nextCode(name);
    const qr = fake.phone.code(name);
    let view = first;
    while (view.state.code?.qr !== qr)
      view = await stage.pairings.look(instance, { after: view.version });
    fake.phone.scan(name);
    await until(instance, "connected");
    await stage.event("instance.qr_updated", ({ data }) => data.qr === qr);
  });

  it("says when the codes are used up, and starts anew when asked", async () => {
    const { fake, instance, name } = await waha();
    await stage.pairings.connect(instance);
    for (let codes = 0; codes < 6; codes += 1) fake.phone.nextCode(name);
    const over = await until(instance, "expired");
    expect(over.state).toMatchObject({ reason: "qr_limit" });
    const again = await stage.pairings.connect(instance);
    expect(again.state).toMatchObject({ stage: "code", attempts: 1 });
  });

  it("gives a code to type, beside the one to scan", async () => {
    const { instance } = await waha();
    const typed = await stage.pairings.connect(instance, { phone: "5511900000102" });
    expect(typed.state.pairingCode).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
    const told = await stage.event(
      "instance.qr_updated",
      ({ data }) => data.pairingCode === typed.state.pairingCode,
    );
    expect(told.instance?.id).toBe(instance.id);
  });

  it("that is logged out begins anew", async () => {
    const { fake, instance, name } = await waha();
    await stage.pairings.connect(instance);
    fake.phone.scan(name);
    await until(instance, "connected");
    await stage.pairings.logout(instance);
    expect((await until(instance, "code")).state.code?.qr).toBe(fake.phone.code(name));
  });
});

describe("pairing a number of Evolution", () => {
  it("shows its codes and ends connected, with one event for each code", async () => {
    const { fake, instance, name } = await evolution();
    const first = await stage.pairings.connect(instance);
    expect(first.state).toMatchObject({ stage: "code", attempts: 1, code: { attemptsLeft: 29 } });
    fake.phone.nextCode(name);
    const second = await stage.pairings.look(instance, { after: first.version });
    expect(second.state.attempts).toBe(2);
    await fake.phone.scan(name, { owner: "5511900000102@s.whatsapp.net" });
    const end = await until(instance, "connected");
    expect(end.state.account?.phone).toBe("5511900000102");
    const codes = stage
      .events("instance.qr_updated")
      .filter((event) => event.instance?.id === instance.id);
    expect(codes.map(({ data }) => data.qr)).toEqual([first.state.code?.qr, second.state.code?.qr]);
  });

  it("tells the code itself when the provider's event does not come, and keeps one of both", async () => {
    const { fake, instance, name } = await evolution(false);
    const { state } = await stage.pairings.connect(instance);
    const told = await stage.event(
      "instance.qr_updated",
      (event) => event.data.qr === state.code?.qr,
    );
    const qrcode = { instance: name, code: state.code?.qr, base64: told.data.base64 };
    const webhook = { enabled: true, url: stage.ingestUrl(instance), events: [] };
    fake.setWebhook(name, webhook);
    const reports = await fake.emit(name, { event: "qrcode.updated", data: { qrcode } });
    expect(reports.map(({ result }) => result)).toEqual(["delivered"]);
    const same = stage
      .events("instance.qr_updated")
      .filter(({ data }) => data.qr === state.code?.qr);
    expect(same).toHaveLength(1);
  });

  it("ends with the limit of codes in words", async () => {
    const { fake, instance, name } = await evolution(true, 2);
    await stage.pairings.connect(instance);
    fake.phone.nextCode(name);
    fake.phone.nextCode(name);
    expect((await until(instance, "expired")).state.reason).toBe("qr_limit");
  });

  it("ends with a ban in words", async () => {
    const { fake, instance, name } = await evolution();
    await stage.pairings.connect(instance);
    await fake.phone.ban(name);
    expect((await until(instance, "failed")).state.reason).toBe("banned");
  });

  it("gives a code to type", async () => {
    const { instance } = await evolution();
    const typed = await stage.pairings.connect(instance, { phone: "5511900000102" });
    expect(typed.state.pairingCode).toMatch(/^[A-Z0-9]{8}$/);
  });
});

describe("what can go wrong", () => {
  it("a number without a server is refused when connected and says so when looked at", async () => {
    const instance = await stage.addInstance({ name: nextName(), provider: "waha" });
    for (const act of ["connect", "logout", "restart"] as const) {
      await expect(stage.pairings[act](instance)).rejects.toMatchObject({
        code: "instance_without_server",
      });
    }
    expect((await stage.pairings.look(instance)).trouble).toBe("provider_refused");
  });

  it.each([
    ["a wrong key", { apiKey: "other" }, "provider_unauthorised"],
    ["a name that is not there", { name: "nobody" }, "instance_not_at_provider"],
    ["a server that is not there", { url: "http://127.0.0.1:1" }, "provider_unreachable"],
  ] as const)("%s is told by its code, with what to do", async (_, change, code) => {
    for (const provider of ["evolution", "waha"] as const) {
      const { fake, name } = provider === "waha" ? await waha() : await evolution();
      const where = { name, provider, url: fake.url, tenantId: `t-${code}-${provider}`, ...change };
      const instance = await stage.addInstance(where);
      const error: unknown = await stage.pairings
        .connect(instance)
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code, details: [expect.any(String), expect.any(String)] });
      expect((await stage.pairings.look(instance)).state.stage).toBe("idle");
    }
  });

  it("what is refused of a closed number is its state's fault, not the server's", async () => {
    const { instance } = await evolution();
    await expect(stage.pairings.logout(instance)).rejects.toMatchObject({
      code: "provider_refused",
    });
  });

  it("a server that goes away in the middle is shown as such, and forgotten when it is back", async () => {
    const { fake, instance } = await waha(false);
    let view = await stage.pairings.connect(instance);
    await fake.trouble.stop();
    while (view.trouble === undefined)
      view = await stage.pairings.look(instance, { after: view.version });
    expect(view.trouble).toBe("provider_unreachable");
    expect(view.state.stage).toBe("code");
    await fake.trouble.start();
    while (view.trouble !== undefined)
      view = await stage.pairings.look(instance, { after: view.version });
  });

  it("whoever waits is answered when their connection ends", async () => {
    const instance = await stage.addInstance({ name: nextName(), provider: "waha" });
    const { version } = await stage.pairings.look(instance);
    const gone = new AbortController();
    const waiting = stage.pairings.look(instance, { after: version, signal: gone.signal });
    gone.abort();
    expect((await waiting).version).toBe(version);
  });
});
