import { startFakeWaha, type FakeWahaOptions } from "@recado/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { createStage, ourHook, ourSecrets } from "../testing/stage.ts";

const me = { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" };
const withStore = { noweb: { store: { enabled: true } } };

async function setUp(options: Partial<FakeWahaOptions> = {}) {
  const stage = createStage();
  onTestFinished(() => stage.close());
  const sessions = [{ name: "loja", me, config: withStore }];
  const fake = await startFakeWaha({ apiKey: "waha-key-1", sessions, ...options });
  onTestFinished(() => fake.close());
  const control = stage.controls.of(stage.server("waha", fake.url, "waha-key-1"));
  async function configOf(name: string): Promise<Readonly<Record<string, unknown>>> {
    const headers = { "x-api-key": "waha-key-1" };
    const answer = await fetch(`${fake.url}/api/sessions/${name}`, { headers });
    return ((await answer.json()) as { config: Readonly<Record<string, unknown>> }).config;
  }
  return { fake, control, stage, configOf };
}

const puts = "PUT /api/sessions/:session";
const foreign = {
  url: "https://n8n.example/webhook/abc?key=n8n-secret",
  events: ["message"],
  hmac: { key: "n8n-hmac-key" },
};

describe("our webhook in a WAHA session", () => {
  test("stands beside those of others, signed, with retries that outlast half an hour", async () => {
    const { control, fake, configOf } = await setUp();
    fake.setWebhooks("loja", [foreign]);
    const others = ["https://n8n.example/webhook/abc?…"];
    expect(await control.inspectHook("loja", ourHook)).toEqual({
      inPlace: false,
      differences: [{ setting: "missing", wanted: "set", found: "none" }],
      others,
      changed: false,
    });
    expect(await control.installHook("loja", ourHook)).toEqual({
      inPlace: true,
      differences: [],
      others,
      changed: true,
    });
    expect(await configOf("loja")).toMatchObject(withStore);
    const [first, ours] = fake.webhooksOf("loja");
    expect(first).toEqual(foreign);
    expect(ours).toMatchObject({
      url: ourHook.url,
      events: ["*"],
      hmac: { key: ourHook.secret },
      retries: { policy: "exponential" },
    });
    const { delaySeconds = 0, attempts = 0 } = ours?.retries ?? {};
    const waits = Array.from({ length: attempts }, (_, n) => delaySeconds * 2 ** (n + 1));
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThanOrEqual(30 * 60);
  });

  test("is written once: nothing that is as it should be restarts a session", async () => {
    const { control, fake } = await setUp();
    await control.installHook("loja", ourHook);
    expect((await control.installHook("loja", ourHook)).changed).toBe(false);
    expect((await control.inspectHook("loja", ourHook)).inPlace).toBe(true);
    expect(fake.calls.count(puts)).toBe(1);
  });

  test("is put beside what came after the look that said that it is missing", async () => {
    const { control, fake } = await setUp();
    const seen = await control.inspectHook("loja", ourHook);
    fake.setWebhooks("loja", [foreign]);
    fake.calls.clear();
    expect(await control.installHook("loja", ourHook, seen)).toMatchObject({ changed: true });
    expect(fake.webhooksOf("loja")).toMatchObject([foreign, { url: ourHook.url }]);
    expect(fake.calls.byRoute()).toEqual({ "GET /api/sessions/:session": 2, [puts]: 1 });
    const again = await control.installHook("loja", ourHook, seen);
    expect(again).toMatchObject({ inPlace: true, changed: false });
    expect(fake.calls.count(puts)).toBe(1);
  });

  test("tells each difference by its name and never a secret", async () => {
    const { control, fake } = await setUp();
    fake.setWebhooks("loja", [
      {
        url: "https://gateway.example/in/an-older-token",
        events: ["message"],
        hmac: { key: "an-older-secret" },
        retries: { policy: "constant", delaySeconds: 2, attempts: 15 },
        customHeaders: [{ name: "x-tenant", value: "tenant-secret" }],
      },
      { url: "https://gateway.example/in/another-token", events: ["*"] },
      foreign,
    ]);
    const state = await control.inspectHook("loja", ourHook);
    expect(state.differences.map(({ setting }) => setting).toSorted()).toEqual([
      "copies",
      "events",
      "headers",
      "retries",
      "secret",
      "url",
    ]);
    const shown = JSON.stringify(state);
    for (const secret of [
      ...ourSecrets,
      "an-older-token",
      "an-older-secret",
      "tenant-secret",
      "n8n-secret",
      "n8n-hmac-key",
    ])
      expect(shown).not.toContain(secret);
    await control.installHook("loja", ourHook);
    expect(fake.webhooksOf("loja")).toMatchObject([{ url: ourHook.url }, foreign]);
  });

  test("is taken out, and those of others stay", async () => {
    const { control, fake } = await setUp();
    fake.setWebhooks("loja", [foreign]);
    await control.installHook("loja", ourHook);
    expect(await control.removeHook("loja", ourHook)).toMatchObject({
      inPlace: false,
      changed: true,
    });
    expect(fake.webhooksOf("loja")).toEqual([foreign]);
    expect((await control.removeHook("loja", ourHook)).changed).toBe(false);
    expect(fake.calls.count(puts)).toBe(2);
  });

  test("is there when a number is made, which keeps its messages", async () => {
    const { control, configOf } = await setUp();
    expect(await control.create("nova", ourHook)).toMatchObject({ name: "nova" });
    expect(await configOf("nova")).toMatchObject({
      noweb: { store: { enabled: true } },
      webhooks: [{ url: ourHook.url }],
    });
    expect((await control.inspectHook("nova", ourHook)).inPlace).toBe(true);
    await expect(control.create("nova", ourHook)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a number at a WAHA server", () => {
  test("is listed whether it runs or not", async () => {
    const sessions = [{ name: "loja", me }, { name: "parada" }];
    const { control } = await setUp({ sessions });
    expect(await control.list()).toMatchObject([
      {
        name: "loja",
        state: "open",
        providerState: "WORKING",
        account: {
          jid: "5511900000101@s.whatsapp.net",
          phone: "5511900000101",
          lid: "111000000000101@lid",
          name: "Loja Teste",
        },
      },
      { name: "parada", state: "close", providerState: "STOPPED" },
    ]);
    expect(await control.instance("loja")).toMatchObject({ engine: "NOWEB" });
    await expect(control.instance("none")).rejects.toMatchObject({ code: "not_found" });
  });

  test("is paired by a code that is asked for only when there is one", async () => {
    const { control, fake } = await setUp({ sessions: [{ name: "nova" }] });
    expect(await control.offer("nova")).toEqual({ state: "close", providerState: "STOPPED" });
    await control.connect("nova");
    const offer = await control.offer("nova");
    expect(offer).toMatchObject({ state: "connecting", providerState: "SCAN_QR_CODE" });
    expect(offer.qr).toBe(fake.phone.code("nova"));
    expect(offer.base64).toMatch(/^data:image\/png;base64,/);
    expect((await control.connect("nova", { phone: "+55 (11) 90000-0101" })).pairingCode).toMatch(
      /^[A-Z0-9]{4}-[A-Z0-9]{4}$/,
    );
    fake.phone.scan("nova", me);
    await fake.idle();
    expect(await control.connect("nova")).toEqual({ state: "open", providerState: "WORKING" });
  });

  test("that failed begins anew when it is to be connected", async () => {
    const { control, fake } = await setUp();
    fake.phone.logout("loja");
    expect((await control.instance("loja")).providerState).toBe("FAILED");
    await control.connect("loja");
    await fake.idle();
    expect((await control.offer("loja")).qr).toBe(fake.phone.code("loja"));
  });

  test("is restarted, logged out and removed", async () => {
    const { control, fake } = await setUp();
    await control.restart("loja");
    await control.logout("loja");
    await control.remove("loja");
    expect(fake.states()).toEqual({});
  });

  test("is changed by one call at a time, while others are read", async () => {
    const { control, fake } = await setUp();
    await Promise.all([
      control.installHook("loja", ourHook),
      control.restart("loja"),
      control.list(),
    ]);
    expect(fake.calls.byRoute()).toMatchObject({
      [puts]: 1,
      "POST /api/sessions/:session/restart": 1,
    });
  });
});

test("a WAHA server says its version and engine only to whoever has its key", async () => {
  const { control, fake, stage } = await setUp();
  expect(await control.info()).toMatchObject({
    provider: "waha",
    version: "2026.2.1",
    flavour: expect.stringMatching(/^NOWEB/),
  });
  const stranger = stage.controls.of(stage.server("waha", fake.url, "wrong-key-1"));
  await expect(stranger.info()).rejects.toMatchObject({ code: "unauthorised" });
});
