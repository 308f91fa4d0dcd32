import { readFileSync } from "node:fs";
import { jwtVerify } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { compressedClock, systemClock } from "../clock.ts";
import { createRandom } from "../random.ts";
import { answer, byPath, inOrder, redirect, type Script } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import { createEvolutionSender, type EvolutionSenderOptions } from "./evolution-sender.ts";
import { webhookAddress, webhookToken } from "./evolution-webhook.ts";

const source = {
  name: "loja-centro",
  token: "TOKEN-LOJA-CENTRO-0001",
  owner: "5511900000100@s.whatsapp.net",
};
const text = {
  event: "messages.upsert",
  data: { key: { id: "3EB01" }, message: { conversation: "Olá 👋" } },
};
const recorded = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), "utf8")) as T;

async function setUp(
  script: Script = () => answer(200),
  options: Partial<EvolutionSenderOptions> = {},
) {
  const target = await startReceiver({ script });
  // Twenty minutes of retries pass in an eighth of a second; the time-out stays too long to be met by a busy machine.
  const clock = compressedClock(10_000, {
    ...systemClock,
    now: options.clock?.now ?? systemClock.now,
  });
  const sender = createEvolutionSender({
    serverUrl: "http://evo.example.com",
    random: createRandom(1),
    ...options,
    retry: { timeoutMs: 1e9, ...options.retry },
    clock,
  });
  onTestFinished(() => target.close());
  onTestFinished(() => sender.close());
  return { target, sender };
}

test("a webhook is the recorded one, header for header and key for key", async () => {
  type Recording = {
    rawHeaders: string[];
    bodyRaw: string;
    body: { data: unknown; server_url: string };
  };
  const { rawHeaders, bodyRaw, body } = recorded<Recording>("webhook-messages-upsert");
  const now = Date.parse("2026-11-24T09:23:07.471Z");
  const { target, sender } = await setUp(undefined, {
    serverUrl: body.server_url,
    clock: { ...systemClock, now: () => now },
  });
  const webhook = {
    url: `${target.url}/ok/evo`,
    headers: { "x-tenant": "acme", jwt_key: "segredo-do-jwt" },
  };
  await sender.emit({ name: "rec-evo", token: "REC-EVO-TOKEN" }, webhook, {
    event: "messages.upsert",
    data: body.data,
  });
  const [request] = await target.waitFor(1);
  const names = (raw: readonly string[] = []) => raw.filter((_, index) => index % 2 === 0);
  expect(names(request?.rawHeaders)).toEqual(names(rawHeaders));
  expect(request?.headers["user-agent"]).toBe("axios/1.12.2");
  expect(request?.body.toString().replaceAll(target.url, "http://127.0.0.1:18291")).toBe(bodyRaw);
  const segments = (authorization = "") => authorization.split(".").slice(0, 2);
  const theirs = rawHeaders[rawHeaders.indexOf("Authorization") + 1];
  expect(segments(request?.headers["authorization"])).toEqual(segments(theirs));
});

test("every attempt carries the first attempt's token and the same bytes", async () => {
  const { target, sender } = await setUp(
    inOrder(answer(500), answer(429), { kind: "reset" }, answer(200)),
  );
  const [report] = await sender.emit(
    source,
    { url: target.url, headers: { jwt_key: "segredo" } },
    text,
  );
  expect(report).toMatchObject({ result: "delivered", event: "messages.upsert" });
  expect(report?.attempts).toHaveLength(4);
  const requests = await target.waitFor(4);
  expect(new Set(requests.map(({ body }) => body.toString())).size).toBe(1);
  expect(new Set(requests.map(({ headers }) => headers["authorization"])).size).toBe(1);
  const token = requests[3]?.headers["authorization"]?.replace("Bearer ", "") ?? "";
  const { payload } = await jwtVerify(token, new TextEncoder().encode("segredo"), {
    algorithms: ["HS256"],
  });
  expect(payload).toMatchObject({
    app: "evolution",
    action: "webhook",
    exp: (payload.iat ?? 0) + 600,
  });
});

test.each(["", 5 as unknown as string])(
  "with the key %j nothing can be signed: the event is lost, and nothing breaks",
  async (key) => {
    const { target, sender } = await setUp();
    const reports = await sender.emit(source, { url: target.url, headers: { jwt_key: key } }, text);
    expect(reports).toMatchObject([{ result: "lost", attempts: [] }]);
    expect(target.received).toBe(0);
  },
);

