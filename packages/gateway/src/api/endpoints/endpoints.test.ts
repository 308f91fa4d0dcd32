import { maskedSecret } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wantsEvent } from "../../deliver/endpoint-policy.ts";
import type { Endpoint } from "../../store/contract/index.ts";
import { appendEvent, startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
let key: string;
beforeAll(async () => {
  server = await startApi();
  key = await tenantWithKey(server, "acme");
});
afterAll(() => server.close());

const scope = { tenantId: "acme" };
const url = "https://hooks.example.com/recado";

interface Made extends Record<string, unknown> {
  readonly id: string;
  readonly secret: string;
  readonly status: number;
  readonly code: string;
  readonly details: readonly string[];
  readonly instances?: readonly string[];
}

async function make(body: object, as = key): Promise<Made> {
  const response = await server.call("POST", "/endpoints", { as, body: { url, ...body } });
  return { ...response.json<Made>(), status: response.statusCode };
}

async function stored(id: string): Promise<Endpoint> {
  const endpoint = await server.store.directory.endpoint(scope, id);
  if (!endpoint) throw new Error("not stored");
  return endpoint;
}

describe("a new endpoint", () => {
  it("has defaults, a secret of its own, and begins at the head of the log", async () => {
    await appendEvent(server, scope);
    const event = await appendEvent(server, scope);
    server.woken.length = 0;
    const { status, secret, ...rest } = await make({});
    expect([status, secret]).toEqual([201, expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32,}$/)]);
    expect(rest).toEqual({
      id: expect.stringMatching(/^end_/),
      url,
      format: "recado",
      ordering: "chat",
      headers: {},
      enabled: true,
      allowPrivate: false,
      createdAt: expect.any(String),
    });
    expect(await server.store.deliveries.cursor(scope, rest.id)).toEqual({ offset: event.offset });
    expect(server.woken).toEqual([rest.id]);
    expect((await make({})).secret).not.toBe(secret);
  });

  it("names its types from the vocabulary or by group", async () => {
    const { id, types } = await make({
      types: ["message.*", "instance.connection_changed", "message.*"],
    });
    expect(types).toEqual(["message.*", "instance.connection_changed"]);
    const endpoint = await stored(id);
    const event = await appendEvent(server, scope);
    expect(
      [
        "message.acked",
        "message.received",
        "instance.connection_changed",
        "instance.created",
        "presence.updated",
      ].map((type) => wantsEvent(endpoint, { ...event, type })),
    ).toEqual([true, true, true, false, false]);
  });

  it.each([
    "message.recieved",
    "messages.*",
    "message.",
    ".*",
    "message",
    "**",
    "message.received ",
    "MESSAGE.RECEIVED",
    "*.received",
  ])("type %s is refused by name", async (type) => {
    const { status, code, details } = await make({ types: ["message.sent", type] });
    expect([status, code, details]).toEqual([
      400,
      "invalid_request",
      [`types[1]: there is no event type "${type}"`],
    ]);
  });

  it("names its instances by id or name, and keeps ids", async () => {
    const instance = (
      await server.call("POST", "/instances", {
        as: key,
        body: { name: "loja/centro", provider: "waha" },
      })
    ).json();
    expect((await make({ instances: ["loja/centro", instance.id] })).instances).toEqual([
      instance.id,
    ]);
    expect((await make({ instances: [instance.id, "nobody"] })).details).toEqual([
      'instances[1]: there is no instance "nobody"',
    ]);
  });

  it.each<[string, string]>([
    ["not a url", "url_invalid"],
    ["ftp://hooks.example.com/", "url_invalid"],
    ["javascript:alert(1)", "url_invalid"],
    ["https://user:pw@hooks.example.com/", "url_invalid"],
    ["http://127.0.0.1:9200/", "url_blocked"],
    ["http://2130706433/", "url_blocked"],
    ["http://[::ffff:10.1.2.3]/", "url_blocked"],
    ["http://localhost/", "url_blocked"],
    ["http://n8n:5678/webhook", "url_blocked"],
    ["http://169.254.169.254/latest/meta-data", "url_blocked"],
  ])("url %s is refused as %s", async (address, code) => {
    const refused = await make({ url: address });
    expect([refused.status, refused.code]).toEqual([422, code]);
    expect(refused.details).toHaveLength(1);
    if (code === "url_blocked")
      expect(refused.details[0]).toMatch(/DELIVERY_ALLOW_TARGETS.*allowPrivate/);
  });

  it.each<[object, RegExp]>([
    [
      { url: "http://10.0.0.1/" },
      /^o endereço está em uma faixa reservada \(private\); o operador pode liberar .*; endereços link-local/,
    ],
    [{ url: "http://localhost/" }, /^o nome do host pertence a uma rede local; o operador pode/],
    [
      { url: "http://metadata.google.internal/" },
      /^o endereço é um servidor de metadados de nuvem/,
    ],
    [{ url: "x" }, /^o endereço não é uma URL$/],
    [{ allowPrivate: true }, /^allowPrivate exige a chave de administrador$/],
    [{ headers: { host: "x" } }, /^headers: o cabeçalho host não pode ser definido$/],
    [{ headers: { "x y": "x" } }, /^headers: "x y" não é um nome de cabeçalho$/],
    [{ headers: { "x-long": "a".repeat(4_096) } }, /^headers: os cabeçalhos passam de 4096 bytes$/],
    [{ types: ["x"] }, /^types\[0\]: não existe o tipo de evento "x"$/],
    [{ format: "xml" }, /^format: Opção inválida/],
  ])("%j is refused in Portuguese, too", async (body, detail) => {
    const headers = { "accept-language": "pt-BR" };
    const response = await server.call("POST", "/endpoints", {
      as: key,
      body: { url, ...body },
      headers,
    });
    expect(response.json().details[0]).toMatch(detail);
  });

  it("in a private network is the admin key's decision alone", async () => {
    const body = { url: "http://n8n:5678/webhook", allowPrivate: true };
    expect(await make(body)).toMatchObject({
      status: 403,
      code: "forbidden",
      details: ["allowPrivate needs the admin key"],
    });
    const superadmin = (
      await server.access.issueToken({ tenantId: "acme", role: "SUPERADMIN", ttlSeconds: 60 })
    ).token;
    expect((await make(body, superadmin)).status).toBe(403);
    const made = await server.call("POST", "/endpoints", {
      body,
      headers: { "x-tenant-id": "acme" },
    });
    expect([made.statusCode, made.json().allowPrivate]).toEqual([201, true]);
    const metadata = await server.call("POST", "/endpoints", {
      body: { url: "http://169.254.169.254/", allowPrivate: true },
    });
    expect([metadata.statusCode, metadata.json().code]).toEqual([422, "url_blocked"]);
  });

  it.each([
    [{ host: "internal.svc" }],
    [{ "Content-Length": "0" }],
    [{ "webhook-signature": "v1,x" }],
    [{ Cookie: "a=b" }],
    [{ "x-a": "1\r\nx-b: 2" }],
    [{ "x a": "1" }],
    [{ "x-a": "1", "X-A": "2" }],
    [{ "x-long": "a".repeat(4_097) }],
  ])("headers %j are refused", async (headers) => {
    expect(await make({ headers })).toMatchObject({ status: 400, code: "invalid_request" });
  });

  it.each([
    "",
    "whsec_",
    `whsec_${Buffer.alloc(23).toString("base64")}`,
    `whsec_${Buffer.alloc(65).toString("base64")}`,
    `whsec_${Buffer.alloc(24, 255).toString("base64url")}`,
    `v1,whsec_${Buffer.alloc(24).toString("base64")}`,
  ])("secret %j is refused", async (secret) => {
    expect(await make({ secret })).toMatchObject({ status: 422, code: "secret_invalid" });
  });

  it.each(["filter", "rateLimit", "retry", "secrets", "tenantId", "id"])(
    "%s is no field of this version",
    async (field) => {
      expect(await make({ [field]: {} })).toMatchObject({
        status: 400,
        details: [`${field}: unknown field`],
      });
    },
  );
});

