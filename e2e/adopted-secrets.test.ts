import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  startFakeEvolution,
  startFakeWaha,
  startReceiver,
  type FakeEvolution,
  type FakeWaha,
  type Receiver,
} from "@recado/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminKey, startGateway, temporaryFolder, type GatewayProcess } from "./gateway-process.ts";

/** Whatever is secret about adopted servers, in one gateway that logs everything it can. */

const secrets = {
  evolutionKey: "evolution-global-key-9f2c",
  evolutionKeyLater: "evolution-global-key-later",
  wahaKey: "waha-key-1a7b-0123456789",
  header: "Bearer header-of-the-old-receiver",
  jwtKey: "jwt-key-of-the-old-receiver",
  query: "query-token-of-the-old-receiver",
  driftQuery: "query-token-of-an-intruder",
  hmac: "hmac-of-others-in-the-list",
  chosen: "secret-that-a-person-chose",
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let gateway: GatewayProcess;
let evolution: FakeEvolution;
let waha: FakeWaha;
let receiver: Receiver;
let reader = "";
let stranger = "";
let strangersServer = "";
let serverId = "";
/** Everything that the gateway has answered to somebody who only reads. */
const answers: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

async function call(as: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${gateway.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith("{") ? JSON.parse(text) : {} };
}

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  call(adminKey, method, path, body);

async function sync(id: string): Promise<Answer> {
  return admin("POST", `/v1/servers/${id}/sync`, { wait: true });
}

async function tenantKey(name: string): Promise<string> {
  const { json: tenant } = await admin("POST", "/v1/tenants", { name });
  const made = await admin("POST", `/v1/tenants/${String(tenant["id"])}/keys`, { name: "main" });
  return String(made.json["key"]);
}

async function startProviders(): Promise<void> {
  evolution = await startFakeEvolution({
    apikey: secrets.evolutionKey,
    instances: [
      { name: "loja", owner: "5511900000100@s.whatsapp.net" },
      { name: "nova", state: "close" },
    ],
  });
  closing.push(() => evolution.close());
  receiver = await startReceiver();
  closing.push(() => receiver.close());
  evolution.setWebhook("loja", {
    enabled: true,
    url: `${receiver.url}/n8n?token=${secrets.query}`,
    events: ["MESSAGES_UPSERT"],
    headers: { authorization: secrets.header, jwt_key: secrets.jwtKey },
  });
  waha = await startFakeWaha({
    apiKey: secrets.wahaKey,
    sessions: [
      {
        name: "filial",
        me: { id: "5511900000200@c.us", pushName: "Filial" },
        config: {
          webhooks: [
            {
              url: "http://127.0.0.1:9/others",
              events: ["message"],
              hmac: { key: secrets.hmac },
              retries: { policy: "constant", delaySeconds: 1, attempts: 0 },
            },
          ],
        },
      },
    ],
  });
  closing.push(() => waha.close());
}

beforeAll(async () => {
  folder = await temporaryFolder();
  closing.push(() => folder.remove());
  await startProviders();
  gateway = await startGateway(folder.path, { LOG_LEVEL: "trace" });
  closing.push(() => gateway.stop());
  const token = await admin("POST", "/v1/tokens", { scopes: ["read"], ttlSeconds: 600 });
  reader = String(token.json["token"]);
  stranger = await tenantKey("stranger");
  const registered = await admin("POST", "/v1/servers", {
    name: "evo",
    provider: "evolution",
    baseUrl: evolution.url,
    apiKey: secrets.evolutionKey,
  });
  serverId = String(registered.json["id"]);
  await sync(serverId);
  const other = await admin("POST", "/v1/servers", {
    provider: "waha",
    baseUrl: waha.url,
    apiKey: secrets.wahaKey,
  });
  await sync(String(other.json["id"]));
  const own = await call(stranger, "POST", "/v1/servers", {
    provider: "evolution",
    baseUrl: "https://evolution.example.com",
    apiKey: "k",
  });
  strangersServer = String(own.json["id"]);
});
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
});

/** Every route that reads something about servers and numbers. */
const reading = [
  "/v1/servers",
  "/v1/servers/:server",
  "/v1/instances",
  "/v1/instances/loja",
  "/v1/instances/loja/hook",
  "/v1/instances/loja/health",
  "/v1/instances/filial/hook",
  "/v1/instances/filial/health",
  "/v1/events?limit=500",
  "/webhook-management/evolution/loja",
  "/webhook-management/waha/filial",
  "/webhook-management/sessions/loja/webhook",
  "/webhook-management/sessions/filial/webhook",
];

const addresses = new RegExp(`${secrets.query}|${secrets.driftQuery}`, "g");

async function readEverything(): Promise<void> {
  for (const path of reading) {
    const { status, text } = await call(reader, "GET", path.replace(":server", serverId));
    // A provider that cannot be asked is told so by the older routes alone.
    expect([200, 500]).toContain(status);
    // The older routes answer the address that was given, which is an endpoint's.
    answers.push(path.startsWith("/webhook-management") ? text.replaceAll(addresses, "") : text);
  }
}

