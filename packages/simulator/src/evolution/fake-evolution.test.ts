import { readdirSync, readFileSync } from "node:fs";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { startReceiver } from "../receiver/receiver.ts";
import { type FakeEvolutionOptions, startFakeEvolution } from "./fake-evolution.ts";

interface Pair {
  readonly label: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const folder = new URL("./recorded/http/", import.meta.url);
const pairs = readdirSync(folder)
  .toSorted()
  .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Pair);

const named = (label: string): Pair => {
  const pair = pairs.find((candidate) => candidate.label === label);
  if (!pair) throw new Error(`no recording of ${label}`);
  return pair;
};

async function setUp(options: Partial<FakeEvolutionOptions> = {}) {
  const fake = await startFakeEvolution({
    apikey: "GLOBAL-KEY-0001",
    version: "2.3.6",
    instances: [
      { name: "acme-sales", token: "INSTANCE-TOKEN-0001" },
      { name: "min1", owner: "5511900000100@s.whatsapp.net", profileName: "Loja Teste" },
    ],
    ...options,
  });
  onTestFinished(() => fake.close());
  const call = async ({ method, path, headers, body }: Pair["request"]) => {
    const text = typeof body === "string" || body === null ? body : JSON.stringify(body);
    const answer = await request(fake.url + path, { method: method as "GET", headers, body: text });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  return { fake, call };
}

/** Leaves out what a server makes up for itself. */
function withoutInventions(body: unknown): unknown {
  const text = JSON.stringify(body, (name, value: unknown) =>
    /^(id|instanceId|createdAt|updatedAt)$/.test(name) ? `some ${name}` : value,
  );
  return JSON.parse(
    text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\/manager/g, "http://server/manager"),
  );
}

// The webhook recordings are one session with one instance: each builds on the row before it.
test("management calls answer as recorded, one after the other", async () => {
  const { fake, call } = await setUp();
  // What the recorded server had stored from the creation of the instance.
  fake.setWebhook("acme-sales", {
    enabled: true,
    url: "http://127.0.0.1:18200/acme",
    byEvents: false,
    base64: true,
    headers: { "x-tenant": "acme", authorization: "Bearer static-secret" },
    events: [],
  });
  for (const pair of pairs) {
    if (pair.label === "fetchInstances-all") continue;
    const answer = await call(pair.request);
    expect({ label: pair.label, status: answer.status }).toEqual({
      label: pair.label,
      status: pair.response.status,
    });
    expect(withoutInventions(answer.body)).toEqual(withoutInventions(pair.response.body));
  }
});

test("an instance is listed with the recorded members", async () => {
  const { call } = await setUp();
  const { request: asked, response } = named("fetchInstances-all");
  const { body } = await call(asked);
  const [recorded] = response.body as Record<string, object>[];
  const listed = body as Record<string, object>[];
  expect(listed).toHaveLength(2);
  for (const row of listed) {
    expect(Object.keys(row)).toEqual(Object.keys(recorded ?? {}));
    expect(Object.keys(row["Setting"] ?? {})).toEqual(Object.keys(recorded?.["Setting"] ?? {}));
  }
  expect(listed[1]).toMatchObject({
    name: "min1",
    connectionStatus: "open",
    ownerJid: "5511900000100@s.whatsapp.net",
    profileName: "Loja Teste",
  });
});

test("a token opens its own instance", async () => {
  const { call } = await setUp();
  const get = async (path: string, apikey: string) =>
    call({ method: "GET", path, headers: { apikey }, body: null });
  const list = await get("/instance/fetchInstances", "INSTANCE-TOKEN-0001");
  expect(list.body).toMatchObject([{ name: "acme-sales" }]);
  expect(await get("/webhook/find/acme-sales", "INSTANCE-TOKEN-0001")).toMatchObject({
    status: 200,
  });
  expect(await get("/webhook/find/min1", "INSTANCE-TOKEN-0001")).toMatchObject({ status: 401 });
});

test("a name is decoded from the path", async () => {
  const { call } = await setUp({ instances: [{ name: "loja/são josé" }] });
  const path = `/webhook/find/${encodeURIComponent("loja/são josé")}`;
  const answer = await call({
    method: "GET",
    path,
    headers: { apikey: "GLOBAL-KEY-0001" },
    body: null,
  });
  expect(answer).toEqual({ status: 200, body: null });
});

test("what happens reaches the webhook that was set over HTTP, and the list follows the connection", async () => {
  const { fake, call } = await setUp();
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const headers = { apikey: "GLOBAL-KEY-0001", "content-type": "application/json" };
  const webhook = {
    enabled: true,
    url: `${target.url}/in/t`,
    events: [],
    headers: { "x-tenant": "acme" },
  };
  await call({ method: "POST", path: "/webhook/set/acme-sales", headers, body: { webhook } });
  const data = {
    instance: "acme-sales",
    state: "open",
    statusReason: 200,
    wuid: "5511900000111@s.whatsapp.net",
  };
  await fake.emit("acme-sales", { event: "connection.update", data });
  const [request] = await target.waitFor(1);
  expect(request).toMatchObject({ url: "/in/t", headers: { "x-tenant": "acme" } });
  expect(JSON.parse(String(request?.body))).toMatchObject({
    event: "connection.update",
    instance: "acme-sales",
    server_url: fake.url,
    apikey: "INSTANCE-TOKEN-0001",
    sender: "5511900000111@s.whatsapp.net",
  });
  const path = "/instance/fetchInstances?instanceName=acme-sales";
  const { body } = await call({ method: "GET", path, headers, body: null });
  expect(body).toMatchObject([
    { connectionStatus: "open", ownerJid: "5511900000111@s.whatsapp.net" },
  ]);
});
