import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SignJWT } from "jose";
import {
  adminKey,
  jwtSecret,
  startApi,
  tenantWithKey,
  type ApiServer,
} from "../api/testing/api-server.ts";
import { RecadoError } from "../base/recado-error.ts";
import { tenantScope } from "./tenant-scope.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error("it was accepted"),
    (reason: unknown) => reason,
  );
  return error instanceof RecadoError ? error.code : String(error);
}

function token(claims: object, seconds = 60): Promise<string> {
  const now = Math.floor(server.options.clock.now() / 1_000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(Buffer.from(jwtSecret));
}

describe("the operator's key", () => {
  it("is a SUPERADMIN of the default tenant", async () => {
    expect(await server.access.authenticate(adminKey)).toEqual({
      kind: "admin_key",
      role: "SUPERADMIN",
      tenantId: "default",
    });
  });

  it.each(["", adminKey.slice(0, -1), `${adminKey}x`, adminKey.toUpperCase(), `${adminKey}\0`])(
    "%j is not it",
    async (key) => {
      expect(await codeOf(server.access.authenticate(key))).toBe(
        key === "" ? "token_missing" : "token_invalid",
      );
    },
  );
});

describe("a tenant's key", () => {
  it("is stored as a hash only, and acts within its tenant and scopes", async () => {
    const key = await tenantWithKey(server, "keys", ["read"]);
    expect(await server.access.authenticate(key)).toEqual({
      kind: "tenant_key",
      role: "TENANT_ADMIN",
      tenantId: "keys",
      scopes: ["read"],
    });
    const stored = JSON.stringify(
      await server.store.directory.keys({ tenantId: "keys" }, { limit: 10 }),
    );
    expect(stored).not.toContain(key);
    expect(stored).not.toContain(key.slice(10));
  });

  it("stops at once where it is revoked, and within seconds elsewhere", async () => {
    const key = await tenantWithKey(server, "revoked");
    await server.access.authenticate(key);
    const [stored] = await server.store.directory.keys({ tenantId: "revoked" }, { limit: 1 });
    await server.store.directory.deleteKey({ tenantId: "revoked" }, stored?.id ?? "");
    server.skewMs += 5_000;
    expect(await codeOf(server.access.authenticate(key))).toBe("token_invalid");
    const other = await tenantWithKey(server, "revoked");
    await server.access.authenticate(other);
    const [second] = await server.store.directory.keys({ tenantId: "revoked" }, { limit: 1 });
    await server.call("DELETE", `/tenants/revoked/keys/${second?.id}`);
    expect(await codeOf(server.access.authenticate(other))).toBe("token_invalid");
  });

  it("expires to the millisecond, also while it is remembered", async () => {
    const expiresAt = new Date(server.options.clock.now() + 1_000).toISOString();
    const made = await server.call("POST", "/tenants/default/keys", {
      body: { name: "short", expiresAt },
    });
    const { key } = made.json<{ key: string }>();
    expect(await server.access.authenticate(key)).toMatchObject({
      expiresAt: Date.parse(expiresAt),
    });
    server.skewMs += 1_000;
    expect(await codeOf(server.access.authenticate(key))).toBe("token_expired");
  });

  it("of a tenant that was switched off stops, and works again with it", async () => {
    const key = await tenantWithKey(server, "switched");
    await server.access.authenticate(key);
    await server.call("PATCH", "/tenants/switched", { body: { active: false } });
    expect(await codeOf(server.access.authenticate(key))).toBe("tenant_inactive");
    await server.call("PATCH", "/tenants/switched", { body: { active: true } });
    expect(await server.access.authenticate(key)).toMatchObject({ tenantId: "switched" });
  });

  it("is no use after its tenant is deleted, also when one of the same id is made", async () => {
    const key = await tenantWithKey(server, "deleted");
    await server.call("DELETE", "/tenants/deleted");
    expect(await codeOf(server.access.authenticate(key))).toBe("token_invalid");
    await server.call("POST", "/tenants", { body: { id: "deleted", name: "again" } });
    expect(await codeOf(server.access.authenticate(key))).toBe("token_invalid");
  });
});

describe("a documented token", () => {
  it("is its claims", async () => {
    await tenantWithKey(server, "docs");
    const principal = await server.access.authenticate(
      await token({ userId: 7, email: "a@example.com", role: "ADMIN", tenantId: "docs" }),
    );
    expect(principal).toMatchObject({
      kind: "token",
      role: "ADMIN",
      tenantId: "docs",
      userId: "7",
    });
  });

  it("of a SUPERADMIN without a tenant acts for the default one; of anybody else for none", async () => {
    expect(
      await server.access.authenticate(await token({ userId: "1", role: "SUPERADMIN" })),
    ).toMatchObject({ tenantId: "default" });
    for (const role of ["ADMIN", "TENANT_ADMIN", "USER"]) {
      expect(await codeOf(server.access.authenticate(await token({ userId: "1", role })))).toBe(
        "tenant_inactive",
      );
    }
  });

  it.each<[object, string]>([
    [{ role: "ROOT", tenantId: "default" }, "token_invalid"],
    [{ role: "superadmin", tenantId: "default" }, "token_invalid"],
    [{ tenantId: "default" }, "token_invalid"],
    [{ role: ["SUPERADMIN"], tenantId: "default" }, "token_invalid"],
    [{ role: "USER", tenantId: { $ne: null } }, "token_invalid"],
    [{ role: "USER", tenantId: "default", instances: "ins_1" }, "token_invalid"],
    [{ role: "USER", tenantId: "default", scopes: "write" }, "token_invalid"],
    [{ role: "USER", tenantId: "nobody" }, "tenant_inactive"],
    [{ role: "SUPERADMIN", tenantId: "nobody" }, "tenant_inactive"],
  ])("with %j is refused as %s", async (claims, code) => {
    expect(await codeOf(server.access.authenticate(await token(claims)))).toBe(code);
  });

  it("expires while it is remembered", async () => {
    const short = await token({ role: "USER", tenantId: "default" }, 2);
    await server.access.authenticate(short);
    server.skewMs += 2_000;
    expect(await codeOf(server.access.authenticate(short))).toBe("token_expired");
  });

  it("with an exp beyond all numbers is refused", async () => {
    const [header] = (await token({})).split(".");
    const payload = Buffer.from('{"role":"USER","tenantId":"default","exp":1e999}').toString(
      "base64url",
    );
    const { createHmac } = await import("node:crypto");
    const signature = createHmac("sha256", jwtSecret)
      .update(`${header}.${payload}`)
      .digest("base64url");
    expect(await codeOf(server.access.authenticate(`${header}.${payload}.${signature}`))).toBe(
      "token_invalid",
    );
  });
});

describe("which tenant a request acts for", () => {
  const user = { kind: "token", role: "ADMIN", tenantId: "acme" } as const;
  const operator = { kind: "admin_key", role: "SUPERADMIN", tenantId: "default" } as const;

  it.each([
    ["one's own without a header", user, {}, "acme"],
    ["one's own by name", user, { "x-tenant-id": "acme" }, "acme"],
    ["an operator's default", operator, {}, "default"],
    ["whom an operator names", operator, { "x-tenant-id": "acme" }, "acme"],
    ["an operator's default for an empty name", operator, { "x-tenant-id": "" }, "default"],
  ] as const)("%s", async (_name, principal, headers, tenantId) => {
    await tenantWithKey(server, "acme");
    expect(await tenantScope(server.store.directory, principal, headers)).toEqual({ tenantId });
  });

  it.each([
    ["another tenant", user, { "x-tenant-id": "default" }, "forbidden"],
    ["a tenant that does not exist", user, { "x-tenant-id": "nobody" }, "forbidden"],
    ["two tenants at once", operator, { "x-tenant-id": ["acme", "default"] }, "forbidden"],
    ["an operator's unknown tenant", operator, { "x-tenant-id": "nobody" }, "tenant_inactive"],
    [
      "an operator's tenant in other letters",
      operator,
      { "x-tenant-id": "ACME" },
      "tenant_inactive",
    ],
  ] as const)("%s is refused", async (_name, principal, headers, code) => {
    expect(await codeOf(tenantScope(server.store.directory, principal, headers))).toBe(code);
  });
});
