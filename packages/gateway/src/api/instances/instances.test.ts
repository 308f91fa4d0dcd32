import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedSecret } from "@recado/protocol";
import { publicUrl, startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const scope = { tenantId: "default" };

describe("instances", () => {
  it("are made with an address to paste into the provider", async () => {
    const made = await server.call("POST", "/instances", {
      body: { name: "loja-centro", provider: "evolution" },
    });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      {
        id: expect.stringMatching(/^ins_/),
        name: "loja-centro",
        providerName: "loja-centro",
        provider: "evolution",
        source: "webhook",
        ingestUrl: expect.stringContaining(`${publicUrl}/in/`),
        createdAt: expect.any(String),
      },
    ]);
    const target = await server.store.directory.ingestTarget(
      made.json().ingestUrl.split("/in/")[1],
    );
    expect(target).toMatchObject({ kind: "instance", instance: { id: made.json().id } });
  });

  it("say which ways their events come on, and take a socket only where there is a server", async () => {
    const made = await server.call("POST", "/instances", {
      body: { name: "by-socket", provider: "waha" },
    });
    const path = `/instances/${made.json().id}`;
    const patch = (body: object) => server.call("PATCH", path, { body });
    const refused = await patch({ source: "socket" });
    expect([refused.statusCode, JSON.stringify(refused.json())]).toEqual([
      400,
      expect.stringContaining("source: "),
    ]);
    expect((await patch({ source: "telepathy" })).statusCode).toBe(400);
    const { id: serverId } = (
      await server.call("POST", "/servers", {
        body: { provider: "waha", baseUrl: "https://sockets.example.com", apiKey: "k" },
      })
    ).json();
    expect((await patch({ serverId, source: "both" })).json()).toMatchObject({ source: "both" });
    expect((await server.call("GET", path)).json()).toMatchObject({ source: "both" });
    expect((await patch({ source: "webhook" })).json()).toMatchObject({ source: "webhook" });
  });

  it("show a webhook's address only to who may write: it is a credential for writing events", async () => {
    const made = await server.call("POST", "/instances", {
      body: { name: "reserved", provider: "waha" },
    });
    const serverBody = { provider: "waha", baseUrl: "https://waha.example.com", apiKey: "k" };
    await server.call("POST", "/servers", { body: serverBody });
    const { token } = (await server.call("POST", "/tokens", { body: {} })).json();
    const reading = { as: token };
    const shown = await server.call("GET", `/instances/${made.json().id}`, reading);
    expect(shown.json()).toEqual({ ...made.json(), ingestUrl: `${publicUrl}/in/${maskedSecret}` });
    for (const list of ["/instances", "/servers"]) {
      const { data } = (await server.call("GET", list, reading)).json();
      expect(data.length).toBeGreaterThan(0);
      for (const { ingestUrl } of data) expect(ingestUrl).toBe(`${publicUrl}/in/${maskedSecret}`);
    }
  });

  it.each([
    "loja/centro",
    "loja centro",
    "Açaí do Zé",
    "☕👋🏽",
    "100%",
    "a?b#c",
    "..",
    "ins_fake",
    "evénements",
    "loja+1",
  ])("named %s are found under their name", async (name) => {
    const made = await server.call("POST", "/instances", { body: { name, provider: "waha" } });
    expect(made.statusCode).toBe(201);
    // As browsers and URL libraries do with one dot-only segment, it would never arrive.
    const path = name === ".." ? "%2E%2E%2F" : encodeURIComponent(name);
    if (name !== "..")
      expect((await server.call("GET", `/instances/${path}`)).json()).toEqual(made.json());
    const renamed = await server.call("PATCH", `/instances/${made.json().id}`, {
      body: { name: `${name} nova` },
    });
    expect(renamed.json()).toMatchObject({
      id: made.json().id,
      name: `${name} nova`,
      providerName: name,
    });
    expect(
      (await server.call("DELETE", `/instances/${encodeURIComponent(`${name} nova`)}`)).statusCode,
    ).toBe(204);
    expect((await server.call("GET", `/instances/${made.json().id}`)).statusCode).toBe(404);
  });

  it("are found under a decomposed spelling of their name", async () => {
    await server.call("POST", "/instances", { body: { name: "cafe\u0301", provider: "waha" } });
    expect((await server.call("GET", `/instances/${encodeURIComponent("café")}`)).statusCode).toBe(
      200,
    );
    expect(
      (await server.call("GET", `/instances/${encodeURIComponent("cafe\u0301")}`)).statusCode,
    ).toBe(200);
  });

  it("an id wins over another instance's name", async () => {
    const first = (
      await server.call("POST", "/instances", { body: { name: "first", provider: "waha" } })
    ).json();
    await server.call("POST", "/instances", { body: { name: first.id, provider: "waha" } });
    expect((await server.call("GET", `/instances/${first.id}`)).json().name).toBe("first");
  });

  it("have one name each in their tenant, and the same in another", async () => {
    const body = { name: "única", provider: "waha" };
    expect((await server.call("POST", "/instances", { body })).statusCode).toBe(201);
    const again = await server.call("POST", "/instances", {
      body: { ...body, name: "u\u0301nica" },
    });
    expect([again.statusCode, again.json().code]).toEqual([409, "name_taken"]);
    const renamed = await server.call("PATCH", "/instances/first", { body: { name: "única" } });
    expect(renamed.statusCode).toBe(409);
    const other = await tenantWithKey(server, "other");
    expect((await server.call("POST", "/instances", { as: other, body })).statusCode).toBe(201);
  });

  it("keep their secret sealed, show that there is one, and change or lose it", async () => {
    const made = (
      await server.call("POST", "/instances", {
        body: { name: "secret", provider: "waha", webhookSecret: "hmac-key-1" },
      })
    ).json();
    expect(made.webhookSecret).toBe(maskedSecret);
    const sealed = async (): Promise<string | undefined> => {
      const stored = await server.store.directory.instance(scope, made.id);
      return stored?.webhookSecret === undefined
        ? undefined
        : server.options.secretBox.open(stored.webhookSecret);
    };
    expect(JSON.stringify(await server.store.directory.instance(scope, made.id))).not.toContain(
      "hmac-key-1",
    );
    expect(await sealed()).toBe("hmac-key-1");
    await server.call("PATCH", `/instances/${made.id}`, {
      body: { webhookSecret: maskedSecret, name: "secret 2" },
    });
    expect(await sealed()).toBe("hmac-key-1");
    await server.call("PATCH", `/instances/${made.id}`, { body: { webhookSecret: "hmac-key-2" } });
    expect(await sealed()).toBe("hmac-key-2");
    const without = await server.call("PATCH", `/instances/${made.id}`, {
      body: { webhookSecret: null },
    });
    expect(without.json()).not.toHaveProperty("webhookSecret");
    expect(await sealed()).toBeUndefined();
  });

  it("belong to a server of their tenant and provider, or to none", async () => {
    const provider = (
      await server.call("POST", "/servers", {
        body: { provider: "waha", baseUrl: "https://waha.example.com", apiKey: "k" },
      })
    ).json();
    const make = (serverId: string, kind = "waha"): ReturnType<ApiServer["call"]> =>
      server.call("POST", "/instances", {
        body: { name: `at ${serverId} ${kind}`, provider: kind, serverId },
      });
    expect((await make(provider.id)).json().serverId).toBe(provider.id);
    expect((await make("srv_none")).json().details).toEqual([
      'serverId: there is no server "srv_none"',
    ]);
    expect((await make(provider.id, "evolution")).json().details).toEqual([
      "serverId: the server is of another provider",
    ]);
  });

  it.each([
    [{ name: "x" }, "provider: "],
    [{ name: "x", provider: "whatsapp" }, "provider: "],
    [{ name: "x", provider: "waha", webhookSecret: "" }, "webhookSecret: "],
    [
      { name: "x", provider: "waha", webhookSecret: "a\r\nb: c" },
      "webhookSecret: must not contain line breaks",
    ],
    [{ name: "x", provider: "waha", ingestToken: "mine" }, "ingestToken: unknown field"],
    [{ name: "x", provider: "waha", tenantId: "other" }, "tenantId: unknown field"],
  ])("%j is refused by its field", async (body, detail) => {
    const response = await server.call("POST", "/instances", { body });
    expect(response.statusCode).toBe(400);
    expect(response.json().details[0].startsWith(detail), response.json().details[0]).toBe(true);
  });
});