test("a token lives ten minutes from its event, not from its attempt", async () => {
  const made = await webhookToken("segredo", 1_795_512_187_471);
  const claims = JSON.parse(
    Buffer.from(made.split(".")[1] ?? "", "base64url").toString(),
  ) as unknown;
  expect(claims).toEqual({
    iat: 1_795_512_187,
    exp: 1_795_512_787,
    app: "evolution",
    action: "webhook",
  });
});

test("ten attempts are made by the schedule, then the event is lost", async () => {
  const { target, sender } = await setUp(() => answer(503));
  const [report] = await sender.emit(source, { url: target.url }, text);
  expect(report?.result).toBe("lost");
  expect(target.received).toBe(10);
  const plain = [5, 10, 20, 40, 80, 160, 300, 300, 300];
  report?.attempts.slice(0, -1).forEach(({ next }, index) => {
    if (next.kind !== "retry") throw new Error("no retry");
    expect(next.waitMs / 1_000 / (plain[index] ?? 0)).toBeGreaterThanOrEqual(0.8);
    expect(next.waitMs / 1_000 / (plain[index] ?? 0)).toBeLessThanOrEqual(1.2);
  });
  expect(report?.attempts.at(-1)?.next).toEqual({ kind: "lost", reason: "exhausted" });
});

test("a refusal loses the event after one attempt; a redirect loses its body and counts as delivered", async () => {
  const { target, sender } = await setUp(
    byPath({
      "/refuse": () => answer(401),
      "/moved": () => redirect(302, "/new"),
      "/new": () => answer(200),
    }),
  );
  const [refused] = await sender.emit(source, { url: `${target.url}/refuse` }, text);
  expect(refused).toMatchObject({ result: "lost", attempts: [{ next: { reason: "refused" } }] });
  const [moved] = await sender.emit(source, { url: `${target.url}/moved` }, text);
  expect(moved).toMatchObject({
    result: "delivered",
    attempts: [{ outcome: { method: "GET", status: 200 } }],
  });
  expect(target.requests.at(-1)).toMatchObject({ method: "GET", url: "/new" });
  expect(target.requests.at(-1)?.body).toHaveLength(0);
});

test("a receiver that hangs costs the time-out and is tried again", async () => {
  const { target, sender } = await setUp(inOrder({ kind: "hang" }, answer(200)), {
    retry: { timeoutMs: 5e6 },
  });
  const [report] = await sender.emit(source, { url: target.url }, text);
  expect(report).toMatchObject({
    result: "delivered",
    attempts: [{ outcome: { reason: "timeout" } }, {}],
  });
});

test("the global copy has the same bytes and no proof", async () => {
  const { target, sender } = await setUp();
  const withGlobal = createEvolutionSender({
    serverUrl: "http://evo",
    globalWebhook: { url: `${target.url}/global` },
  });
  onTestFinished(() => withGlobal.close());
  await withGlobal.emit(
    source,
    { url: `${target.url}/own`, headers: { jwt_key: "segredo", "x-tenant": "acme" } },
    text,
  );
  await sender.idle();
  const [own] = await target.waitFor(1, ({ url }) => url === "/own");
  const [copy] = await target.waitFor(1, ({ url }) => url === "/global");
  expect(copy?.body).toEqual(own?.body);
  expect(copy?.headers).not.toHaveProperty("authorization");
  expect(copy?.headers).not.toHaveProperty("x-tenant");
});

test("without an own webhook the destination names the event even when by-events is off", async () => {
  const { target } = await setUp();
  const sender = createEvolutionSender({
    serverUrl: "http://evo",
    globalWebhook: { url: `${target.url}/global` },
  });
  onTestFinished(() => sender.close());
  await sender.emit(source, undefined, text);
  const [request] = await target.waitFor(1);
  expect(request?.url).toBe("/global");
  expect(JSON.parse(String(request?.body))).toMatchObject({
    destination: `${target.url}/global/messages-upsert`,
  });
});

test("by-events addresses are joined as recorded", () => {
  for (const { url, event, destination } of recorded<
    { url: string; event: string; destination: string }[]
  >("by-events-urls")) {
    expect(webhookAddress(destination, event, true)).toBe(`http://127.0.0.1:18291${url}`);
  }
  expect(webhookAddress("http://r", "group-participants.update", true)).toBe(
    "http://r/group-participants-update",
  );
});