describe("secrets of an endpoint", () => {
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

  it("are sealed at rest, and shown only when made, rotated or revealed", async () => {
    const made = await make({ secret });
    expect(made.secret).toBe(secret);
    expect(JSON.stringify(await stored(made.id))).not.toContain(secret.slice(6));
    for (const path of ["/endpoints", `/endpoints/${made.id}`])
      expect((await server.call("GET", path, { as: key })).body).not.toContain("whsec_");
    const patched = await server.call("PATCH", `/endpoints/${made.id}`, {
      as: key,
      body: { description: "x" },
    });
    expect(patched.body).not.toContain("whsec_");
    const revealed = await server.call("POST", `/endpoints/${made.id}/reveal-secret`, { as: key });
    expect(revealed.json()).toEqual({ id: made.id, secret });
    expect(
      server.logged.some(
        (line) => line.includes("endpoint secret revealed") && line.includes(made.id),
      ),
    ).toBe(true);
    expect(server.logged.join()).not.toContain(secret);
  });

  it("rotate with the old one beside the new one for its grace, at most ten of them", async () => {
    const made = await make({ secret });
    const rotate = (body?: object): ReturnType<ApiServer["call"]> =>
      server.call("POST", `/endpoints/${made.id}/rotate-secret`, {
        as: key,
        ...(body ? { body } : {}),
      });
    const opened = async (): Promise<readonly (readonly [string, number | undefined])[]> =>
      (await stored(made.id)).secrets.map(({ value, expiresAt }) => [
        server.options.secretBox.open(value),
        expiresAt,
      ]);
    const first = (await rotate()).json();
    const [current, old] = await opened();
    expect([current, old?.[0]]).toEqual([[first.secret, undefined], secret]);
    expect(old?.[1]).toBeGreaterThan(server.options.clock.now() + 86_000_000);
    const given = `whsec_${Buffer.alloc(24, 2).toString("base64")}`;
    expect((await rotate({ secret: given, graceSeconds: 0 })).json().secret).toBe(given);
    expect((await opened()).map(([value]) => value)).toEqual([given, secret]);
    for (let n = 0; n < 9; n++) expect((await rotate({ graceSeconds: 60 })).statusCode).toBe(200);
    const refused = await rotate({ graceSeconds: 60 });
    expect([refused.statusCode, refused.json().details]).toEqual([
      400,
      ["graceSeconds: at most 10 older secrets can be valid at once"],
    ]);
    server.skewMs += 61_000;
    expect((await rotate({ graceSeconds: 60 })).statusCode).toBe(200);
    expect(await opened()).toHaveLength(3);
    expect((await rotate({ secret: "whsec_short" })).json().code).toBe("secret_invalid");
  });
});

