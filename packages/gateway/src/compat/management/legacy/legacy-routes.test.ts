import { startReceiver } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSecretBox } from "../../../base/secret-box.ts";
import { startManagement, type ManagementStage } from "../testing/management-stage.ts";

let stage: ManagementStage;
beforeEach(async () => {
  stage = await startManagement();
});
afterEach(() => stage.close());

const of = (name: string, rest = ""): string =>
  `/webhook-management/sessions/${encodeURIComponent(name)}/webhook${rest}`;
const wahaUrls = async (session: string): Promise<readonly string[]> => {
  const response = await fetch(`${stage.waha.url}/api/sessions/${session}`, {
    headers: { "x-api-key": "waha-key-0123456789" },
  });
  const { config } = (await response.json()) as {
    readonly config?: { readonly webhooks?: readonly { readonly url: string }[] };
  };
  return (config?.webhooks ?? []).map(({ url }) => url);
};

describe("configuring a session", () => {
  it.each([
    ["vendas", "EVOLUTION"],
    ["suporte", "WAHA"],
  ])("%s is found by name, id and the uuid in it, and pointed at us", async (name, provider) => {
    const { id } = await stage.instance(name);
    const webhookUrl = await stage.addressOf(name);
    for (const key of [name, id, id.replace("ins_", "").toUpperCase()]) {
      expect(await stage.call("POST", of(key, "/configure"), { body: "not json" })).toMatchObject({
        status: 200,
        body: {
          success: true,
          message: "Webhook configurado com sucesso",
          session: { id, name, provider, webhookUrl },
        },
      });
    }
    const url = provider === "WAHA" ? await wahaUrls(name) : [stage.evolution.webhookOf(name)?.url];
    expect(url).toEqual([webhookUrl]);
  });

  it("leaves an endpoint that was configured as it is", async () => {
    const receiver = await startReceiver();
    const url = `${receiver.url}/hook`;
    await stage.call("POST", "/webhook-management/evolution/vendas", { body: { url } });
    await stage.call("POST", of("vendas", "/configure"));
    expect(await stage.endpoints()).toMatchObject([{ url }]);
    await receiver.close();
  });

  it("that fails is a 500 with its one sentence", async () => {
    stage.evolution.trouble.setApikey("another");
    const sentence = "Erro ao configurar webhook. Verifique os logs do servidor.";
    const { status, body } = await stage.call("POST", of("vendas", "/configure"));
    expect([status, body]).toMatchObject([
      500,
      { success: false, error: sentence, message: sentence },
    ]);
    expect(body["details"]).toEqual([expect.stringContaining("401 Unauthorized")]);
    const removed = await stage.call("DELETE", of("vendas"));
    expect([removed.status, removed.body["error"]]).toEqual([500, "Erro ao remover webhook"]);
  });
});

it("all sessions at once are told one by one, those that cannot be too", async () => {
  const { status, body } = await stage.call("POST", "/webhook-management/configure-all");
  expect([status, body["success"], body["message"]]).toEqual([
    200,
    true,
    "4/5 webhooks configurados com sucesso",
  ]);
  expect(body["webhookUrl"]).toMatch(/\/api\/webhooks\/whatsapp$/);
  const { id } = await stage.instance("vendas@waha");
  expect(body["results"]).toContainEqual({
    sessionId: id,
    sessionName: "vendas@waha",
    provider: "WAHA",
    success: true,
  });
  expect(body["results"]).toContainEqual(
    expect.objectContaining({ sessionName: "sem servidor", success: false }),
  );
});

describe("reading and removing", () => {
  it.each(["vendas", "suporte"])(
    "every webhook of %s is shown, and ours is removed",
    async (name) => {
      const { id } = await stage.instance(name);
      expect((await stage.call("GET", of(name))).body["webhooks"]).toEqual([]);
      await stage.call("POST", of(name, "/configure"));
      const { body } = await stage.call("GET", of(id));
      expect(body).toMatchObject({
        success: true,
        session: { id, name },
        webhooks: [{ url: await stage.addressOf(name), enabled: true }],
      });
      expect((await stage.call("DELETE", of(id))).body).toEqual({
        success: true,
        message: "Webhook removido com sucesso",
      });
      if (name === "suporte") expect(await wahaUrls(name)).toEqual([]);
      else expect(stage.evolution.webhookOf(name)?.enabled).toBe(false);
    },
  );

  it("a session that nobody has is not found, on each route", async () => {
    for (const [method, rest] of [
      ["POST", "/configure"],
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/test"],
    ] as const) {
      expect(await stage.call(method, of("ninguém", rest))).toMatchObject({
        status: 404,
        body: { success: false, error: "Sessão não encontrada", message: "Sessão não encontrada" },
      });
    }
  });
});

describe("the test", () => {
  it.each(["vendas", "suporte"])(
    "of %s really comes back, signed where a secret is set, and is in the log",
    async (name) => {
      const secretBox = createSecretBox(Buffer.alloc(32, 7));
      const { id, provider } = await stage.instance(name);
      const change = { webhookSecret: secretBox.seal("segredo do número") };
      await stage.store.directory.updateInstance({ tenantId: "default" }, id, change);
      const { status, body } = await stage.call("POST", of(name, "/test"));
      expect([status, body]).toMatchObject([
        200,
        {
          success: true,
          message: expect.stringMatching(/recebido em \d+ ms$/),
          instructions: expect.arrayContaining([expect.stringContaining("voltou em")]),
          webhookUrl: await stage.addressOf(name),
          session: { id, name, provider: provider === "waha" ? "WAHA" : "EVOLUTION" },
          roundTripMs: expect.any(Number),
        },
      ]);
      const event = await stage.store.log.byId({ tenantId: "default" }, String(body["eventId"]));
      expect(event).toMatchObject({ type: "provider.event", instanceId: id });
    },
  );

  it("says the provider's own word for the state", async () => {
    const { body } = await stage.call("POST", of("vendas", "/test"));
    expect(body["session"]).toMatchObject({ status: "open" });
    await stage.evolution.trouble.stop();
    const later = await stage.call("POST", of("vendas", "/test"));
    expect(later.body).toMatchObject({ success: true, session: { status: "UNKNOWN" } });
  });
});
