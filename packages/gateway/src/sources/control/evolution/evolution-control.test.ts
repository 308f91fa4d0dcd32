import { startFakeEvolution, type FakeEvolutionOptions } from "@recado/simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ForeignHook } from "../server-control.ts";
import { createStage, ourHook, ourSecrets, startOddServer } from "../testing/stage.ts";

const owner = "5511900000100@s.whatsapp.net";
const loja = { name: "loja", owner, profileName: "Loja Teste" };

async function setUp(options: Partial<FakeEvolutionOptions> = {}) {
  const stage = createStage();
  onTestFinished(() => stage.close());
  const fake = await startFakeEvolution({ instances: [loja], apikey: "global-key-1", ...options });
  onTestFinished(() => fake.close());
  const server = stage.server("evolution", fake.url, "global-key-1");
  return { fake, control: stage.controls.of(server), stage };
}

const sets = "POST /webhook/set/:instanceName";

describe("our webhook at an Evolution server", () => {
  test("is put in place with every event and our secret, once", async () => {
    const { control, fake } = await setUp();
    expect(await control.inspectHook("loja", ourHook)).toMatchObject({
      inPlace: false,
      differences: [{ setting: "missing", wanted: "set", found: "none" }],
      changed: false,
    });
    expect(fake.calls.count(sets)).toBe(0);
    const installed = await control.installHook("loja", ourHook);
    expect(installed).toEqual({ inPlace: true, differences: [], others: [], changed: true });
    expect(fake.webhookOf("loja")).toMatchObject({
      url: ourHook.url,
      enabled: true,
      webhookByEvents: false,
      webhookBase64: false,
      headers: { jwt_key: ourHook.secret },
    });
    expect(fake.webhookOf("loja")?.events).toHaveLength(31);
    expect((await control.installHook("loja", ourHook)).changed).toBe(false);
    expect(fake.calls.count(sets)).toBe(1);
  });

  test("tells each difference by its name and never a secret", async () => {
    const { control, fake } = await setUp();
    const foreignSecret = "somebody-else-s-secret";
    fake.setWebhook("loja", {
      enabled: true,
      url: "https://gateway.example/in/an-older-token",
      events: ["MESSAGES_UPSERT"],
      byEvents: true,
      base64: true,
      headers: { jwt_key: foreignSecret, "x-tenant": "tenant-secret" },
    });
    const state = await control.inspectHook("loja", ourHook);
    expect(state.differences.map(({ setting }) => setting).toSorted()).toEqual([
      "base64",
      "byEvents",
      "events",
      "headers",
      "secret",
      "url",
    ]);
    const shown = JSON.stringify(state);
    for (const secret of [...ourSecrets, foreignSecret, "tenant-secret", "an-older-token"])
      expect(shown).not.toContain(secret);
    // An address of ours from before is nobody else's.
    expect(state.replaced).toBeUndefined();
    expect(await control.installHook("loja", ourHook)).toMatchObject({ inPlace: true });
  });

  test("switched off by somebody is a difference, and is switched on again", async () => {
    const { control, fake } = await setUp();
    await control.installHook("loja", ourHook);
    fake.setWebhook("loja", { enabled: false, url: ourHook.url });
    const state = await control.inspectHook("loja", ourHook);
    expect(state.differences).toEqual([
      { setting: "enabled", wanted: "true", found: "false" },
      // Switching off empties the list.
      { setting: "events", wanted: "all", found: "none" },
    ]);
    expect((await control.installHook("loja", ourHook)).inPlace).toBe(true);
  });

  test("gives the address that stood there, and puts it back as it was", async () => {
    const { control, fake } = await setUp();
    const foreign = {
      enabled: true,
      url: "https://n8n.example/webhook/abc?key=1",
      events: ["MESSAGES_UPSERT", "CONNECTION_UPDATE"],
      byEvents: true,
      base64: true,
      headers: { authorization: "Bearer n8n" },
    };
    fake.setWebhook("loja", foreign);
    const before = fake.webhookOf("loja");
    const { replaced } = await control.installHook("loja", ourHook);
    expect(replaced).toEqual(foreign);
    const removed = await control.removeHook("loja", ourHook, replaced);
    expect(removed).toMatchObject({ inPlace: false, changed: true, replaced: foreign });
    const { updatedAt: _before, ...was } = before ?? {};
    expect(fake.webhookOf("loja")).toMatchObject(was);
  });

  test("is taken out without a trace of its secret, and only while it stands there", async () => {
    const { control, fake } = await setUp();
    await control.installHook("loja", ourHook);
    expect((await control.removeHook("loja", ourHook)).changed).toBe(true);
    expect(fake.webhookOf("loja")).toMatchObject({ enabled: false, headers: {} });
    expect((await control.removeHook("loja", ourHook)).changed).toBe(false);
    fake.setWebhook("loja", { enabled: true, url: "https://n8n.example/x", events: [] });
    const undo: ForeignHook = {
      url: "https://old.example/",
      enabled: true,
      events: [],
      headers: {},
    };
    expect((await control.removeHook("loja", ourHook, undo)).changed).toBe(false);
    expect(fake.webhookOf("loja")?.url).toBe("https://n8n.example/x");
  });

  test("is there when a number is made, for group changes too", async () => {
    const { control, fake } = await setUp();
    expect(await control.create("nova", ourHook)).toMatchObject({ name: "nova", state: "close" });
    expect(fake.webhookOf("nova")).toMatchObject({
      url: ourHook.url,
      headers: { jwt_key: ourHook.secret },
    });
    // The name that `/webhook/set` refuses, and the only one under which the server delivers.
    expect(fake.webhookOf("nova")?.events).toContain("GROUPS_UPDATE");
    expect((await control.inspectHook("nova", ourHook)).inPlace).toBe(true);
    await expect(control.create("nova", ourHook)).rejects.toMatchObject({ code: "conflict" });
  });
});

