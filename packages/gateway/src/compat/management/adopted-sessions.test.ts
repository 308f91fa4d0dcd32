import { startReceiver, type Receiver } from "@recado/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startManagement, type ManagementStage } from "./testing/management-stage.ts";

let stage: ManagementStage;
let receiver: Receiver;
let before: string;
const path = "/webhook-management/evolution/vendas";
const scope = { tenantId: "default" };
const stored = () => stage.evolution.webhookOf("vendas");

beforeEach(async () => {
  stage = await startManagement();
  receiver = await startReceiver();
  before = `${receiver.url}/antes`;
  stage.evolution.setWebhook("vendas", {
    url: before,
    enabled: true,
    events: ["MESSAGES_UPSERT"],
    byEvents: true,
  });
});
afterEach(async () => {
  await stage.close();
  await receiver.close();
});

async function check(): Promise<void> {
  const server = await stage.store.directory.server(scope, "srv_e");
  if (server) await stage.adoption.checkNow(scope, server);
}

describe("a session whose provider had another address before", () => {
  it("answers that address, which goes on receiving, and is removed like one that was set here", async () => {
    await stage.call("POST", "/webhook-management/sessions/vendas/webhook/configure");
    expect(await stage.endpoints()).toMatchObject([{ url: before }]);
    expect((await stage.call("GET", path)).body["webhook"]).toMatchObject({
      url: before,
      enabled: true,
      events: ["MESSAGES_UPSERT"],
      webhookByEvents: true,
    });
    await stage.call("DELETE", path);
    expect(await stage.endpoints()).toEqual([]);
    expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
    expect((await stage.call("GET", path)).body["webhook"]).toBeNull();
  });

  it("gets each event once when the same address is set again", async () => {
    const body = { url: before, events: ["MESSAGES_UPSERT"] };
    await stage.call("POST", path, { body });
    expect(await stage.endpoints()).toMatchObject([{ url: before }]);
    await stage.evolution.receive("vendas", { phone: "5511988887777" });
    await receiver.waitFor(1);
    await stage.evolution.receive("vendas", { phone: "5511988886666" });
    const [first, second] = (await receiver.waitFor(2)).map(({ body }) => String(body));
    expect([first?.includes("5511988887777"), second?.includes("5511988886666")]).toEqual([
      true,
      true,
    ]);
  });

  it("has only the new address once another is set", async () => {
    const url = `${receiver.url}/depois`;
    await stage.call("POST", path, { body: { url } });
    expect(await stage.endpoints()).toMatchObject([{ url }]);
  });

  it("is told when that address could not go on, and loses it only where another was asked for", async () => {
    const url = "http://127.0.0.1:9/antes";
    stage.evolution.setWebhook("vendas", { url, enabled: true, events: [] });
    const one = "/webhook-management/sessions/vendas/webhook/configure";
    expect((await stage.call("POST", one)).status).toBe(500);
    expect(stored()).toMatchObject({ url, enabled: true });
    const direct = { url: "https://direto.example.com/", direct: true };
    for (const body of [{}, direct, { url: `${receiver.url}/depois` }]) {
      stage.evolution.setWebhook("vendas", { url, enabled: true, events: [] });
      const answer = await stage.call("POST", path, { body });
      expect([answer.status, answer.body["error"]]).toEqual([200, undefined]);
      expect(stored()).toMatchObject({
        url: "direct" in body ? direct.url : await stage.addressOf("vendas"),
        enabled: true,
      });
    }
  });

  it("does not get it back when our own webhook is removed", async () => {
    await stage.call("POST", path, { body: {} });
    expect(await stage.endpoints()).toEqual([]);
    await stage.call("DELETE", path);
    expect(stored()?.enabled).toBe(false);
  });
});

describe("a look after the adopted server", () => {
  it("leaves alone what was removed or set past us on purpose", async () => {
    await stage.call("POST", path, { body: {} });
    await stage.call("DELETE", path);
    await check();
    expect(stored()?.enabled).toBe(false);
    const url = "https://direto.example.com/";
    await stage.call("POST", path, { body: { url, direct: true } });
    await check();
    expect(stored()).toMatchObject({ url, enabled: true });
    await stage.call("POST", path, { body: {} });
    expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
  });

  it("records a session whose foreign webhook was removed before it was adopted", async () => {
    await stage.call("DELETE", path);
    expect(stored()?.enabled).toBe(false);
    await check();
    expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
    expect(await stage.endpoints()).toEqual([]);
    expect((await stage.call("GET", path)).body["webhook"]).toBeNull();
  });

  it("puts back what somebody else took away", async () => {
    await stage.call("POST", path, { body: { url: `${receiver.url}/depois` } });
    stage.evolution.removeWebhook("vendas");
    await check();
    expect(stored()).toMatchObject({ url: await stage.addressOf("vendas"), enabled: true });
  });
});
