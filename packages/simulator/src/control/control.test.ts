import { request } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { startFakeEvolution } from "../evolution/fake-evolution.ts";
import { answer } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import { startFakeWaha } from "../waha/fake-waha.ts";
import { startControl } from "./control.ts";
import { numberActions } from "./number-actions.ts";
import type { Simulated } from "./simulated.ts";
import { simulatedEvolution } from "./simulated-evolution.ts";
import { simulatedWaha } from "./simulated-waha.ts";

const key = "the-key";

async function evolution(hook: string): Promise<Simulated> {
  const owner = "5511900000100@s.whatsapp.net";
  const instances = [{ name: "loja", owner }, { name: "a/b c", owner }, { name: "nova" }];
  const fake = await startFakeEvolution({ apikey: key, instances });
  onTestFinished(() => fake.close());
  for (const name of ["loja", "a/b c", "nova"])
    fake.setWebhook(name, { enabled: true, url: hook, events: [] });
  return simulatedEvolution(fake);
}

async function waha(hook: string): Promise<Simulated> {
  const me = { id: "5511900000100@c.us" };
  const config = { webhooks: [{ url: hook, events: ["*"] }] };
  const sessions = [
    { name: "loja", me, config },
    { name: "a/b c", me, config },
    { name: "nova", config },
  ];
  const fake = await startFakeWaha({ apiKey: key, sessions });
  onTestFinished(() => fake.close());
  return simulatedWaha(fake);
}

async function setUp(start: (hook: string) => Promise<Simulated>) {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const simulated = await start(`${receiver.url}/hook`);
  const control = await startControl(simulated);
  onTestFinished(() => control.close());

  async function call(method: "GET" | "POST", url: string, body?: unknown, headers = {}) {
    const payload =
      body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const reply = await request(url, { method, headers, ...payload });
    const text = await reply.body.text();
    return { status: reply.statusCode, text };
  }
  /** Answers status and body in one. */
  async function steer(path: string, body?: unknown, method: "GET" | "POST" = "POST") {
    const { status, text } = await call(method, `${control.url}/_simulator/${path}`, body);
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  }
  const ask = (path: string, apikey = key) =>
    call("GET", simulated.url + path, undefined, { apikey, "X-Api-Key": apikey });
  const list =
    simulated.provider === "evolution" ? "/instance/fetchInstances" : "/api/sessions?all=true";
  return { receiver, simulated, control, call, steer, ask, list };
}

const bodies = (requests: readonly { body: Uint8Array }[]): string =>
  requests.map(({ body }) => Buffer.from(body).toString()).join("\n");

