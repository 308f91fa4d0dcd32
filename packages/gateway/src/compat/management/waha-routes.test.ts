import { maskedSecret } from "@recado/protocol";
import { startReceiver, type Receiver } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startManagement, wahaKey, type ManagementStage } from "./testing/management-stage.ts";

let stage: ManagementStage;
let receiver: Receiver;
const path = "/webhook-management/waha/suporte";

interface Webhook {
  readonly url: string;
  readonly events: readonly string[];
  readonly retries?: unknown;
  readonly hmac?: unknown;
}

beforeEach(async () => {
  stage = await startManagement();
  receiver = await startReceiver();
});
afterEach(async () => {
  await stage.close();
  await receiver.close();
});

async function api(method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${stage.waha.url}/api/sessions/suporte`, {
    method,
    headers: { "x-api-key": wahaKey, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return response.json();
}

async function stored(): Promise<readonly Webhook[]> {
  const session = (await api("GET")) as {
    readonly config?: { readonly webhooks?: readonly Webhook[] };
  };
  return session.config?.webhooks ?? [];
}

/** The webhook of another program, which is in the list before ours. */
async function addOther(): Promise<Webhook> {
  const url = "https://chatwoot.example.com/hook";
  await api("PUT", { config: { webhooks: [{ url, events: ["message"] }], debug: true } });
  const [other] = await stored();
  if (!other) throw new Error("the other webhook is not in the list");
  return other;
}

describe("a webhook without an address", () => {
  it("is ours in the list, signed, repeated for long, and others stay", async () => {
    const other = await addOther();
    const { status, body } = await stage.call("POST", path, { body: {} });
    const url = await stage.addressOf("suporte");
    expect([status, body]).toMatchObject([
      200,
      {
        success: true,
        message: "Webhook configurado com sucesso",
        webhook: { url, enabled: true },
      },
    ]);
    expect(Object.keys(body["webhook"] as object)).toEqual([
      "url",
      "enabled",
      "events",
      "retries",
      "hmac",
      "customHeaders",
      "headers",
    ]);
    const [first, ours] = await stored();
    expect(first).toEqual(other);
    expect(ours).toMatchObject({ url, retries: { attempts: expect.any(Number) } });
    const shown = await stage.call("GET", path);
    expect(shown.body["webhook"]).toMatchObject({ url, hmac: { key: maskedSecret } });
  });

  it("is taken out again, and others stay", async () => {
    const other = await addOther();
    await stage.call("POST", path, { body: {} });
    expect((await stage.call("DELETE", path)).body).toEqual({
      success: true,
      message: "Webhook removido com sucesso",
    });
    expect(await stored()).toEqual([other]);
    expect((await stage.call("GET", path)).body).toEqual({ success: true, webhook: null });
  });

  it("is none while only others are in the list", async () => {
    await addOther();
    expect((await stage.call("GET", path)).body).toEqual({ success: true, webhook: null });
    expect((await stage.call("DELETE", path)).status).toBe(200);
    expect(await stored()).toHaveLength(1);
  });
});

describe("a webhook of somebody else", () => {
  it("becomes an endpoint, and answers what was given with its secrets masked", async () => {
    const url = `${receiver.url}/hook`;
    const { body } = await stage.call("POST", path, {
      body: {
        url,
        events: ["MESSAGE", "state.changed"],
        retries: 0,
        hmac: "chave-do-receptor",
        customHeaders: [{ name: "X-Shop", value: "1" }],
        headers: { Authorization: "Bearer s3cret" },
      },
    });
    const shown = {
      url,
      enabled: true,
      events: ["MESSAGE", "state.changed"],
      retries: 0,
      hmac: { key: maskedSecret },
      customHeaders: [
        { name: "X-Shop", value: "1" },
        { name: "Authorization", value: maskedSecret },
      ],
      headers: { "X-Shop": "1", Authorization: maskedSecret },
    };
    expect(body["webhook"]).toEqual(shown);
    expect(body["warnings"]).toEqual([expect.stringMatching(/^hmac: /)]);
    expect((await stage.call("GET", path)).body["webhook"]).toEqual(shown);
    expect(await stage.endpoints()).toMatchObject([
      { url, format: "provider", asProvider: { events: ["message", "state.change"] } },
    ]);
    expect((await stored()).map((webhook) => webhook.url)).toEqual([
      await stage.addressOf("suporte"),
    ]);
  });

  it.each([
    [undefined, 3],
    [5, 5],
    [
      { policy: "linear", attempts: 2, delaySeconds: 1 },
      { policy: "linear", attempts: 2, delaySeconds: 1 },
    ],
  ])("with retries %j answers %j", async (retries, shown) => {
    const body = { url: `${receiver.url}/hook`, retries };
    const answer = await stage.call("POST", path, { body });
    expect(answer.body["webhook"]).toMatchObject({ retries: shown, hmac: null });
  });
});

describe("direct: true", () => {
  it("puts the address beside ours, and a second one in its place", async () => {
    const ours = await stage.addressOf("suporte");
    await stage.call("POST", path, { body: {} });
    for (const host of ["a", "b"]) {
      const url = `https://${host}.example.com/hook`;
      const body = { url, direct: true, retries: 3, hmac: { key: "chave" }, events: ["message"] };
      expect((await stage.call("POST", path, { body })).body["webhook"]).toMatchObject({ url });
      const now = await stored();
      expect(now.map((webhook) => webhook.url)).toEqual([ours, url]);
      expect(now[1]).toMatchObject({ hmac: { key: "chave" }, retries: { attempts: 3 } });
      expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({
        url,
        hmac: { key: maskedSecret },
      });
    }
    await stage.call("DELETE", path);
    expect((await stored()).map((webhook) => webhook.url)).toEqual([ours]);
  });
});

