import { maskedSecret } from "@recado/protocol";
import { waha } from "@recado/providers";
import { startReceiver, type Receiver } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSecretBox } from "../../base/secret-box.ts";
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
    expect(body).not.toHaveProperty("warnings");
    expect((await stage.call("GET", path)).body["webhook"]).toEqual(shown);
    expect(await stage.endpoints()).toMatchObject([
      { url, format: "provider", asProvider: { events: ["message", "state.change"] } },
    ]);
    expect((await stored()).map((webhook) => webhook.url)).toEqual([
      await stage.addressOf("suporte"),
    ]);
  });

  /** Sends a message and answers with what proves the request that came of it. */
  async function proven(secret: string): ReturnType<typeof waha.authenticate> {
    const index = receiver.requests.length;
    await stage.waha.receive("suporte", { phone: "5511988887777" });
    const request = (await receiver.waitFor(index + 1))[index];
    if (!request) throw new Error("there was no request");
    const { headers } = request;
    expect(JSON.parse(String(request.body))).toMatchObject({ event: "message" });
    return waha.authenticate({ headers, bytes: request.body, body: {}, receivedAt: 0 }, secret);
  }

  it("is signed with the key that it was given, until another POST changes it or takes it away", async () => {
    const url = `${receiver.url}/hook`;
    const set = async (hmac?: unknown): Promise<unknown> => {
      const events = ["message"];
      const { status, body } = await stage.call("POST", path, { body: { url, events, hmac } });
      expect(status).toBe(200);
      const shown = (await stage.call("GET", path)).body["webhook"] as { hmac: unknown };
      expect(body["webhook"]).toMatchObject({ hmac: shown.hmac });
      return shown.hmac;
    };
    const masked = { key: maskedSecret };
    expect(await set("primeira")).toEqual(masked);
    expect(await proven("primeira")).toEqual({ kind: "authentic" });
    for (const mask of [masked, maskedSecret]) expect(await set(mask)).toEqual(masked);
    expect(await proven("primeira")).toEqual({ kind: "authentic" });
    expect(await set({ key: "segunda ☕" })).toEqual(masked);
    expect(await proven("segunda ☕")).toEqual({ kind: "authentic" });
    const [sealed] = await stage.endpoints();
    expect(JSON.stringify(sealed)).not.toContain("segunda");
    expect(await set()).toBeNull();
    // Our own secret's signature, with which WAHA proves itself to us, does not come through.
    expect(await proven("segunda ☕")).toEqual({ kind: "unsigned" });
    for (const none of [null, "", {}, { key: null }]) {
      await set("terceira");
      expect(await set(none)).toBeNull();
    }
    expect(await proven("terceira")).toEqual({ kind: "unsigned" });
  });

  it("is switched off without an address, and keeps its key and all else", async () => {
    const url = `${receiver.url}/hook`;
    const headers = { "X-Shop": "1", Authorization: "Bearer s3cret" };
    const all = { url, headers, hmac: "chave", events: ["message"], retries: 5 };
    await stage.call("POST", path, { body: all });
    const [before] = await stage.endpoints();
    const shown = (await stage.call("GET", path)).body["webhook"] as object;
    const { body } = await stage.call("POST", path, { body: { enabled: false } });
    expect(body["webhook"]).toEqual({ ...shown, enabled: false });
    expect((await stage.call("GET", path)).body["webhook"]).toEqual({ ...shown, enabled: false });
    expect(await stage.endpoints()).toEqual([{ ...before, enabled: false }]);
    await stage.call("POST", path, { body: { ...shown, enabled: true } });
    expect(await stage.endpoints()).toEqual([before]);
    expect(await proven("chave")).toEqual({ kind: "authentic" });
  });

  it.each([
    ["a mask where there is no key", "/hook", maskedSecret],
    ["a mask for another server", undefined, { key: maskedSecret }],
    ["a key that is a file", "/hook", "x".repeat(4_097)],
  ])("%s is refused, and nothing is changed", async (what, where, hmac) => {
    const first = `${receiver.url}/hook`;
    const key = what.includes("no key") ? null : "chave";
    await stage.call("POST", path, { body: { url: first, hmac: key } });
    const before = await stage.endpoints();
    const url = where === undefined ? "https://elsewhere.example.com/" : first;
    const answer = await stage.call("POST", path, { body: { url, hmac } });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(JSON.stringify(answer.body["details"])).toContain("hmac");
    expect(await stage.endpoints()).toEqual(before);
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

  it("reading and direct: true stand in the server's line, as whatever else is asked of it", async () => {
    const { directory } = stage.store;
    const server = await directory.server({ tenantId: "default" }, "srv_w");
    if (!server) throw new Error("there is no such server");
    await stage.waha.trouble.stop();
    expect((await stage.call("GET", path)).body).toEqual({ success: false, webhook: null });
    expect(stage.controls.standing(server)).toMatchObject({
      reachable: false,
      reason: "connection_refused",
    });
    stage.controls.close();
    await stage.waha.trouble.start();
    const body = { url: "https://a.example.com/hook", direct: true };
    expect((await stage.call("POST", path, { body })).status).toBe(502);
    expect(stage.waha.calls.count()).toBe(0);
  });

  it("a server's key that cannot be read is a 502 that says what to do", async () => {
    const change = { apiKey: createSecretBox(Buffer.alloc(32, 9)).seal(wahaKey) };
    await stage.store.directory.updateServer({ tenantId: "default" }, "srv_w", change);
    const body = { url: "https://a.example.com/hook", direct: true };
    const answer = await stage.call("POST", path, { body });
    expect(answer).toMatchObject({ status: 502, body: { code: "provider_failed" } });
    expect((await stage.call("GET", path)).body).toEqual({ success: false, webhook: null });
    expect(stage.waha.calls.count()).toBe(0);
  });
});
