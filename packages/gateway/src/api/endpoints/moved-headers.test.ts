import { maskedSecret } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

describe("an endpoint that moves", () => {
  it("a masked header does not move along to another host: it is sent again or left out", async () => {
    const made = await server.call("POST", "/endpoints", {
      body: {
        url: "https://a.example.com/x",
        headers: { Authorization: "Bearer t0p", "x-a": "b" },
      },
    });
    const change = (body: object): ReturnType<ApiServer["call"]> =>
      server.call("PATCH", `/endpoints/${made.json().id}`, { body });
    const url = "https://b.example.com/x";
    for (const body of [{ url }, { url, headers: { authorization: maskedSecret } }]) {
      const refused = await change(body);
      expect([refused.statusCode, refused.json().code]).toEqual([400, "invalid_request"]);
      expect(refused.json().details[0]).toMatch(/^headers\.authorization: must be sent again/i);
    }
    expect((await change({ url: "https://a.example.com/y" })).statusCode).toBe(200);
    expect((await change({ url, headers: { "x-a": "b" } })).json()).toMatchObject({
      url,
      headers: { "x-a": "b" },
    });
  });

  it("a provider's keys do not move along either, and what else the address had does", async () => {
    const { json } = await server.call("POST", "/endpoints", {
      body: { url: "https://a.example.com/x", format: "provider" },
    });
    const { id } = json() as { id: string };
    const { directory } = server.store;
    const scope = { tenantId: "default" };
    const keys = { jwtKey: "sealed", hmacKey: "sealed" };
    await directory.updateEndpoint(scope, id, { asProvider: { byEvents: true, ...keys } });
    const moved = async (url: string): Promise<unknown> => {
      await server.call("PATCH", `/endpoints/${id}`, { body: { url } });
      return (await directory.endpoint(scope, id))?.asProvider;
    };
    expect(await moved("https://a.example.com/y")).toEqual({ byEvents: true, ...keys });
    expect(await moved("https://b.example.com/y")).toEqual({ byEvents: true });
  });
});