test("groups.update reaches no instance webhook, and what is not wanted is not sent", async () => {
  const { target, sender } = await setUp();
  const listed = { url: target.url, events: ["MESSAGES_UPSERT", "GROUP_UPDATE"] };
  expect(await sender.emit(source, listed, { event: "groups.update", data: [] })).toEqual([]);
  expect(await sender.emit(source, listed, { event: "call", data: {} })).toEqual([]);
  expect(await sender.emit(source, { url: target.url, enabled: false }, text)).toEqual([]);
  expect(await sender.emit(source, { url: "not a url" }, text)).toEqual([]);
  expect(await sender.emit(source, { url: "ftp://files.example.com" }, text)).toEqual([]);
  expect(target.received).toBe(0);
  expect(await sender.emit(source, listed, text)).toMatchObject([{ result: "delivered" }]);
});

test("the server's wall time carries a false Z, and the members before the event come first", async () => {
  const { target, sender } = await setUp(undefined, {
    utcOffsetMinutes: -180,
    clock: { ...systemClock, now: () => Date.parse("2026-11-24T09:34:54.078Z") },
  });
  await sender.emit(
    source,
    { url: target.url },
    { event: "messages.set", data: [], lead: { isLatest: true, progress: 100 } },
  );
  const [request] = await target.waitFor(1);
  const body = JSON.parse(String(request?.body)) as Record<string, unknown>;
  expect(body["date_time"]).toBe("2026-11-24T06:34:54.078Z");
  expect(Object.keys(body)).toEqual([
    "isLatest",
    "progress",
    "event",
    "instance",
    "data",
    "destination",
    "date_time",
    "sender",
    "server_url",
    "apikey",
  ]);
});

test("family 1 sends once, without custom headers, and shows the server's key to the global webhook", async () => {
  const { target } = await setUp(() => answer(500));
  const sender = createEvolutionSender({
    family: "1",
    serverUrl: "http://evo",
    globalWebhook: { url: `${target.url}/global`, byEvents: true },
    globalApikey: "GLOBAL-KEY-0001",
  });
  onTestFinished(() => sender.close());
  const reports = await sender.emit(
    source,
    { url: `${target.url}/own`, headers: { "x-tenant": "acme" } },
    text,
  );
  expect(reports.map(({ attempts }) => attempts.length)).toEqual([1, 1]);
  const [own] = await target.waitFor(1, ({ url }) => url === "/own");
  const [copy] = await target.waitFor(1, ({ url }) => url === "/global/messages-upsert");
  expect(own?.headers).toMatchObject({ "user-agent": "axios/1.6.5" });
  expect(own?.headers).not.toHaveProperty("x-tenant");
  expect(JSON.parse(String(own?.body))).toMatchObject({ apikey: source.token });
  expect(JSON.parse(String(copy?.body))).toMatchObject({ apikey: "GLOBAL-KEY-0001" });
});

test("a burst goes out in parallel and arrives in another order", async () => {
  const { target, sender } = await setUp(() => answer(200, { delayMs: 20 }), {
    disorderMs: 200_000,
  });
  const burst = Array.from({ length: 30 }, (_, index) =>
    sender.emit(source, { url: target.url }, { event: "messages.upsert", data: { index } }),
  );
  const reports = (await Promise.all(burst)).flat();
  expect(reports.every(({ result }) => result === "delivered")).toBe(true);
  const order = target.requests.map(
    ({ body }) => (JSON.parse(String(body)) as { data: { index: number } }).data.index,
  );
  expect(order.toSorted((left, right) => left - right)).toEqual(order.map((_, index) => index));
  expect(order).not.toEqual(order.map((_, index) => index));
  expect(Math.max(...target.requests.map(({ inFlight }) => inFlight))).toBeGreaterThan(0);
});

test("closing ends waits and hanging requests", async () => {
  const { target, sender } = await setUp(
    byPath({ "/hang": () => ({ kind: "hang" }), "/fail": () => answer(500) }),
    {
      retry: { firstDelayMs: 1e9, longestDelayMs: 1e9 },
    },
  );
  const hanging = sender.emit(source, { url: `${target.url}/hang` }, text);
  const failing = sender.emit(source, { url: `${target.url}/fail` }, text);
  await target.waitFor(2);
  await sender.close();
  expect(await hanging).toMatchObject([{ result: "stopped" }]);
  expect(await failing).toMatchObject([{ result: "stopped" }]);
});
