import { maskedSecret } from "@recado/protocol";
import { startReceiver, type Receiver } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evolutionKey, startManagement, type ManagementStage } from "./testing/management-stage.ts";

let stage: ManagementStage;
let receiver: Receiver;
const path = "/webhook-management/evolution/vendas";

beforeEach(async () => {
  stage = await startManagement();
  receiver = await startReceiver();
});
afterEach(async () => {
  await stage.close();
  await receiver.close();
});

const stored = () => stage.evolution.webhookOf("vendas");

describe("a webhook without an address", () => {
  it("is our own, with every event, switched on, and answered so", async () => {
    const address = await stage.addressOf("vendas");
    const { status, body } = await stage.call("POST", path, { body: {} });
    expect([status, body]).toMatchObject([
      200,
      {
        success: true,
        message: "Webhook configurado com sucesso",
        webhook: {
          url: address,
          enabled: true,
          webhookByEvents: false,
          webhookBase64: false,
          headers: {},
        },
      },
    ]);
    expect(Object.keys(body["webhook"] as object)).toEqual([
      "url",
      "enabled",
      "webhookByEvents",
      "webhookBase64",
      "events",
      "headers",
    ]);
    expect(stored()).toMatchObject({ url: address, enabled: true });
    expect(stored()?.events.length).toBeGreaterThan(20);
    expect((await stage.call("GET", path)).body).toMatchObject({
      success: true,
      webhook: { url: address, enabled: true },
    });
  });

  it("needs no body at all, and an address of ours is the same as none", async () => {
    expect((await stage.call("POST", path)).status).toBe(200);
    for (const url of [
      `${stage.url.replace("127.0.0.1", "localhost")}/api/webhooks/whatsapp`,
      `${stage.url}/in/another-token-of-ours-123456`,
    ]) {
      const { body } = await stage.call("POST", path, { body: { url } });
      expect(body["webhook"]).toMatchObject({ url: await stage.addressOf("vendas") });
    }
    expect(await stage.endpoints()).toEqual([]);
  });

  it("keeps the events that were chosen in its answers, and gets all of them", async () => {
    const events = ["MESSAGES_UPSERT", "GROUPS_UPDATE"];
    const { body } = await stage.call("POST", path, { body: { events } });
    expect(body["webhook"]).toMatchObject({ events });
    expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({ events });
    expect(stored()?.events).toContain("CALL");
  });

  it("is switched off at the provider when that is asked for", async () => {
    await stage.call("POST", path, { body: {} });
    const { body } = await stage.call("POST", path, { body: { enabled: false } });
    expect(body["webhook"]).toMatchObject({ enabled: false });
    expect(stored()?.enabled).toBe(false);
    expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({ enabled: false });
  });

  it("that is removed is off, and read back as none", async () => {
    await stage.call("POST", path, { body: {} });
    const { status, body } = await stage.call("DELETE", path);
    expect([status, body]).toEqual([
      200,
      { success: true, message: "Webhook removido com sucesso" },
    ]);
    expect(stored()?.enabled).toBe(false);
    expect((await stage.call("GET", path)).body).toEqual({ success: true, webhook: null });
    expect((await stage.call("DELETE", path)).status).toBe(200);
  });
});

it.each([{}, { url: "https://n8n.example.com/webhook/1" }])(
  "media come inside the bodies when webhookBase64 asks for them, until it does not (%j)",
  async (where) => {
    for (const webhookBase64 of [true, false, true]) {
      const { body } = await stage.call("POST", path, { body: { ...where, webhookBase64 } });
      expect(body["webhook"]).toMatchObject({ webhookBase64 });
      expect(body).not.toHaveProperty("warnings");
      expect(stored()).toMatchObject({ webhookBase64 });
      const shown = await stage.call("GET", path);
      expect(shown.body["webhook"]).toMatchObject({ webhookBase64 });
    }
  },
);

