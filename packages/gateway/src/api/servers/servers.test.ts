import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskedSecret } from "@recado/protocol";
import { startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const scope = { tenantId: "default" };

describe("provider servers", () => {
  it("are made with an address for their webhooks, and named after their host unless told otherwise", async () => {
    const body = {
      provider: "evolution",
      baseUrl: "https://evo.example.com:8443/",
      apiKey: "provider-key-1",
    };
    const [first, second] = [
      (await server.call("POST", "/servers", { body })).json(),
      (await server.call("POST", "/servers", { body })).json(),
    ];
    expect([first.name, second.name]).toEqual(["evo.example.com:8443", "evo.example.com:8443 2"]);
    expect(
      await server.store.directory.ingestTarget(first.ingestUrl.split("/in/")[1]),
    ).toMatchObject({ kind: "server", server: { id: first.id } });
    const named = await server.call("POST", "/servers", { body: { ...body, name: first.name } });
    expect([named.statusCode, named.json().code]).toEqual([409, "name_taken"]);
  });

  it("never give their key away, not even to a host of one's own", async () => {
    const body = {
      name: "vault",
      provider: "waha",
      baseUrl: "https://waha.example.com/",
      apiKey: "provider-key-2",
    };
    const made = (await server.call("POST", "/servers", { body })).json();
    expect(made.apiKey).toBe(maskedSecret);
    const path = `/servers/${made.id}`;
    const stored = async (): Promise<string> =>
      server.options.secretBox.open(
        (await server.store.directory.server(scope, made.id))?.apiKey ?? "",
      );
    const moved = await server.call("PATCH", path, {
      body: { baseUrl: "https://elsewhere.example.com" },
    });
    expect(moved.json().details).toEqual([
      "apiKey: must be sent again when baseUrl moves to another host",
    ]);
    const masked = await server.call("PATCH", path, {
      body: { baseUrl: "https://elsewhere.example.com", apiKey: maskedSecret },
    });
    expect(masked.statusCode).toBe(400);
    expect(
      (await server.call("PATCH", path, { body: { baseUrl: "https://waha.example.com/waha" } }))
        .statusCode,
    ).toBe(200);
    expect(await stored()).toBe("provider-key-2");
    expect(
      (
        await server.call("PATCH", path, {
          body: { baseUrl: "https://elsewhere.example.com", apiKey: "provider-key-3" },
        })
      ).statusCode,
    ).toBe(200);
    expect(await stored()).toBe("provider-key-3");
    expect(JSON.stringify(await server.store.directory.server(scope, made.id))).not.toContain(
      "provider-key",
    );
  });

  it("in a private network are the operator's to register", async () => {
    const body = { provider: "waha", baseUrl: "http://192.168.0.10:3000", apiKey: "k" };
    const key = await tenantWithKey(server, "private");
    const refused = await server.call("POST", "/servers", { as: key, body });
    expect([refused.statusCode, refused.json().code]).toEqual([422, "url_blocked"]);
    expect(refused.json().details[0]).toContain("DELIVERY_ALLOW_TARGETS");
    expect((await server.call("POST", "/servers", { body })).statusCode).toBe(201);
    expect(
      (
        await server.call("POST", "/servers", {
          body: { ...body, baseUrl: "http://169.254.169.254" },
        })
      ).statusCode,
    ).toBe(422);
  });

  it("are open to calls in a private network only as long as the operator's address stands", async () => {
    const key = await tenantWithKey(server, "default");
    const stored = async (id: string): Promise<boolean | undefined> => {
      const found = await server.store.directory.server(scope, id);
      if (found === undefined) throw new Error("the server is not there");
      return found.allowPrivate;
    };
    const body = { provider: "waha", baseUrl: "https://waha.example.net:3000", apiKey: "k" };
    const { id: opened } = (await server.call("POST", "/servers", { body })).json();
    const { id: closed } = (await server.call("POST", "/servers", { as: key, body })).json();
    expect([await stored(opened), await stored(closed)]).toEqual([true, undefined]);
    await server.call("PATCH", `/servers/${opened}`, { as: key, body: { name: "renamed" } });
    expect(await stored(opened)).toBe(true);
    const moved = { baseUrl: "https://elsewhere.example.net", apiKey: "k2" };
    await server.call("PATCH", `/servers/${opened}`, { as: key, body: moved });
    expect(await stored(opened)).toBe(false);
    await server.call("PATCH", `/servers/${closed}`, { body: moved });
    expect(await stored(closed)).toBe(true);
  });
});
