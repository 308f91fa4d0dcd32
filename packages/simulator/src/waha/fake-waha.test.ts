import { readFileSync } from "node:fs";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { startReceiver } from "../receiver/receiver.ts";
import type { FakeWahaSession } from "./fake-session.ts";
import { startFakeWaha } from "./fake-waha.ts";
import type { WahaConfig } from "./session-config.ts";

interface Pair {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly body: unknown };
}

const recorded = (name: string): Pair =>
  JSON.parse(
    readFileSync(new URL(`./recorded/http/${name}.json`, import.meta.url), "utf8"),
  ) as Pair;

async function setUp(session: Omit<FakeWahaSession, "name"> = {}) {
  const fake = await startFakeWaha({
    apiKey: "recado-fixture-api-key",
    sessions: [{ name: "default", ...session }],
  });
  onTestFinished(() => fake.close());
  const call = async ({ method, path, headers, body }: Pair["request"]) => {
    const text = typeof body === "string" || body === null ? body : JSON.stringify(body);
    const answer = await request(fake.url + path, { method: method as "GET", headers, body: text });
    return { status: answer.statusCode, body: await answer.body.json() };
  };
  const expectRecorded = async (name: string): Promise<void> => {
    const { request: asked, response } = recorded(name);
    const answer = await call(asked);
    expect({ name, ...answer }).toEqual({ name, status: response.status, body: response.body });
  };
  return { fake, call, expectRecorded };
}

const configOf = (name: string): WahaConfig =>
  (recorded(name).request.body as { config: WahaConfig }).config;

test("the server says what it is, and every route but ping needs the key", async () => {
  const { expectRecorded } = await setUp();
  for (const name of ["version", "ping-no-key", "health-no-key", "err-401-wrong-key"])
    await expectRecorded(name);
});

test("an unknown route answers as recorded, and so do an unknown session and broken JSON", async () => {
  const { expectRecorded } = await setUp();
  for (const name of ["err-404-route", "err-404-session-current", "err-400-malformed-json"])
    await expectRecorded(name);
});

test("a stopped session is listed on demand and takes a configuration as recorded", async () => {
  const { expectRecorded } = await setUp();
  for (const name of [
    "sessions-list-empty",
    "sessions-list-all-stopped",
    "session-get-stopped",
    "session-update-put-stopped",
    "session-get-stopped-with-config",
    "session-update-put-without-config",
    "session-get-config-wiped",
  ]) {
    await expectRecorded(name);
  }
});

test("a configuration that WAHA would refuse is refused in its words", async () => {
  const { expectRecorded } = await setUp();
  for (const name of ["bad-url", "no-events", "retry-policy", "unknown-event"]) {
    await expectRecorded(`err-400-webhook-${name}`);
  }
});

test("running sessions are shown as recorded", async () => {
  const config = configOf("session-update-put-running");
  const { expectRecorded: expectScanning } = await setUp({ status: "SCAN_QR_CODE", config });
  await expectScanning("sessions-list-scan-qr");
  const me = { id: "5511900000101@c.us", pushName: "Loja Teste", lid: "111000000000101@lid" };
  const { expectRecorded: expectWorking } = await setUp({ me, config });
  await expectWorking("session-get-working");
});

test("a PUT tells the old webhooks of the stop and the new ones of the start", async () => {
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const webhooks = [{ url: `${target.url}/old`, events: ["session.status"] }];
  const { fake, call } = await setUp({ me: { id: "5511900000101@c.us" }, config: { webhooks } });
  const headers = { "X-Api-Key": "recado-fixture-api-key", "content-type": "application/json" };
  const config = { webhooks: [{ url: `${target.url}/new`, events: ["*"] }] };
  const answer = await call({
    method: "PUT",
    path: "/api/sessions/default",
    headers,
    body: { config },
  });
  expect(answer).toMatchObject({ status: 200, body: { status: "STARTING", me: null } });
  await fake.changeStatus("default", "WORKING", { id: "5511900000102@c.us" });
  const requests = await target.waitFor(3);
  const seen = requests.map(({ url, body }) => {
    const { me, payload } = JSON.parse(String(body)) as {
      me: unknown;
      payload: { status: string; statuses: unknown[] };
    };
    return [url, payload.status, payload.statuses.length, me];
  });
  const byStatus = seen.toSorted(([, left], [, right]) =>
    String(left).localeCompare(String(right)),
  );
  expect(byStatus).toEqual([
    ["/new", "STARTING", 1, null],
    ["/old", "STOPPED", 2, { id: "5511900000101@c.us" }],
    ["/new", "WORKING", 2, { id: "5511900000102@c.us" }],
  ]);
});