describe("a webhook of somebody else", () => {
  const events = ["MESSAGES_UPSERT", "GROUPS_UPDATE"];

  it("becomes an endpoint in the provider's format, and the provider points at us", async () => {
    const url = `${receiver.url}/hook`;
    const headers = { "x-shop": "1", authorization: "Bearer s3cret" };
    const { status, body } = await stage.call("POST", path, { body: { url, events, headers } });
    expect(status).toBe(200);
    const shown = {
      url,
      enabled: true,
      webhookByEvents: false,
      webhookBase64: false,
      events,
      headers: { "x-shop": "1", authorization: maskedSecret },
    };
    expect(body["webhook"]).toEqual(shown);
    expect((await stage.call("GET", path)).body).toEqual({ success: true, webhook: shown });
    expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
    const { id } = await stage.instance("vendas");
    expect(await stage.endpoints()).toMatchObject([
      {
        url,
        format: "provider",
        instances: [id],
        headers,
        asProvider: { events: ["MESSAGES_UPSERT", "GROUP_UPDATE"] },
      },
    ]);
  });

  it("gets what the provider sends, byte for byte, and only the events that it named", async () => {
    await stage.call("POST", path, { body: { url: `${receiver.url}/hook`, events } });
    await stage.evolution.receive("vendas", { phone: "5511988887777" });
    const [request] = await receiver.waitFor(1);
    expect(JSON.parse(String(request?.body))).toMatchObject({
      event: "messages.upsert",
      instance: "vendas",
    });
  });

  it("moves with a second call, and is one endpoint", async () => {
    await stage.call("POST", path, { body: { url: `${receiver.url}/a` } });
    await stage.call("POST", path, { body: { url: `${receiver.url}/b`, byEvents: true } });
    expect(await stage.endpoints()).toMatchObject([
      { url: `${receiver.url}/b`, asProvider: { byEvents: true } },
    ]);
    await stage.call("POST", path, { body: {} });
    expect(await stage.endpoints()).toEqual([]);
  });

  it("is switched off without an address, and keeps it", async () => {
    const url = `${receiver.url}/hook`;
    await stage.call("POST", path, { body: { url } });
    const { body } = await stage.call("POST", path, { body: { enabled: false } });
    expect(body["webhook"]).toMatchObject({ url, enabled: false });
    expect(await stage.endpoints()).toMatchObject([{ url, enabled: false }]);
    expect(stored()?.enabled).toBe(true);
  });

  it("is removed alone: our own recording goes on, also after a second removal", async () => {
    await stage.call("POST", path, { body: { url: `${receiver.url}/hook` } });
    for (let times = 0; times < 2; times++) {
      expect((await stage.call("DELETE", path)).status).toBe(200);
      expect(await stage.endpoints()).toEqual([]);
      expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
      expect((await stage.call("GET", path)).body).toEqual({ success: true, webhook: null });
    }
  });

  it("cannot point into the private network but with the admin key", async () => {
    const as = await stage.token({ role: "TENANT_ADMIN", tenantId: "default" });
    const body = { url: "http://10.0.0.5:5678/hook" };
    expect(await stage.call("POST", path, { as, body })).toMatchObject({
      status: 422,
      body: { success: false, code: "url_blocked" },
    });
    expect(await stage.endpoints()).toEqual([]);
    expect(stored()).toBeUndefined();
    expect((await stage.call("POST", path, { body })).status).toBe(200);
  });

  it("takes masks back as what they stand for, but not at another server", async () => {
    const headers = { authorization: "Bearer s3cret", jwt_key: "chave" };
    await stage.call("POST", path, { body: { url: `${receiver.url}/a`, headers } });
    const masked = { authorization: maskedSecret, jwt_key: maskedSecret };
    const again = await stage.call("POST", path, {
      body: { url: `${receiver.url}/b`, headers: masked },
    });
    expect(again.status).toBe(200);
    const [endpoint] = await stage.endpoints();
    expect(endpoint?.headers).toEqual({ authorization: "Bearer s3cret" });
    expect(endpoint?.asProvider?.jwtKey).toBeDefined();
    const elsewhere = await stage.call("POST", path, {
      body: { url: "https://elsewhere.example.com/", headers: masked },
    });
    expect(elsewhere).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});

describe("direct: true", () => {
  it("sets the address at the provider itself, and takes it out again", async () => {
    const url = "https://meu-servidor.com/webhook";
    const { status, body } = await stage.call("POST", path, {
      body: { url, direct: true, events: ["GROUPS_UPDATE"], webhook_base64: true },
    });
    expect([status, body["webhook"]]).toMatchObject([200, { url, webhookBase64: true }]);
    expect(stored()).toMatchObject({ url, enabled: true, events: ["GROUP_UPDATE"] });
    expect(await stage.endpoints()).toEqual([]);
    expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({ url, enabled: true });
    await stage.call("DELETE", path);
    expect(stored()?.enabled).toBe(false);
    expect((await stage.call("GET", path)).body["webhook"]).toBeNull();
  });
});

describe("what is wrong with a request", () => {
  it.each([
    [
      "a name that nobody has",
      "/webhook-management/evolution/ninguem",
      404,
      "Sessão não encontrada",
    ],
    [
      "a session of WAHA",
      "/webhook-management/evolution/suporte",
      400,
      "Sessão não é Evolution API",
    ],
    [
      "an Evolution instance at WAHA's routes",
      "/webhook-management/waha/events2",
      404,
      "Sessão não encontrada",
    ],
  ])("%s is answered in both fields", async (_name, where, status, sentence) => {
    for (const method of ["POST", "GET", "DELETE"]) {
      if (method === "GET" && where.endsWith("/events")) continue;
      expect(await stage.call(method, where)).toMatchObject({
        status,
        body: { success: false, error: sentence, message: sentence },
      });
    }
  });

  it.each([
    [{ url: 5 }, "url"],
    [{ events: [5] }, "events"],
    [{ events: ["MESSAGES_UPSERT", "NAO_EXISTE"] }, "NAO_EXISTE"],
    [{ enabled: "talvez" }, "enabled"],
    ["[]", "lista"],
    ["{", undefined],
  ])("%j is refused, and nothing is changed", async (body, detail) => {
    const answer = await stage.call("POST", path, { body });
    expect(answer).toMatchObject({ status: 400, body: { success: false } });
    if (detail) expect(JSON.stringify(answer.body["details"])).toContain(detail);
    expect(stored()).toBeUndefined();
  });

  it.each([
    [{ webhookBase64: true }],
    [{ webhook_base64: true }],
    [{ base64: "true" }],
    [{ webhook: { webhookBase64: true } }],
  ])("%j is one spelling of the same", async (spelt) => {
    const body = { direct: true, url: "https://a.example.com/", ...spelt };
    const answer = await stage.call("POST", path, { body });
    expect(answer.body["webhook"]).toMatchObject({ webhookBase64: true });
  });
});

describe("a provider that fails", () => {
  const prefix = (verb: string) => `Erro ao ${verb} webhook: Evolution API Error: `;

  it("is a 502 with its own words, without our keys; reading goes on with success false", async () => {
    await stage.call("POST", path, { body: {} });
    stage.evolution.trouble.setApikey("another-key-of-the-server");
    const body = { url: "https://a.example.com/", direct: true };
    for (const [method, options, verb] of [
      ["POST", { body: { url: "https://a.example.com/" } }, "configurar"],
      ["POST", { body }, "configurar"],
      ["DELETE", {}, "remover"],
    ] as const) {
      const answer = await stage.call(method, path, options);
      expect(answer).toMatchObject({
        status: 502,
        body: { success: false, code: "provider_failed", message: answer.body["error"] },
      });
      expect(answer.body["error"]).toContain(`${prefix(verb)}401 Unauthorized - {`);
      expect(JSON.stringify(answer.body)).not.toContain(evolutionKey);
    }
    expect(await stage.call("GET", path)).toMatchObject({
      status: 200,
      body: { success: false, webhook: null },
    });
    expect(await stage.endpoints()).toEqual([]);
    expect(stage.logged.join()).not.toContain(evolutionKey);
  });

  it("and says yes without doing it is a 502 too: saved and off is not saved", async () => {
    stage.evolution.trouble.fail({
      routes: "POST /webhook/set/:instanceName",
      answer: { status: 201, body: { id: "x", url: "x", enabled: true } },
    });
    const { status, body } = await stage.call("POST", path, { body: {} });
    expect([status, body["success"]]).toEqual([502, false]);
    expect(body["error"]).toContain(`${prefix("configurar")}O servidor disse sim`);
  });

  it("and has no such instance any more says so", async () => {
    const { directory } = stage.store;
    const { id } = await stage.instance("vendas");
    await directory.updateInstance({ tenantId: "default" }, id, { providerName: "gone" });
    const { status, body } = await stage.call("POST", path, { body: {} });
    expect(status).toBe(502);
    expect(body["error"]).toContain("404 Not Found - ");
  });

  it("is not asked where a session is on no known server", async () => {
    const where = "/webhook-management/waha/sem%20servidor";
    const { status, body } = await stage.call("POST", where, { body: {} });
    expect([status, body["code"]]).toEqual([502, "provider_failed"]);
    expect(body["error"]).toBe(
      "Erro ao configurar webhook: WAHA API error: nenhum servidor cadastrado para esta sessão",
    );
    expect((await stage.call("GET", where)).body).toEqual({ success: false, webhook: null });
  });
});

it("the list of events wins over an instance of that name, which can still be set", async () => {
  const where = "/webhook-management/evolution/events";
  expect((await stage.call("GET", where)).body["events"]).toHaveLength(31);
  expect((await stage.call("POST", where, { body: {} })).status).toBe(200);
  expect(stage.evolution.webhookOf("events")?.enabled).toBe(true);
});

it("changes of one session at once leave one address and its one endpoint", async () => {
  const urls = Array.from({ length: 6 }, (_, index) => `${receiver.url}/${index}`);
  await Promise.all(urls.map((url) => stage.call("POST", path, { body: { url } })));
  const [endpoint, ...others] = await stage.endpoints();
  expect(others).toEqual([]);
  expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({ url: endpoint?.url });
});