async function liveThrough(): Promise<void> {
  await evolution.receive("loja", { phone: "5511999990000", text: "oi" });
  await waha.receive("filial", { phone: "5511999990000", text: "oi" });
  await evolution.idle();
  evolution.setWebhook("loja", {
    enabled: true,
    url: `${receiver.url}/intruder?token=${secrets.driftQuery}`,
    events: [],
    headers: { authorization: secrets.header },
  });
  answers.push((await sync(serverId)).text);
  // A server that repeats what it was sent, and a key that is none any more.
  const echo = evolution.trouble.fail({
    routes: "POST /webhook/set/:instanceName",
    answer: { status: 400, body: { message: [secrets.evolutionKey, secrets.chosen] } },
  });
  await admin("PATCH", "/v1/instances/loja", { webhookSecret: secrets.chosen });
  const refused = await admin("POST", "/v1/instances/loja/sync");
  expect(refused.json).toMatchObject({ outcome: "failed" });
  answers.push(refused.text);
  echo();
  await admin("PATCH", `/v1/servers/${serverId}`, { apiKey: secrets.evolutionKeyLater });
  answers.push((await sync(serverId)).text);
  await readEverything();
  await admin("PATCH", `/v1/servers/${serverId}`, { apiKey: secrets.evolutionKey });
  answers.push((await sync(serverId)).text);
  answers.push((await admin("POST", `/v1/servers/${serverId}/test`)).text);
  answers.push((await admin("POST", "/v1/instances/loja/test")).text);
  await admin("POST", "/v1/instances/nova/connect", {});
}

describe("adopted servers", () => {
  it("tell no secret to who reads, in no log line, and store none in the clear", async () => {
    await readEverything();
    await liveThrough();
    await readEverything();
    const told = answers.join("\n");
    const logged = `${gateway.stdout()}${gateway.stderr()}`;
    for (const [name, secret] of Object.entries(secrets)) {
      expect([name, told.includes(secret)]).toEqual([name, false]);
      expect([name, logged.includes(secret)]).toEqual([name, false]);
    }
    for (const { ingestUrl = "" } of (await admin("GET", "/v1/instances")).json["data"] as {
      ingestUrl?: string;
    }[]) {
      const token = ingestUrl.split("/in/")[1] ?? "";
      expect(token).toHaveLength(32);
      expect(told.includes(token) || logged.includes(token)).toBe(false);
    }
    const files = (await readdir(folder.path)).filter((name) => /\.db|sqlite|-wal/.test(name));
    expect(files).not.toEqual([]);
    const { evolutionKey, evolutionKeyLater, wahaKey, header, jwtKey, hmac, chosen } = secrets;
    for (const file of files) {
      const bytes = await readFile(join(folder.path, file));
      for (const secret of [evolutionKey, evolutionKeyLater, wahaKey, header, jwtKey, hmac, chosen])
        expect([file, secret, bytes.includes(secret)]).toEqual([file, secret, false]);
    }
  }, 60_000);

  it("are nothing to another tenant, whatever it calls them", async () => {
    const { json } = await admin("GET", "/v1/instances/loja");
    const id = String(json["id"]);
    const uuid = id.slice("ins_".length);
    const before = evolution.webhookOf("loja");
    for (const name of [id, "loja", "filial", uuid]) {
      for (const [method, path] of [
        ["GET", `/v1/instances/${name}`],
        ["GET", `/v1/instances/${name}/hook`],
        ["GET", `/v1/instances/${name}/health`],
        ["GET", `/v1/instances/${name}/qr`],
        ["POST", `/v1/instances/${name}/sync`],
        ["POST", `/v1/instances/${name}/release`],
        ["POST", `/v1/instances/${name}/connect`],
        ["POST", `/v1/instances/${name}/logout`],
        ["DELETE", `/v1/instances/${name}`],
        ["GET", `/webhook-management/evolution/${name}`],
        ["POST", `/webhook-management/evolution/${name}`],
        ["DELETE", `/webhook-management/waha/${name}`],
        ["GET", `/webhook-management/sessions/${name}/webhook`],
        ["POST", `/webhook-management/sessions/${name}/webhook/configure`],
        ["POST", `/webhook-management/sessions/${name}/webhook/test`],
        ["DELETE", `/webhook-management/sessions/${name}/webhook`],
      ] as const) {
        const { status } = await call(stranger, method, path, method === "POST" ? {} : undefined);
        expect([method, path, status]).toEqual([method, path, 404]);
      }
    }
    const all = await call(stranger, "POST", "/webhook-management/configure-all");
    expect(all.json).toMatchObject({ success: true, results: [] });
    for (const method of ["GET", "DELETE"])
      expect((await call(stranger, method, `/v1/servers/${serverId}`)).status).toBe(404);
    // Nor does an id in a body reach across.
    const own = await call(stranger, "POST", "/v1/instances", {
      name: "loja",
      provider: "evolution",
      serverId,
    });
    expect([own.status, own.text]).toEqual([400, expect.not.stringContaining('evo"')]);
    const mine = await call(stranger, "POST", "/v1/instances", {
      name: "loja",
      provider: "evolution",
      serverId: strangersServer,
    });
    expect(mine.status).toBe(201);
    const moved = await call(stranger, "PATCH", "/v1/instances/loja", { serverId });
    expect(moved.status).toBe(400);
    expect(evolution.webhookOf("loja")).toEqual(before);
  });

  it.each([
    "http://127.0.0.1:8080",
    "http://localhost:8080",
    "http://[::1]:8080",
    "http://[::ffff:10.0.0.1]",
    "http://2130706433",
    "http://0x7f.1",
    "http://10.1.2.3",
    "http://192.168.0.10:8080",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal",
    "file:///etc/passwd",
  ])("cannot be at %s for a tenant", async (baseUrl) => {
    const refusal = expect.stringMatching(/^(url_blocked|url_invalid|invalid_request)$/);
    const made = await call(stranger, "POST", "/v1/servers", {
      provider: "waha",
      baseUrl,
      apiKey: "k",
    });
    expect(made.json).toMatchObject({ success: false, code: refusal });
    const moved = await call(stranger, "PATCH", `/v1/servers/${strangersServer}`, {
      baseUrl,
      apiKey: "k",
    });
    expect(moved.json).toMatchObject({ success: false, code: refusal });
  });
});
