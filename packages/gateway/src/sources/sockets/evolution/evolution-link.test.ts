import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startFakeEvolution, type FakeEvolution } from "@recado/simulator";
import { Server } from "socket.io";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock, type Clock } from "../../../base/clock.ts";
import { createOutbound } from "../../../outbound/index.ts";
import type { SocketTarget } from "../connection/link.ts";
import { watchLink, type WatchedLink } from "../testing/watched-link.ts";
import { openEvolutionLink } from "./evolution-link.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const apikey = "GLOBAL-KEY-0001";
const call = { event: "call", data: { id: "1", status: "offer" } };

async function fakeEvolution(
  options: Partial<Parameters<typeof startFakeEvolution>[0]> = {},
): Promise<FakeEvolution> {
  const instances = ["loja", "filial"].map((name) => ({ name, token: `TOKEN-${name}` }));
  const fake = await startFakeEvolution({ instances, apikey, ...options });
  closing.push(() => fake.close());
  return fake;
}

function watch(
  baseUrl: string,
  {
    clock = systemClock,
    names = ["loja"],
    ...change
  }: Partial<SocketTarget> & {
    readonly clock?: Clock;
    readonly names?: readonly string[];
  } = {},
): WatchedLink {
  const outbound = createOutbound();
  closing.push(() => outbound.close());
  const target = { baseUrl, apiKey: apikey, allowPrivate: true, ...change };
  const watched = watchLink((events) =>
    openEvolutionLink(target, events, {
      outbound,
      clock,
      random: () => 0.5,
      maxFrameBytes: 1_048_576,
    }),
  );
  closing.push(() => watched.link.close());
  watched.link.follow(names);
  return watched;
}

/** Waits of namespaces are over at once. */
const hurried: Clock = {
  ...systemClock,
  after(_ms, run) {
    const timer = setTimeout(run, 1);
    return () => clearTimeout(timer);
  },
};

async function plainServer(listener?: Parameters<typeof createServer>[1]): Promise<HttpServer> {
  const http = createServer(listener ?? (() => undefined));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return http;
}

const urlOf = (http: HttpServer, path = ""): string =>
  `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`;

describe("where the server has global events", () => {
  test("every event of every instance comes over /, and the instances' own channels are left", async () => {
    const fake = await fakeEvolution();
    for (const name of ["loja", "filial"]) fake.setWebsocket(name, { enabled: true, events: [] });
    await fake.emit("loja", call);
    const watched = watch(fake.url);
    await watched.opened();
    await fake.emit("filial", call);
    await watched.frames(1);
    expect(watched.link.covers("loja") && watched.link.covers("filial")).toBe(true);
    await fake.emit("loja", { event: "presence.update", data: { id: "x" } });
    await fake.emit("loja", { event: "messages.edited", data: {} });
    await watched.frames(3);
    const bodies = watched.bodies();
    expect(bodies.map(({ instance, event }) => [instance, event])).toEqual([
      ["filial", "call"],
      ["loja", "presence.update"],
      ["loja", "messages.edited"],
    ]);
  });
});

describe("where each instance has its own namespace", () => {
  const websocket = { global: false };

  test("it is joined as soon as it exists, and what was missed before is told", async () => {
    const fake = await fakeEvolution({ websocket });
    fake.setWebsocket("loja", { enabled: true, events: [] });
    const watched = watch(fake.url, { clock: hurried });
    await watched.opened();
    await watched.missing("loja");
    expect(watched.link.covers("loja")).toBe(false);
    await fake.emit("loja", call);
    await watched.missed("loja");
    expect(watched.link.covers("loja")).toBe(true);
    await fake.emit("loja", call);
    await watched.frames(1);
    expect(watched.bodies()).toMatchObject([{ instance: "loja", event: "call" }]);
  });

  test("instances that come later are joined, and those that go are left", async () => {
    const fake = await fakeEvolution({ websocket });
    for (const name of ["loja", "filial"]) {
      fake.setWebsocket(name, { enabled: true, events: [] });
      await fake.emit(name, call);
    }
    const watched = watch(fake.url);
    await watched.opened();
    await watched.until(() => watched.link.covers("loja"));
    watched.link.follow(["filial"]);
    expect(watched.link.covers("loja")).toBe(false);
    await watched.until(() => watched.link.covers("filial"));
    await fake.emit("loja", call);
    await fake.emit("filial", call);
    await watched.frames(1);
    expect(watched.bodies()).toMatchObject([{ instance: "filial" }]);
  });

  test("a name is joined letter by letter, whichever way its accents are written", async () => {
    const name = "Açaí".normalize("NFD");
    const fake = await fakeEvolution({ websocket, instances: [{ name }] });
    fake.setWebsocket(name, { enabled: true, events: [] });
    await fake.emit(name, call);
    const watched = watch(fake.url, { names: [name] });
    await watched.until(() => watched.link.covers(name));
    await fake.emit(name, call);
    await watched.frames(1);
    expect(watched.told.at(-1)).toBe(`frame ${name.normalize("NFC")}`);
  });

  test("names that no packet can carry do not disturb the others", async () => {
    const fake = await fakeEvolution({
      websocket,
      instances: [{ name: "a,b" }, { name: "Açaí do Zé/centro" }],
    });
    fake.setWebsocket("Açaí do Zé/centro", { enabled: true, events: [] });
    await fake.emit("Açaí do Zé/centro", call);
    const watched = watch(fake.url, { names: ["", "a,b", "Açaí do Zé/centro"] });
    await watched.until(() => watched.link.covers("Açaí do Zé/centro"));
    expect(watched.link.covers("a,b")).toBe(false);
    await fake.emit("Açaí do Zé/centro", call);
    await watched.frames(1);
  });
});

