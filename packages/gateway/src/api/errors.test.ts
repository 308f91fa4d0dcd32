import { once } from "node:events";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { errorCatalogue } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RecadoError } from "../base/recado-error.ts";
import { startApi, type ApiServer } from "./testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi({
    runtimeStats: () => {
      throw new Error("secret internals at /home/somebody");
    },
  });
});
afterAll(() => server.close());

const json = { "content-type": "application/json" };

describe("the form of every refusal", () => {
  it("is the documented one, in English unless asked otherwise", async () => {
    const response = await server.call("GET", "/instances/nobody");
    expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
    const { en } = errorCatalogue.not_found;
    expect(response.json()).toEqual({
      success: false,
      error: en,
      message: en,
      code: "not_found",
      docs: "docs/errors/not_found.md",
    });
  });

  it.each([
    ["pt-BR,pt;q=0.9,en-US;q=0.8", "pt"],
    ["pt", "pt"],
    ["en-GB,pt;q=0.5", "en"],
    ["fr, pt;q=0.1", "pt"],
    ["fr", "en"],
    ["*", "en"],
    ["pt;q=0", "en"],
    ["pt;q=x,;;,", "en"],
  ] as const)("answers Accept-Language %s in %s", async (header, language) => {
    const response = await server.call("POST", "/instances", {
      body: { name: "x", provider: "waha", foo: 1 },
      headers: { "accept-language": header },
    });
    expect(response.json().error).toBe(errorCatalogue.invalid_request[language]);
    expect(response.json().details).toEqual([
      language === "pt" ? "foo: campo desconhecido" : "foo: unknown field",
    ]);
  });

  it.each([
    [
      "en",
      "since: must be an ISO-8601 time with Z or an offset (in an address, + is written %2B), or a date",
    ],
    [
      "pt",
      "since: deve ser uma data e hora ISO-8601 com Z ou fuso (em um endereço, + se escreve %2B), ou uma data",
    ],
  ])(
    "names a value that does not fit only where it has a place for it (%s)",
    async (language, told) => {
      const response = await server.call("GET", "/events?since=soon", {
        headers: { "accept-language": language },
      });
      expect(response.json().details).toEqual([told]);
    },
  );

  it("outside our own API is Portuguese whatever is asked for", async () => {
    const response = await server.call("GET", "/api/nowhere", {
      headers: { "accept-language": "en" },
    });
    expect([response.statusCode, response.json().message, response.json().code]).toEqual([
      404,
      "Rota não encontrada",
      "route_not_found",
    ]);
  });

  it.each<[string, string, number, string]>([
    ["an unknown route", "/nowhere", 404, "route_not_found"],
    ["a broken percent sign", "/events/%E0%A4%A", 400, "invalid_request"],
    ["a name of 5,000 characters", `/instances/${"a".repeat(5_000)}`, 404, "route_not_found"],
  ])("%s", async (_name, path, status, code) => {
    const response = await server.call("GET", path);
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
  });

  it.each<[string, string | Buffer, Record<string, string>, number, string]>([
    ["not JSON", "{'a': True}", json, 400, "json_invalid"],
    ["no body", "", json, 400, "body_empty"],
    ["null", "null", json, 400, "json_not_object"],
    ["an array", "[]", json, 400, "json_not_object"],
    [
      "10,000 levels",
      `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
      json,
      400,
      "json_too_deep",
    ],
    ["a __proto__ key", '{"__proto__":{"name":"x"}}', json, 400, "json_forbidden_key"],
    [
      "half an emoji's bytes",
      Buffer.from([0x7b, 0x22, 0xf0, 0x9f, 0x22, 0x3a, 0x31, 0x7d]),
      json,
      400,
      "json_not_utf8",
    ],
    [
      "a form",
      "name=x",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    ["text", "hello", { "content-type": "text/plain" }, 415, "unsupported_media_type"],
    [
      "more than a mebibyte",
      JSON.stringify({ name: "a".repeat(1_048_576) }),
      json,
      413,
      "body_too_large",
    ],
  ])("a body that is %s", async (_name, body, headers, status, code) => {
    const before = (await server.call("GET", "/instances")).body;
    const response = await server.call("POST", "/instances", { body, headers });
    expect([response.statusCode, response.json().code]).toEqual([status, code]);
    expect((await server.call("GET", "/instances")).body).toBe(before);
  });

  it("a body where none is taken is refused, an empty one is not", async () => {
    const made = await server.call("POST", "/endpoints", {
      body: { url: "https://hooks.example.com/" },
    });
    const path = `/endpoints/${made.json().id}/disable`;
    const refused = await server.call("POST", path, { body: { enabled: true } });
    expect([refused.statusCode, refused.json().details]).toEqual([
      400,
      ["this route takes no body", "enabled: unknown field"],
    ]);
    for (const body of [undefined, {}, ""]) {
      const taken = await server.call("POST", path, {
        headers: json,
        ...(body === undefined ? {} : { body }),
      });
      expect(taken.statusCode).toBe(200);
    }
  });

  it("many wrong fields give a short list", async () => {
    const body = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`field${index}`, 1]),
    );
    const response = await server.call("POST", "/instances", { body });
    expect(response.json().details).toHaveLength(20);
  });

  it("a failure of ours says nothing about itself, and is logged", async () => {
    const response = await server.call("GET", "/stats");
    expect(response.json()).toEqual({
      success: false,
      error: "Internal error",
      message: "Internal error",
      code: "internal",
      docs: "docs/errors/internal.md",
    });
    expect(
      server.logged.some(
        (line) => line.includes("request failed") && line.includes("GET /api/v1/stats"),
      ),
    ).toBe(true);
  });
});

describe("HTTP that never becomes a request", () => {
  async function raw(text: string): Promise<string> {
    const { port } = server.app.server.address() as AddressInfo;
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(text);
    await once(socket, "close");
    return answer;
  }

  it("is answered in the same form and let go", async () => {
    await server.app.listen({ port: 0, host: "127.0.0.1" });
    const broken = await raw("GET / HTTP/1.1\r\nno colon here\r\n\r\n");
    expect(broken).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(broken.slice(broken.indexOf("{")))).toMatchObject({
      success: false,
      code: "invalid_request",
    });
    const large = await raw(`GET / HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n\r\n`);
    expect(large).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe("cross-origin calls", () => {
  const preflight = {
    origin: "https://app.example.com",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
  };

  it("are open to any page by default, without cookies, and refusals can be read", async () => {
    const asked = await server.call("OPTIONS", "/instances", { as: null, headers: preflight });
    expect([
      asked.statusCode,
      asked.headers["access-control-allow-origin"],
      asked.headers["access-control-allow-credentials"],
    ]).toEqual([204, "*", undefined]);
    const refused = await server.call("GET", "/instances", {
      as: null,
      headers: { origin: "https://app.example.com" },
    });
    expect([refused.statusCode, refused.headers["access-control-allow-origin"]]).toEqual([
      401,
      "*",
    ]);
  });

  it("are open to the listed origins only", async () => {
    const strict = await startApi({ allowedOrigins: ["https://app.example.com"] });
    try {
      const own = await strict.call("OPTIONS", "/instances", { as: null, headers: preflight });
      expect(own.headers["access-control-allow-origin"]).toBe("https://app.example.com");
      const foreign = await strict.call("OPTIONS", "/instances", {
        as: null,
        headers: { ...preflight, origin: "https://evil.example" },
      });
      expect(foreign.headers["access-control-allow-origin"]).not.toBe("https://evil.example");
    } finally {
      await strict.close();
    }
  });
});

it("an error of the catalogue keeps its status", () => {
  expect(new RecadoError("name_taken").entry.status).toBe(409);
});
