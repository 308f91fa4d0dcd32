import {
  startFakeEvolution,
  startFakeWaha,
  type FakeEvolution,
  type FakeWaha,
} from "@recado/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
let waha: FakeWaha;
let evolution: FakeEvolution;
beforeAll(async () => {
  server = await startApi();
  waha = await startFakeWaha({ apiKey: "key", sessions: [{ name: "loja" }, { name: "typed" }] });
  evolution = await startFakeEvolution({ apikey: "key", instances: [{ name: "suporte" }] });
});
afterAll(async () => {
  await server.close();
  await Promise.all([waha.close(), evolution.close()]);
});

/** Makes a number at one of the two servers; answers its id. */
async function number(
  provider: "waha" | "evolution",
  name: string,
  apiKey = "key",
): Promise<string> {
  const baseUrl = provider === "waha" ? waha.url : evolution.url;
  const body = { name: `${name} server`, provider, baseUrl, apiKey };
  const made = await server.call("POST", "/servers", { body });
  expect(made.statusCode, made.body).toBe(201);
  const instance = await server.call("POST", "/instances", {
    body: { name, provider, serverId: made.json().id },
  });
  return instance.json().id;
}

describe("connecting a number", () => {
  it("answers the code with how long it is good, in the caller's language, and its picture", async () => {
    const id = await number("waha", "loja");
    const response = await server.call("POST", `/instances/${id}/connect`, {
      headers: { "accept-language": "pt-BR" },
    });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      {
        stage: "code",
        version: expect.any(String),
        qr: waha.phone.code("loja"),
        image: expect.stringMatching(/^data:image\/png;base64,/),
        attempt: 1,
        attemptsLeft: 5,
        secondsLeft: expect.any(Number),
        expiresAt: expect.any(String),
        explanation: "Leia o código com o celular do número.",
      },
    ]);
    expect(response.headers["cache-control"]).toBe("no-store");

    for (const asked of [
      { path: "/qr?format=png", headers: {} },
      { path: "/qr", headers: { accept: "image/avif,image/png,*/*;q=0.8" } },
    ]) {
      const picture = await server.call("GET", `/instances/${id}${asked.path}`, asked);
      expect(picture.headers["content-type"]).toBe("image/png");
      expect(picture.headers["cache-control"]).toBe("no-store");
      expect(`data:image/png;base64,${picture.rawPayload.toString("base64")}`).toBe(
        response.json().image,
      );
    }
    const json = await server.call("GET", `/instances/${id}/qr?format=json`, {
      headers: { accept: "image/png" },
    });
    expect(json.json()).toMatchObject({ stage: "code", qr: response.json().qr });
  });

  it("by phone answers a code to type, whichever way the phone is written", async () => {
    const id = await number("waha", "typed");
    const response = await server.call("POST", `/instances/${id}/connect`, {
      body: { phone: "+55 (11) 90000-0102" },
    });
    expect(response.json().pairingCode).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/);
  });

  it.each(["", "12", "55 11 nine", "1".repeat(16), "5511900000102&x=1", "٥٥١١٩٠٠٠٠٠١٠٢"])(
    "by what is no phone (%j) is refused by its field",
    async (phone) => {
      const response = await server.call("POST", "/instances/typed/connect", { body: { phone } });
      expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
      expect(response.json().details[0]).toMatch(/^phone: /);
    },
  );

  it("says what the provider said and what to do when it refuses, never its key", async () => {
    const id = await number("evolution", "suporte", "a-wrong-key");
    const wrong = await server.call("POST", `/instances/${id}/connect`);
    expect([wrong.statusCode, wrong.json().code]).toEqual([502, "provider_unauthorised"]);
    expect(wrong.json().details).toHaveLength(2);
    expect(wrong.body + server.logged.join("")).not.toContain("a-wrong-key");
    const missing = await number("evolution", "ninguém");
    const closed = await number("evolution", "fechado");
    await server.store.directory.updateInstance({ tenantId: "default" }, closed, {
      providerName: "suporte",
    });
    const answers = [
      await server.call("POST", `/instances/${missing}/connect`),
      await server.call("POST", `/instances/${closed}/logout`),
      await server.call("POST", `/instances/${closed}/restart`),
      await server.call("GET", `/instances/${closed}/qr?format=png`),
    ];
    expect(answers.map((answer) => [answer.statusCode, answer.json().code])).toEqual([
      [409, "instance_not_at_provider"],
      [409, "provider_refused"],
      [409, "provider_refused"],
      [409, "pairing_no_code"],
    ]);
  });

  it("needs a server", async () => {
    const made = await server.call("POST", "/instances", {
      body: { name: "sem servidor", provider: "waha" },
    });
    for (const act of ["connect", "logout", "restart"]) {
      const response = await server.call("POST", `/instances/${made.json().id}/${act}`);
      expect([response.statusCode, response.json().code]).toEqual([409, "instance_without_server"]);
    }
  });
});

describe("pairing links", () => {
  it("are made with their addresses, listed without, and revoked", async () => {
    const made = await server.call("POST", "/instances/loja/pairing-links", {
      body: { ttlSeconds: 120, language: "pt" },
    });
    expect(made.statusCode).toBe(201);
    const { url, apiUrl, ...rest } = made.json();
    const token = url.split("/pair/")[1];
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(apiUrl).toBe(`https://recado.example.com/api/public/pairing/${token}`);
    expect(Date.parse(rest.expiresAt) - Date.parse(rest.createdAt)).toBe(120_000);
    expect(rest).toMatchObject({ state: "active", language: "pt" });
    const list = await server.call("GET", "/instances/loja/pairing-links");
    expect(list.json().data).toEqual([rest]);
    expect(list.body).not.toContain(token);
    const path = `/instances/loja/pairing-links/${rest.id}`;
    expect((await server.call("DELETE", path)).statusCode).toBe(204);
    expect((await server.call("DELETE", path)).statusCode).toBe(404);
  });

  it("have pages", async () => {
    const id = await number("waha", "muitos links");
    for (let links = 0; links < 5; links += 1)
      await server.call("POST", `/instances/${id}/pairing-links`);
    const seen: string[] = [];
    let after = "";
    do {
      const page = (
        await server.call("GET", `/instances/${id}/pairing-links?limit=2${after}`)
      ).json();
      seen.push(...page.data.map((link: { id: string }) => link.id));
      after = page.nextCursor === undefined ? "" : `&after=${page.nextCursor}`;
    } while (after !== "");
    expect(new Set(seen).size).toBe(5);
  });

  it.each([{ ttlSeconds: 59 }, { ttlSeconds: 86_401 }, { language: "fr" }, { forever: true }])(
    "with %j are refused",
    async (body) => {
      const response = await server.call("POST", "/instances/loja/pairing-links", { body });
      expect(response.statusCode).toBe(400);
    },
  );

  it("of another tenant's number do not exist", async () => {
    const other = await tenantWithKey(server, "other");
    const made = await server.call("POST", "/instances/loja/pairing-links");
    await server.call("POST", "/instances", {
      as: other,
      body: { name: "loja", provider: "waha" },
    });
    const path = `/instances/loja/pairing-links/${made.json().id}`;
    expect((await server.call("DELETE", path, { as: other })).statusCode).toBe(404);
    const list = await server.call("GET", "/instances/loja/pairing-links", { as: other });
    expect(list.json().data).toEqual([]);
  });
});