test("an event with more byte fields than the library allows arrives as the webhook writes it", async () => {
  const fake = await fakeEvolution();
  const watched = watch(fake.url);
  await watched.opened();
  const rows = Array.from({ length: 300 }, (_, n) => ({
    key: { id: `A${n}`, remoteJid: "5511900000201@s.whatsapp.net", fromMe: false },
    message: { messageContextInfo: { messageSecret: new Uint8Array([n % 256, 7, 255]) } },
  }));
  await fake.emit("loja", { event: "messages.set", data: rows });
  await watched.frames(1);
  const [body] = watched.bodies();
  expect(body).toHaveProperty(["data", "299", "message", "messageContextInfo"], {
    messageSecret: { "0": 43, "1": 7, "2": 255 },
  });
});

test("nothing is sent to the server but joining, leaving and answers to its pings", async () => {
  const http = await plainServer();
  const io = new Server(http, { serveClient: false, pingInterval: 20 });
  const sent: string[] = [];
  const headers: (string | undefined)[] = [];
  const pongs = Promise.withResolvers<void>();
  io.engine.on("connection", (engine) => {
    headers.push(engine.request.headers.apikey, engine.request.url);
    engine.on("packet", ({ type, data }: { type: string; data?: string }) => {
      sent.push(type === "message" ? `message ${String(data)}` : type);
      if (sent.filter((one) => one === "pong").length >= 2) pongs.resolve();
    });
  });
  io.of("/loja");
  closing.push(() => io.close());
  const watched = watch(urlOf(http));
  await watched.until(() => watched.link.covers("loja"));
  io.emit("call", { event: "call", instance: "loja", data: {} });
  await watched.frames(1);
  await pongs.promise;
  expect([...new Set(sent)].toSorted()).toEqual([
    "message 0",
    "message 0/loja,",
    "message 1/loja,",
    "pong",
  ]);
  expect(headers[0]).toBe(apikey);
  expect(headers[1]).not.toContain(apikey);
});

test("what is no event of an instance is counted and kept from the door", async () => {
  const http = await plainServer();
  const io = new Server(http, { serveClient: false });
  closing.push(() => io.close());
  const watched = watch(urlOf(http));
  await watched.opened();
  for (const payload of [null, "text", 5, [1], Buffer.from("x"), {}, { event: "call" }])
    io.emit("call", payload);
  io.emit("call");
  io.emit("call", { instance: "loja", data: 1 });
  await watched.frames(1);
  expect(watched.unreadable).toBe(8);
  expect(watched.bodies()).toEqual([{ event: "call", instance: "loja", data: 1 }]);
});

describe("a connection that is not made, or ends, says why", () => {
  test("a wrong key", async () => {
    const fake = await fakeEvolution();
    expect(await watch(fake.url, { apiKey: "nope" }).ended()).toMatchObject({
      reason: "key_refused",
    });
  });

  test("a server that runs without sockets", async () => {
    const fake = await fakeEvolution({ websocket: false });
    expect(await watch(fake.url).ended()).toMatchObject({ reason: "no_socket" });
  });

  test.each([
    [502, "unavailable"],
    [429, "unavailable"],
    [301, "no_socket"],
    [200, "no_socket"],
  ])("a proxy that answers %i", async (status, reason) => {
    const http = await plainServer((_request, response) => response.writeHead(status).end());
    http.on("upgrade", (_request, socket) => socket.end(`HTTP/1.1 ${status} X\r\n\r\n`));
    expect(await watch(urlOf(http)).ended()).toMatchObject({ reason, detail: String(status) });
  });

  test("nobody there", async () => {
    const http = await plainServer();
    const url = urlOf(http);
    http.close();
    await once(http, "close");
    expect(await watch(url).ended()).toEqual({
      reason: "unreachable",
      detail: "connection_refused",
    });
  });

  test("an address that may not be called", async () => {
    const ending = await watch("http://127.0.0.1:8080", { allowPrivate: false }).ended();
    expect(ending).toEqual({ reason: "address_blocked", detail: "blocked_address" });
  });

  test("a server that goes away", async () => {
    const fake = await fakeEvolution();
    const watched = watch(fake.url);
    await watched.opened();
    await fake.trouble.stop();
    expect(await watched.ended()).toEqual({ reason: "closed" });
  });

  test("a packet over the limit", async () => {
    const fake = await fakeEvolution();
    const watched = watch(fake.url);
    await watched.opened();
    await fake.emit("loja", { event: "call", data: { text: "x".repeat(1_100_000) } });
    expect(await watched.ended()).toEqual({ reason: "too_large" });
  });

  test("what is not Socket.IO", async () => {
    const http = await plainServer();
    const io = new Server(http, { serveClient: false });
    io.engine.on("connection", (engine) => void engine.send("9 nonsense"));
    closing.push(() => io.close());
    expect(await watch(urlOf(http)).ended()).toEqual({ reason: "not_understood" });
  });
});

test("a server behind a path is found below it", async () => {
  const http = await plainServer();
  const io = new Server(http, { serveClient: false, path: "/evolution/socket.io" });
  closing.push(() => io.close());
  const watched = watch(urlOf(http, "/evolution/"));
  await watched.opened();
  expect(watched.told).toEqual(["opened"]);
});

test("a link that was closed while it was being made says nothing", async () => {
  const fake = await fakeEvolution();
  const watched = watch(fake.url);
  watched.link.close();
  const other = watch(fake.url);
  await other.opened();
  expect(watched.told).toEqual([]);
});
