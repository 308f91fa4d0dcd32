import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeEvolution, startReceiver } from "@recado/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { adminKey, startGateway } from "./gateway-process.ts";

let dataDir = "";
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "recado-adopt-"));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

it("a server in the environment is adopted, what it fed before is fed on, and it can be given back", async () => {
  const evolution = await startFakeEvolution({
    apikey: "evolution-key-0123456789",
    instances: [{ name: "loja", owner: "5511900000100@s.whatsapp.net" }],
  });
  closing.push(() => evolution.close());
  const receiver = await startReceiver();
  closing.push(() => receiver.close());
  const before = evolution.setWebhook("loja", {
    enabled: true,
    url: `${receiver.url}/n8n`,
    events: ["MESSAGES_UPSERT"],
    headers: { "x-shop": "1" },
    byEvents: true,
    base64: false,
  });
  const gateway = await startGateway(dataDir, {
    EVOLUTION_API_URL: evolution.url,
    EVOLUTION_API_KEY: "evolution-key-0123456789",
  });
  closing.push(() => gateway.stop());
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${gateway.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const { data } = (await call("GET", "/servers")) as { data: { id: string }[] };
  const { id } = data[0] ?? { id: "" };
  const sync = await call("POST", `/servers/${id}/sync`, { wait: true });
  expect(sync).toMatchObject({ state: "done", total: 1, failed: 0 });
  // What the server's list said is known at once.
  expect(await call("GET", "/instances/loja/health")).toMatchObject({
    state: "open",
    sentence: "Connected",
    evidence: { probe: { answer: "open" } },
  });
  expect(evolution.webhookOf("loja")?.url).toContain(
    `${gateway.url.replace("127.0.0.1", "localhost")}/in/`,
  );
  expect(await call("POST", `/servers/${id}/test`)).toMatchObject({
    verdict: "unproven",
    selfCall: { statusCode: 400 },
  });
  await evolution.receive("loja", { phone: "5511999990000", text: "olá" });
  const [request] = await receiver.waitFor(1);
  expect(request).toMatchObject({ url: "/n8n/messages-upsert", headers: { "x-shop": "1" } });
  expect(JSON.parse(request?.body.toString() ?? "")).toMatchObject({ event: "messages.upsert" });
  expect(await call("POST", `/servers/${id}/test`)).toMatchObject({
    verdict: "reaches",
    lastWebhook: { instance: "loja" },
  });
  expect(await call("POST", `/servers/${id}/release`)).toEqual({ released: 1, failures: [] });
  const { updatedAt: _then, ...wanted } = before;
  expect(evolution.webhookOf("loja")).toMatchObject(wanted);
  expect(gateway.stdout()).not.toContain("evolution-key-0123456789");
});
