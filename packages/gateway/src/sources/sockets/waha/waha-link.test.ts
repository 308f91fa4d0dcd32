import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { createOutbound } from "../../../outbound/index.ts";
import { watchLink, type WatchedLink } from "../testing/watched-link.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { openWahaLink } from "./waha-link.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const apiKey = "a/key+with &odd=characters?";

async function fakeWaha(
  change: Partial<Parameters<typeof startFakeWaha>[0]> = {},
): Promise<FakeWaha> {
  const me = { id: "5511900000101@c.us", pushName: "Loja Teste" };
  const sessions = [
    { name: "default", me },
    { name: "loja", me },
  ];
  const fake = await startFakeWaha({ apiKey, sessions, ...change });
  closing.push(() => fake.close());
  return fake;
}

/** Grace and heartbeat are over at once. */
const hurried: Clock = {
  ...systemClock,
  after(_ms, run) {
    const timer = setTimeout(run, 50);
    return () => clearTimeout(timer);
  },
};

function watch(baseUrl: string, clock: Clock = hurried, key = apiKey): WatchedLink {
  const outbound = createOutbound();
  closing.push(() => outbound.close());
  const target = { baseUrl, apiKey: key, allowPrivate: true };
  const watched = watchLink((events) =>
    openWahaLink(target, events, { outbound, clock, maxFrameBytes: 10_000 }),
  );
  closing.push(() => watched.link.close());
  return watched;
}

/** A server that does what it is told with each connection. */
async function socketServer(
  onConnection: (socket: WebSocket, url: string, wire: Socket) => void,
): Promise<{ readonly url: string }> {
  const http = createServer();
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const server = new WebSocketServer({ server: http });
  server.on("connection", (socket, request) =>
    onConnection(socket, request.url ?? "", request.socket),
  );
  closing.push(() => {
    for (const socket of server.clients) socket.terminate();
    http.close();
  });
  return { url: urlOf(http) };
}

const urlOf = (http: HttpServer): string =>
  `http://127.0.0.1:${(http.address() as AddressInfo).port}`;

test("events of every session come, each as the webhook's envelope", async () => {
  const fake = await fakeWaha();
  const watched = watch(fake.url);
  await watched.opened();
  expect(watched.link.covers("loja")).toBe(true);
  await fake.receive("default", { phone: "5511900000201", text: "oi" });
  await fake.emit("loja", ["presence.update"], { id: "5511900000201@c.us", presences: [] });
  await watched.frames(3);
  expect(
    watched.bodies().map(({ session, event }) => `${String(session)} ${String(event)}`),
  ).toEqual(["default message", "default message.any", "loja presence.update"]);
});

describe("a key", () => {
  test("that is wrong is told as such, though the connection was opened", async () => {
    const fake = await fakeWaha();
    const watched = watch(fake.url, systemClock, "nope");
    expect(await watched.ended()).toEqual({ reason: "key_refused", detail: "1008" });
    expect(watched.told).toEqual(["ended key_refused"]);
  });

  test("that opens one session only is told apart", async () => {
    const fake = await fakeWaha({
      version: "2026.7.1",
      keys: [{ key: "scoped", session: "loja" }],
    });
    const ending = await watch(fake.url, systemClock, "scoped").ended();
    expect(ending).toEqual({ reason: "key_limited", detail: "1008" });
  });

  test("goes into the query as it is, below the server's path", async () => {
    const asked = Promise.withResolvers<string>();
    const { url } = await socketServer((_socket, path) => asked.resolve(path));
    watch(`${url}/waha/`);
    const { pathname, searchParams } = new URL(await asked.promise, url);
    expect([pathname, Object.fromEntries(searchParams)]).toEqual([
      "/waha/ws",
      { "x-api-key": apiKey, session: "*", events: "*" },
    ]);
  });
});

describe("a connection that is not made, or ends, says why", () => {
  test.each([
    [401, "key_refused"],
    [404, "no_socket"],
    [502, "unavailable"],
    [307, "no_socket"],
  ])("an answer of %i", async (status, reason) => {
    const http = createServer((_request, response) =>
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(),
    );
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    closing.push(() => http.close());
    expect(await watch(urlOf(http)).ended()).toEqual({ reason, detail: String(status) });
  });

  test("nobody there", async () => {
    const fake = await fakeWaha();
    await fake.trouble.stop();
    const ending = await watch(fake.url).ended();
    expect(ending).toEqual({ reason: "unreachable", detail: "connection_refused" });
  });

  test("a server that goes away", async () => {
    const fake = await fakeWaha();
    const watched = watch(fake.url);
    await watched.opened();
    await fake.trouble.stop();
    expect(await watched.ended()).toEqual({ reason: "closed", detail: "1006" });
  });

  test("a frame over the limit", async () => {
    const { url } = await socketServer((socket) => socket.send("x".repeat(10_001)));
    expect(await watch(url).ended()).toEqual({ reason: "too_large" });
  });

  test("a broken frame", async () => {
    const { url } = await socketServer((_socket, _path, wire) => wire.write(Buffer.alloc(8, 255)));
    expect(await watch(url).ended()).toEqual({ reason: "not_understood" });
  });

  test("a server whose heartbeat stays away is given up; one that beats is kept", async () => {
    const sockets: WebSocket[] = [];
    const { url } = await socketServer((socket) => sockets.push(socket));
    const clock = new ManualClock();
    const watched = watch(url, clock);
    await watched.until(() => sockets.length === 1 && clock.timers > 0);
    clock.forward(2_000);
    expect(watched.told).toEqual(["opened"]);
    for (let minute = 0; minute < 10; minute++) {
      sockets[0]?.ping();
      await once(sockets[0] as WebSocket, "pong");
      clock.forward(60_000);
    }
    expect(watched.told).toEqual(["opened"]);
    clock.forward(75_000);
    clock.forward(75_000);
    clock.forward(75_000);
    expect(await watched.ended()).toEqual({ reason: "silent" });
  });
});

test("what is no event of a session is counted and kept from the door", async () => {
  const frames = [
    "",
    "nonsense",
    "[1]",
    "null",
    "5",
    "{}",
    '{"event":"message"}',
    '{"session":7,"event":"x"}',
  ];
  const { url } = await socketServer((socket) => {
    for (const frame of frames) socket.send(frame);
    socket.send(Buffer.from('{"event":"message","session":"loja"}'), { binary: true });
    socket.send('{"event":"message","session":"loja","payload":{}}');
  });
  const watched = watch(url);
  await watched.frames(2);
  expect(watched.bodies().map(({ session }) => session)).toEqual([7, "loja"]);
  expect(watched.unreadable).toBe(8);
});

test("what comes before the grace is over proves the connection", async () => {
  const { url } = await socketServer((socket) => socket.send('{"event":"x","session":"s"}'));
  const watched = watch(url, new ManualClock());
  await watched.frames(1);
  expect(watched.told).toEqual(["opened", "frame s"]);
});