describe("changing an endpoint", () => {
  it("changes what is named and nothing else; null removes", async () => {
    const {
      id,
      secret: _secret,
      status: _status,
      ...made
    } = await make({ types: ["message.*"], description: "n8n" });
    const change = async (body: object): Promise<unknown> =>
      (await server.call("PATCH", `/endpoints/${id}`, { as: key, body })).json();
    expect(await change({ ordering: "none" })).toEqual({ id, ...made, ordering: "none" });
    const { types: _types, description: _description, ...bare } = made;
    expect(await change({ types: null, description: null })).toEqual({
      id,
      ...bare,
      ordering: "none",
    });
    expect(await change({})).toEqual({ id, ...bare, ordering: "none" });
    expect(server.woken.at(-1)).toBe(id);
  });

  it("headers that look secret are masked, and a mask sent back keeps what it stands for", async () => {
    const headers = {
      Authorization: "Bearer abc",
      "X-Tenant": "acme",
      "x-custom": "eyJhbGciOi.eyJzdWIi.x",
      "x-code": "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA",
    };
    const { id, headers: shown } = await make({ headers });
    expect(shown).toEqual({
      Authorization: maskedSecret,
      "X-Tenant": "acme",
      "x-custom": maskedSecret,
      "x-code": maskedSecret,
    });
    const change = { ...(shown as object), "X-Tenant": "acme 2" };
    await server.call("PATCH", `/endpoints/${id}`, { as: key, body: { headers: change } });
    expect((await stored(id)).headers).toEqual({ ...headers, "X-Tenant": "acme 2" });
  });

  it("a private address that the operator opened does not become another one in a tenant's hands", async () => {
    const asOperator = { headers: { "x-tenant-id": "acme" } };
    const made = await server.call("POST", "/endpoints", {
      ...asOperator,
      body: { url: "http://10.0.0.5:5678/", allowPrivate: true },
    });
    const path = `/endpoints/${made.json().id}`;
    const moved = await server.call("PATCH", path, {
      as: key,
      body: { url: "http://10.0.0.6:8081/" },
    });
    expect([moved.statusCode, moved.json().code]).toEqual([422, "url_blocked"]);
    expect(
      (await server.call("PATCH", path, { as: key, body: { description: "n8n" } })).json()
        .allowPrivate,
    ).toBe(true);
    const away = await server.call("PATCH", path, { as: key, body: { url } });
    expect([away.statusCode, away.json().allowPrivate]).toEqual([200, false]);
    expect(
      (await server.call("PATCH", path, { as: key, body: { allowPrivate: true } })).statusCode,
    ).toBe(403);
    expect(
      (
        await server.call("PATCH", path, {
          ...asOperator,
          body: { url: "http://10.0.0.6:5678/", allowPrivate: true },
        })
      ).statusCode,
    ).toBe(200);
  });

  it("is switched off and on, and the deliverer is told", async () => {
    const { id } = await make({});
    for (const [action, enabled] of [
      ["disable", false],
      ["enable", true],
    ] as const) {
      server.woken.length = 0;
      const response = await server.call("POST", `/endpoints/${id}/${action}`, { as: key });
      expect([response.statusCode, response.json().enabled, server.woken]).toEqual([
        200,
        enabled,
        [id],
      ]);
    }
  });

  it("a deleted one has nothing pending and no place in the log", async () => {
    const { id } = await make({});
    const event = await appendEvent(server, scope);
    await server.store.deliveries.plan(scope, {
      endpointId: id,
      from: event.offset - 1,
      to: event.offset,
      deliveries: [
        {
          id: "dlv_1",
          eventId: event.id,
          eventOffset: event.offset,
          eventType: event.type,
          createdAt: 1,
        },
      ],
    });
    expect((await server.call("DELETE", `/endpoints/${id}`, { as: key })).statusCode).toBe(204);
    expect(await server.store.deliveries.byId(scope, "dlv_1")).toMatchObject({
      status: "cancelled",
    });
    expect(await server.store.deliveries.cursor(scope, id)).toBeUndefined();
    const resent = await server.call("POST", "/deliveries/dlv_1/resend", { as: key });
    expect([resent.statusCode, resent.json().code]).toEqual([404, "not_found"]);
    expect(await server.store.deliveries.byId(scope, "dlv_1")).toMatchObject({
      status: "cancelled",
    });
  });
});
