import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startManagement, type ManagementStage } from "./testing/management-stage.ts";

let stage: ManagementStage;
beforeAll(async () => {
  stage = await startManagement();
});
afterAll(() => stage.close());

const base = "/webhook-management";
const reads = [
  ["GET", "/evolution/events"],
  ["GET", "/waha/events"],
  ["GET", "/evolution/vendas"],
  ["GET", "/waha/suporte"],
  ["GET", "/sessions/vendas/webhook"],
] as const;
const writes = [
  ["POST", "/evolution/vendas"],
  ["DELETE", "/evolution/vendas"],
  ["POST", "/waha/suporte"],
  ["DELETE", "/waha/suporte"],
  ["POST", "/sessions/vendas/webhook/configure"],
  ["POST", "/sessions/vendas/webhook/test"],
  ["DELETE", "/sessions/vendas/webhook"],
  ["POST", "/configure-all"],
] as const;
const ofSession = [...reads, ...writes].filter(([, path]) => !/\/events$|configure-all/.test(path));

describe.each([...reads, ...writes])("%s %s", (method, path) => {
  const isWrite = writes.some(([verb, other]) => verb === method && other === path);
  const call = (as: string | null, headers?: Record<string, string>) =>
    stage.call(method, base + path, headers ? { as, headers } : { as });

  it("says which credential is missing or wrong, before anything else", async () => {
    for (const [as, sentence] of [
      [null, "Token de acesso não fornecido"],
      ["rk_nobody", "Token inválido"],
      ["a.b.c", "Token inválido"],
    ] as const) {
      expect(await call(as)).toMatchObject({
        status: 401,
        body: { success: false, error: sentence, message: sentence },
      });
    }
  });

  it("lets USER read, ADMIN and TENANT_ADMIN write", async () => {
    const forbidden = "Acesso negado. Permissão insuficiente.";
    const asUser = await call(await stage.token({ role: "USER", tenantId: "default" }));
    if (isWrite) {
      expect(asUser).toMatchObject({ status: 403, body: { error: forbidden, message: forbidden } });
    } else expect(asUser.status).toBe(200);
    for (const role of ["ADMIN", "TENANT_ADMIN"] as const)
      expect((await call(await stage.token({ role, tenantId: "default" }))).status).toBe(200);
  });

  it("of a SUPERADMIN names its tenant", async () => {
    const as = await stage.token({ role: "SUPERADMIN" });
    const named = await call(as, { "x-tenant-id": "default" });
    expect(named.status).toBe(200);
    const unnamed = await call(as);
    if (path.endsWith("/events")) expect(unnamed.status).toBe(200);
    else {
      expect(unnamed).toMatchObject({
        status: 400,
        body: { error: "Tenant não identificado", message: "Tenant não identificado" },
      });
    }
    expect(await call(as, { "x-tenant-id": "nobody" })).toMatchObject({
      status: 401,
      body: { error: "Tenant não encontrado ou inativo" },
    });
  });

  it("may be called by a page of another origin", async () => {
    const { headers } = await call(null, { origin: "https://painel.example.com" });
    expect(headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe.each(ofSession)("%s %s", (method, path) => {
  it("does not know another tenant's session, nor one that the credential may not see", async () => {
    const other = await stage.tenantKey("acme");
    const limited = await stage.token({
      role: "ADMIN",
      tenantId: "default",
      instances: ["events"],
    });
    for (const as of [other, limited]) {
      expect(await stage.call(method, base + path, { as })).toMatchObject({
        status: 404,
        body: { error: "Sessão não encontrada" },
      });
    }
  });
});

it("a credential that only reads sees where our webhook is, not its token", async () => {
  await stage.call("POST", `${base}/evolution/vendas`, { body: {} });
  const { ingestToken } = await stage.instance("vendas");
  const as = await stage.token({ role: "USER", tenantId: "default" });
  for (const path of ["/evolution/vendas", "/sessions/vendas/webhook"]) {
    const { body } = await stage.call("GET", base + path, { as });
    expect(JSON.stringify(body)).toMatch(/\/in\/\*+/);
    expect(JSON.stringify(body)).not.toContain(ingestToken);
  }
});

it("configuring all touches what the credential sees, and nothing else", async () => {
  const as = await stage.token({ role: "ADMIN", tenantId: "default", instances: ["events"] });
  const { body } = await stage.call("POST", `${base}/configure-all`, { as });
  expect(body["message"]).toBe("1/1 webhooks configurados com sucesso");
  expect(
    await stage.call("POST", `${base}/configure-all`, { as: await stage.tenantKey("acme") }),
  ).toMatchObject({ body: { message: "0/0 webhooks configurados com sucesso" } });
});
