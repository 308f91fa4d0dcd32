import { createHmac } from "node:crypto";
import { jwtVerify } from "jose";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { startReceiver } from "../receiver/receiver.ts";
import type { Line } from "./output.ts";
import { evolutionSettings, type Flags, wahaSettings } from "./settings.ts";
import { startSimulation } from "./simulation.ts";

const readers = { evolution: evolutionSettings, waha: wahaSettings };

async function setUp(provider: keyof typeof readers, flags: Flags = {}) {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const webhook = `${receiver.url}/secret-path`;
  const settings = readers[provider]({ port: "0", webhook, ...flags });
  const lines: Line[] = [];
  const simulation = await startSimulation(settings, (line) => void lines.push(line));
  onTestFinished(() => simulation.close());
  const { simulated, control } = simulation;
  const ask = async (method: "GET" | "POST", url: string, body?: object) => {
    const headers = { apikey: settings.key, "X-Api-Key": settings.key };
    const json = { "content-type": "application/json" };
    const answer = await request(url, {
      method,
      headers: body ? { ...headers, ...json } : headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const steer = (path: string, body: object = {}) =>
    ask("POST", `${control.url}/_simulator/${path}`, body);
  return { receiver, settings, lines, simulation, simulated, ask, steer };
}

const textOf = ({ body }: { readonly body: Uint8Array }): string => Buffer.from(body).toString();

test.each(["1", "2.2", "2.3"])(
  "an Evolution of %s sends to the webhook it was given",
  async (version) => {
    const { receiver, steer, ask, simulated } = await setUp("evolution", { version });
    expect((await ask("GET", simulated.url)).text).toContain(`"version":"${version}.`);
    await steer("numbers/loja/receive", { text: "Oi! Chegou?" });
    const [first] = await receiver.waitFor(1, (one) => textOf(one).includes("messages.upsert"));
    expect(first && textOf(first)).toContain("Oi! Chegou?");
  },
);

test.each(["NOWEB", "GOWS", "WEBJS"])(
  "a WAHA on %s sends to the webhook it was given",
  async (engine) => {
    const { receiver, steer, ask, simulated } = await setUp("waha", { engine });
    expect((await ask("GET", `${simulated.url}/api/version`)).text).toContain(engine);
    await steer("numbers/loja/receive", { text: "Oi! Chegou?" });
    const [first] = await receiver.waitFor(1);
    expect(first && textOf(first)).toContain("Oi! Chegou?");
  },
);

test("a secret signs as each provider does", async () => {
  const secret = "a-secret-of-32-characters-0123456";
  const evolution = await setUp("evolution", { secret });
  await evolution.steer("numbers/loja/receive");
  const [jwt] = await evolution.receiver.waitFor(1);
  const token = jwt?.headers["authorization"]?.replace("Bearer ", "") ?? "";
  const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
  expect(payload["app"]).toBe("evolution");
  const waha = await setUp("waha", { secret });
  await waha.steer("numbers/loja/receive");
  const [signed] = await waha.receiver.waitFor(1);
  const expected = createHmac("sha512", secret)
    .update(signed?.body ?? "")
    .digest("hex");
  expect(signed?.headers["x-webhook-hmac"]).toBe(expected);
});

test("each number that is not paired yet is scanned by a phone of its own", async () => {
  for (const provider of ["evolution", "waha"] as const) {
    const flags = { unpaired: true, numbers: "2" };
    const { simulated, ask, steer } = await setUp(provider, flags);
    expect(simulated.numbers().some(({ connected }) => connected)).toBe(false);
    for (const name of ["loja", "loja-2"]) {
      if (provider === "evolution") await ask("GET", `${simulated.url}/instance/connect/${name}`);
      else await ask("POST", `${simulated.url}/api/sessions/${name}/start`, {});
      // WAHA shows a code a moment after the start, and connects a moment after the scan.
      await expect.poll(async () => (await steer(`numbers/${name}/scan`)).status).toBe(200);
    }
    await expect
      .poll(() => simulated.numbers().map(({ connected }) => connected))
      .toEqual([true, true]);
    const list = provider === "evolution" ? "/instance/fetchInstances" : "/api/sessions";
    const { text } = await ask("GET", simulated.url + list);
    expect(text).toMatch(/5511900000100@.*5511900000101@/s);
  }
});

test("at a rate people write by themselves, and one seed has them write the same under other ids", async () => {
  for (const provider of ["evolution", "waha"] as const) {
    const told: { texts: unknown[]; ids: unknown[] }[] = [];
    for (let run = 0; run < 2; run += 1) {
      const flags = { rate: "200", seed: "7", quiet: true };
      const { receiver, simulation, simulated } = await setUp(provider, flags);
      const isMessage = /"event":"(messages\.upsert|send\.message|message\.any)"/;
      await receiver.waitFor(6, (one) => isMessage.test(textOf(one)));
      const first = simulated.messages("loja").slice(0, 5) as Record<string, unknown>[];
      await simulation.close();
      told.push({
        texts: first.map(
          ({ message, body }) => body ?? (message as { conversation?: unknown }).conversation,
        ),
        ids: first.map(({ key, id }) => (key as { id: unknown } | undefined)?.id ?? id),
      });
    }
    const [one, other] = told;
    expect(one?.texts).toHaveLength(5);
    expect(one?.texts).toEqual(other?.texts);
    expect(one?.ids).not.toEqual(other?.ids);
  }
});

test("what it tells names no text, person, path or key", async () => {
  const { receiver, lines, steer, ask, simulated, settings } = await setUp("evolution");
  await steer("numbers/loja/receive", { text: "segredo", phone: "5511900000999" });
  await receiver.waitFor(1);
  await ask("GET", `${simulated.url}/instance/fetchInstances`);
  await steer("restart");
  const said = JSON.stringify(lines);
  expect(lines.map(({ type }) => type)).toContain("call");
  expect(said).not.toMatch(/segredo|5511900000999|secret-path/);
  expect(said).not.toContain(settings.key);
});

test("a control port that is taken leaves nothing running", async () => {
  const taken = await startReceiver();
  onTestFinished(() => taken.close());
  const controlPort = new URL(taken.url).port;
  const free = await startReceiver();
  const port = new URL(free.url).port;
  await free.close();
  const settings = evolutionSettings({ port, controlPort });
  await expect(startSimulation(settings, () => undefined)).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  await expect(request(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