describe("what is wrong", () => {
  it("a session of Evolution is told so", async () => {
    expect(await stage.call("POST", "/webhook-management/waha/events", { body: {} })).toMatchObject(
      {
        status: 400,
        body: { error: "Sessão não é WAHA API", message: "Sessão não é WAHA API" },
      },
    );
  });

  it("a name that both providers have leads to the right one", async () => {
    const { body } = await stage.call("POST", "/webhook-management/waha/vendas", { body: {} });
    expect(body["webhook"]).toMatchObject({ url: await stage.addressOf("vendas@waha") });
  });

  it.each([
    [{ retries: "muitos" }],
    [{ retries: -1 }],
    [{ hmac: 5 }],
    [{ customHeaders: "x" }],
    [{ events: ["message", "nope"] }],
    [{ url: "ftp://example.com" }],
  ])("%j is refused, and nothing is changed", async (wrong) => {
    const answer = await stage.call("POST", path, { body: wrong });
    expect(answer.body["success"]).toBe(false);
    expect([400, 422]).toContain(answer.status);
    expect(await stored()).toEqual([]);
  });

  it("a provider that fails is a 502 with its own words, and reading goes on", async () => {
    stage.waha.trouble.setApiKey("another-key");
    const { status, body } = await stage.call("POST", path, { body: {} });
    expect(status).toBe(502);
    expect(body["error"]).toContain("Erro ao configurar webhook: WAHA API error: 401 Unauthorized");
    expect(JSON.stringify(body)).not.toContain(wahaKey);
    expect((await stage.call("GET", path)).body).toEqual({ success: false, webhook: null });
    expect((await stage.call("DELETE", path)).body["error"]).toContain("Erro ao remover webhook: ");
  });

  it("one that does not answer is a 502, too", async () => {
    await stage.waha.trouble.stop();
    const { status, body } = await stage.call("POST", path, { body: {} });
    expect([status, body["code"]]).toEqual([502, "provider_failed"]);
  });
});