describe.each([
  { start: evolution, connected: "open" },
  { start: waha, connected: "WORKING" },
])("the control of $start.name", ({ start, connected }) => {
  test("a message is received before its webhook is delivered", async () => {
    const { receiver, steer } = await setUp(start);
    receiver.follow(() => answer(200, { delayMs: 3_600_000 }));
    const reply = await steer("numbers/loja/receive", { text: "Olá!", phone: "5511900000202" });
    expect(reply).toMatchObject({
      status: 200,
      body: { name: "loja", state: connected, messages: 1 },
    });
    const [first] = await receiver.waitFor(1);
    expect(first && bodies([first])).toContain("Olá!");
  });

  test("a name with a slash and a space is a name like others", async () => {
    const { receiver, steer } = await setUp(start);
    expect((await steer("numbers/a%2Fb%20c/receive", { image: true, text: "foto" })).status).toBe(
      200,
    );
    expect(bodies(await receiver.waitFor(1))).toContain("imageMessage");
    const found = await steer("numbers/a%2Fb%20c/messages", undefined, "GET");
    expect(JSON.stringify(found.body)).toContain("foto");
  });

  test("what closes for good stays closed, what drops comes back", async () => {
    const { steer, simulated } = await setUp(start);
    const state = (name: string) => simulated.numbers().find((one) => one.name === name)?.state;
    await steer("numbers/loja/close", {});
    expect(state("loja")).toBe(simulated.provider === "waha" ? "STARTING" : "connecting");
    expect((await steer("numbers/loja/open")).body).toMatchObject({ state: connected });
    for (const [action, body] of [
      ["logout", {}],
      ["close", { reason: "logged_out" }],
      ["close", { reason: 403 }],
      ["ban", {}],
    ] as const) {
      const closed = await steer(`numbers/loja/${action}`, body);
      expect(closed.body["state"]).toBe(simulated.provider === "waha" ? "FAILED" : "close");
    }
  });

  test("a code is shown, expires and is scanned", async () => {
    const { steer, ask, simulated, call } = await setUp(start);
    expect(await steer("numbers/nova/scan")).toMatchObject({
      status: 409,
      body: { code: "not_possible" },
    });
    if (simulated.provider === "evolution") await ask("/instance/connect/nova");
    else await call("POST", `${simulated.url}/api/sessions/nova/start`, {}, { "X-Api-Key": key });
    // WAHA shows a code a moment after the start.
    await expect.poll(async () => (await steer("numbers/nova/next-code")).status).toBe(200);
    const scanned = await steer("numbers/nova/scan", { phone: "5511900000777" });
    expect(scanned).toMatchObject({ status: 200 });
    const path =
      simulated.provider === "evolution" ? "/instance/fetchInstances" : "/api/sessions/nova";
    // WAHA connects a moment after the scan.
    await expect.poll(async () => (await ask(path)).text).toContain("5511900000777");
  });

  test("what is frozen or lost is in the lists and nowhere else", async () => {
    const { receiver, steer } = await setUp(start);
    await steer("lose", { count: 1, number: "loja", channel: "webhook" });
    await steer("numbers/loja/receive", { text: "perdida" });
    await steer("numbers/loja/freeze");
    await steer("numbers/loja/receive", { text: "gelada" });
    await steer("numbers/a%2Fb%20c/receive", { text: "outra" });
    await receiver.waitFor(1, ({ body }) => Buffer.from(body).includes("outra"));
    expect(bodies(receiver.requests)).not.toMatch(/perdida|gelada/);
    expect((await steer("numbers/loja/thaw")).status).toBe(200);
    await steer("numbers/loja/receive", { text: "depois" });
    await receiver.waitFor(1, ({ body }) => Buffer.from(body).includes("depois"));
    const { body } = await steer("numbers/loja/messages", undefined, "GET");
    expect(JSON.stringify(body)).toMatch(/perdida.*gelada.*depois/);
  });

  test("the process dies, misses a message and comes back with it", async () => {
    const { receiver, steer, ask, list } = await setUp(start);
    expect((await steer("stop")).status).toBe(200);
    await expect(ask(list)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await steer("stop")).toMatchObject({ status: 409, body: { code: "not_now" } });
    expect(await steer("restart")).toMatchObject({ status: 409 });
    await steer("numbers/loja/receive", { text: "enquanto isso" });
    expect((await steer("start", { missed: "sent" })).status).toBe(200);
    expect((await ask(list)).status).toBe(200);
    await receiver.waitFor(1, ({ body }) => Buffer.from(body).includes("enquanto isso"));
    expect((await steer("restart", { downMs: 5, missed: "kept" })).status).toBe(200);
    expect(await steer("start")).toMatchObject({ status: 409 });
    expect((await ask(list)).status).toBe(200);
  });

  test("a restart answers although a webhook of before and after hangs", async () => {
    const { receiver, steer } = await setUp(start);
    receiver.follow(() => answer(200, { delayMs: 3_600_000 }));
    await steer("numbers/loja/receive", { text: "pendente" });
    await receiver.waitFor(1);
    expect((await steer("restart")).status).toBe(200);
  });

  test("the webhook drifts, the key turns, calls fail and heal", async () => {
    const { steer, ask, list, simulated } = await setUp(start);
    const changed = await steer("numbers/loja/drift", { url: "http://127.0.0.1:9/other" });
    expect(changed.body["webhooks"]).toEqual(["http://127.0.0.1:9/other"]);
    expect((await steer("numbers/loja/drift")).body["webhooks"]).toEqual([]);
    expect(await steer("fail", { times: 0 })).toMatchObject({ status: 400 });
    await steer("fail", { status: 502, text: "<html>Bad Gateway</html>", times: 1 });
    expect(await ask(list)).toEqual({ status: 502, text: "<html>Bad Gateway</html>" });
    await steer("fail", { status: 503, body: { busy: true } });
    expect((await ask(list)).status).toBe(503);
    await steer("heal");
    expect((await ask(list)).status).toBe(200);
    await steer("key", { key: "another" });
    expect((await ask(list)).status).toBe(401);
    expect((await ask(list, "another")).status).toBe(200);
    const { body } = await steer("calls", undefined, "GET");
    expect(body).toEqual(simulated.calls());
    expect(Object.values(body)).toEqual([5]);
  });

  test("what cannot happen is refused", async () => {
    const { steer } = await setUp(start);
    const before = await steer("numbers", undefined, "GET");
    const refusals = [
      ["numbers/none/freeze", {}, 404, "number_unknown"],
      ["numbers/loja/dance", {}, 404, "action_unknown"],
      ["dance", {}, 404, "action_unknown"],
      ["numbers/loja", {}, 404, "route_unknown"],
      ["numbers/loja/close", { reason: "boredom" }, 400, "body_invalid"],
      ["numbers/loja/receive", { txet: "oi" }, 400, "body_invalid"],
      ["numbers/loja/receive", { phone: "+55 11" }, 400, "body_invalid"],
      ["numbers/loja/receive", "{", 400, "body_invalid"],
      ["numbers/loja/receive", [], 400, "body_invalid"],
      ["numbers/loja/drift", { url: "file:///etc/passwd" }, 400, "body_invalid"],
      ["latency", { ms: -1 }, 400, "body_invalid"],
      ["key", { key: "with space" }, 400, "body_invalid"],
      ["restart", { downMs: 1e12 }, 400, "body_invalid"],
      ["lose", { number: "none" }, 409, "not_possible"],
    ] as const;
    for (const [path, body, status, code] of refusals) {
      const refused = await steer(path, body);
      expect([path, refused.status, refused.body["code"]]).toEqual([path, status, code]);
      expect(String(refused.body["message"]).length).toBeGreaterThan(10);
    }
    expect(await steer("numbers/loja/messages?last=x", undefined, "GET")).toMatchObject({
      status: 400,
    });
    expect(await steer("numbers", undefined, "GET")).toEqual(before);
  });

  test("every action runs on its bare form or says what it needs, and the help names it", async () => {
    const { steer, call, control } = await setUp(start);
    const { text } = await call("GET", `${control.url}/_simulator`);
    for (const { name } of numberActions) {
      expect(text).toContain(`POST /_simulator/numbers/<name>/${name}`);
      const { status } = await steer(`numbers/loja/${name}`, {});
      expect([name, status]).toEqual([
        name,
        { scan: 409, "next-code": 409, emit: 400 }[name] ?? 200,
      ]);
      await steer("numbers/loja/thaw");
    }
    const names = [...text.matchAll(/^POST \/_simulator\/([a-z]+)( |$)/gm)].map(([, name]) => name);
    expect(names).toEqual([
      "restart",
      "stop",
      "start",
      "lose",
      "fail",
      "heal",
      "latency",
      "key",
      "network",
    ]);
  });
});