test("a server of version 1 has our webhook without a secret, and says so", async () => {
  const { control, fake } = await setUp({ family: "1" });
  expect(await control.installHook("loja", ourHook)).toEqual({
    inPlace: true,
    differences: [],
    others: [],
    changed: true,
    unsigned: true,
  });
  expect(fake.webhookOf("loja")?.url).toBe(ourHook.url);
  expect(JSON.stringify(fake.webhookOf("loja"))).not.toContain(ourHook.secret);
  expect(await control.installHook("loja", ourHook)).toMatchObject({
    changed: false,
    unsigned: true,
  });
});

test("a server that knows fewer events than its version should is written to once", async () => {
  let stored: object | null = null;
  let sets = 0;
  const server = await startOddServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "POST") {
        sets += 1;
        const { webhook } = JSON.parse(String(Buffer.concat(chunks))) as { webhook: object };
        const events = ["MESSAGES_UPSERT", "MESSAGES_UPDATE"];
        stored = { ...webhook, events, webhookByEvents: false, webhookBase64: false };
      }
      const isGreeting = request.url === "/";
      const greeting = { message: "Welcome to the Evolution API", version: "2.3.7" };
      response.end(JSON.stringify(isGreeting ? greeting : stored));
    });
  });
  onTestFinished(() => server.close());
  const stage = createStage();
  onTestFinished(() => stage.close());
  const control = stage.controls.of(stage.server("evolution", server.url, "global-key-1"));
  expect(await control.installHook("loja", ourHook)).toMatchObject({
    inPlace: true,
    changed: true,
  });
  expect(await control.installHook("loja", ourHook)).toMatchObject({
    inPlace: true,
    changed: false,
  });
  expect(sets).toBe(1);
});

describe("a number at an Evolution server", () => {
  test("is listed with its account and why it was last disconnected", async () => {
    const { control, fake } = await setUp({ instances: [loja, { name: "nova" }] });
    await fake.phone.ban("loja");
    const [first, second] = await control.list();
    expect(first).toMatchObject({
      name: "loja",
      state: "close",
      providerState: "close",
      account: { jid: owner, phone: "5511900000100", name: "Loja Teste" },
      engine: "WHATSAPP-BAILEYS",
      disconnectCode: 403,
    });
    expect(first?.disconnectedAt).toBeTypeOf("number");
    expect(second).toMatchObject({ name: "nova", state: "close" });
    expect(JSON.stringify([first, second])).not.toContain(fake.tokenOf("loja"));
  });

  test("says the state of the running server, which the list may not know yet", async () => {
    const { control, fake } = await setUp();
    await fake.phone.drop("loja");
    expect((await control.list())[0]?.state).toBe("open");
    expect((await control.instance("loja")).state).toBe("connecting");
    await expect(control.instance("none")).rejects.toMatchObject({ code: "not_found" });
  });

  test("is paired by a code, and asking for the code does not start anything", async () => {
    const { control, fake } = await setUp({ instances: [{ name: "nova" }] });
    expect(await control.offer("nova")).toEqual({ state: "close", providerState: "close" });
    expect(fake.states()["nova"]).toBe("close");
    const offer = await control.connect("nova");
    expect(offer).toMatchObject({ state: "connecting", attempt: 1 });
    expect(offer.base64).toMatch(/^data:image\/png;base64,/);
    expect((await control.offer("nova")).qr).toBe(offer.qr);
    await fake.phone.scan("nova", { owner });
    expect(await control.offer("nova")).toEqual({ state: "open", providerState: "open" });
    expect(await control.connect("nova")).toEqual({ state: "open", providerState: "open" });
  });

  test("is paired by its phone", async () => {
    const { control } = await setUp({ instances: [{ name: "nova" }] });
    const offer = await control.connect("nova", { phone: "+55 11 90000-0100" });
    expect(offer.pairingCode).toMatch(/^[A-Z0-9]{8}$/);
  });

  test("is restarted, logged out and removed", async () => {
    const { control, fake } = await setUp();
    await control.restart("loja");
    await control.logout("loja");
    await expect(control.logout("loja")).rejects.toMatchObject({ code: "wrong_state" });
    await control.remove("loja");
    expect(fake.calls.count("DELETE /instance/delete/:instanceName")).toBe(1);
  });
});

test("an Evolution server says its version only to whoever has its key", async () => {
  const { control, fake, stage } = await setUp();
  expect(await control.info()).toEqual({
    provider: "evolution",
    version: "2.3.7",
    flavour: "2.3",
  });
  const token = stage.controls.of(stage.server("evolution", fake.url, fake.tokenOf("loja")));
  expect(await token.info()).toMatchObject({ limitedTo: ["loja"] });
  const stranger = stage.controls.of(stage.server("evolution", fake.url, "wrong-key-1"));
  await expect(stranger.info()).rejects.toMatchObject({ code: "unauthorised" });
});
