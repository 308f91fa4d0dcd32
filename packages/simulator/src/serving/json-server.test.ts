import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type JsonServerOptions, Refusal, startJsonServer } from "./json-server.ts";

async function setUp(options: JsonServerOptions = {}) {
  const server = await startJsonServer(({ path }) => {
    if (path[0] === "refused") throw new Refusal({ status: 404, body: { message: "no" } });
    if (path[0] === "broken") throw new Error("a mistake");
    if (path[0] === "nothing") return { status: 201, body: undefined };
    return { status: 200, body: { path } };
  }, options);
  onTestFinished(() => server.close());
  const get = async (path: string) => {
    const answer = await request(server.url + path);
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  };
  return { server, get };
}

/** What comes back for a request line as it stands, which no client would send. */
async function rawAnswer(url: string, line: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`${line}\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`);
  return Buffer.concat(await socket.toArray()).toString();
}

test("answers are JSON, and a mistake of the simulator is shown to the caller", async () => {
  const { get } = await setUp();
  expect(await get("/a/b%2Fc/%E0")).toMatchObject({
    status: 200,
    text: '{"path":["a","b/c","%E0"]}',
  });
  expect(await get("/refused")).toMatchObject({ status: 404, text: '{"message":"no"}' });
  expect(await get("/nothing")).toMatchObject({ status: 201, text: "" });
  expect(await get("/broken")).toMatchObject({ status: 500, text: "simulator: Error: a mistake" });
});

test.each([
  ["//", ["", ""]],
  ["//a/b?x=1", ["", "a", "b"]],
  ["///", ["", "", ""]],
  ["//user:secret@host:99999/a", ["", "user:secret@host:99999", "a"]],
  ["/a//b", ["a", "", "b"]],
  ["//[", ["", "["]],
])("the address %s is a path like any other", async (address, path) => {
  const { get } = await setUp();
  expect(await get(address)).toMatchObject({ status: 200, text: JSON.stringify({ path }) });
});

test.each(["*", "http://[", "http://:1/"])("%s is an address of no route", async (target) => {
  const { server } = await setUp();
  const answer = await rawAnswer(server.url, `OPTIONS ${target} HTTP/1.1`);
  expect(answer).toContain(JSON.stringify({ path: [target] }));
});

test("calls are counted by route", async () => {
  const { server, get } = await setUp({
    routeOf: ({ method, path }) => `${method} /${path[0]}/:id`,
  });
  await get("/a/1");
  await get("/a/2?x=1");
  await get("/refused/3");
  expect(server.calls.count()).toBe(3);
  expect(server.calls.byRoute()).toEqual({ "GET /a/:id": 2, "GET /refused/:id": 1 });
  expect(server.calls.recent().map(({ url, status }) => [url, status])).toEqual([
    ["/a/1", 200],
    ["/a/2?x=1", 200],
    ["/refused/3", 404],
  ]);
  expect(server.calls.peak(60_000)).toBe(3);
  server.calls.clear();
  expect(server.calls.count("GET /a/:id")).toBe(0);
});

test("the peak is the fullest window", async () => {
  let now = 0;
  const { server, get } = await setUp({ clock: { ...systemClock, now: () => now } });
  for (const at of [0, 900, 950, 1_000, 1_899, 5_000]) {
    now = at;
    await get("/a");
  }
  expect(server.calls.peak(1_000)).toBe(4);
});

test("a fault befalls as many calls of its route as it says, and then the real answer returns", async () => {
  const { server, get } = await setUp();
  const html = "<html>502 Bad Gateway</html>";
  const answer = {
    status: 502,
    body: undefined,
    text: html,
    headers: { "Content-Type": "text/html" },
  };
  server.fail({ routes: "GET /a", times: 2, answer });
  expect(await get("/b")).toMatchObject({ status: 200 });
  expect(await get("/a")).toMatchObject({
    status: 502,
    text: html,
    headers: { "content-type": "text/html" },
  });
  expect(await get("/a")).toMatchObject({ status: 502 });
  expect(await get("/a")).toMatchObject({ status: 200 });
});

test("a fault lasts until it is lifted, and the last one set wins", async () => {
  const { server, get } = await setUp();
  const liftAll = server.fail({ answer: { status: 500, body: { all: true } } });
  const liftOne = server.fail({ routes: /^GET \/a/, answer: { status: 503, body: { one: true } } });
  expect((await get("/a/1")).status).toBe(503);
  expect((await get("/b")).status).toBe(500);
  liftOne();
  expect((await get("/a/1")).status).toBe(500);
  liftAll();
  expect((await get("/a/1")).status).toBe(200);
});

test("a call can be reset, or left hanging until the process ends", async () => {
  const { server, get } = await setUp();
  server.fail({ times: 1, answer: "reset" });
  await expect(get("/a")).rejects.toMatchObject({ code: "ECONNRESET" });
  server.fail({ times: 1, answer: "hang" });
  const hanging = get("/a").then(
    () => "answered",
    () => "cut",
  );
  while (server.calls.count() < 2) await new Promise(setImmediate);
  await server.stop();
  expect(await hanging).toBe("cut");
  expect(server.calls.recent().map(({ status }) => status)).toEqual([undefined, undefined]);
});

test("every answer waits for the latency, and the fault's delay comes on top", async () => {
  const waits: number[] = [];
  const clock = {
    now: systemClock.now,
    after(ms: number, run: () => void) {
      waits.push(ms);
      return systemClock.after(0, run);
    },
  };
  const { server, get } = await setUp({ clock, latencyMs: 50 });
  await get("/a");
  server.fail({ times: 1, delayMs: 7_000 });
  await get("/a");
  server.setLatency(0);
  await get("/a");
  expect(waits).toEqual([50, 7_050]);
});

test("a stopped process refuses connections, and comes back at the same address", async () => {
  const seen: { server: Server; detached: boolean }[] = [];
  const { server, get } = await setUp({
    attach(http) {
      const entry = { server: http, detached: false };
      seen.push(entry);
      return () => {
        entry.detached = true;
      };
    },
  });
  await server.stop();
  await expect(get("/a")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await server.start();
  expect(await get("/a")).toMatchObject({ status: 200 });
  expect(seen.map(({ detached }) => detached)).toEqual([true, false]);
  expect(seen[0]?.server).not.toBe(seen[1]?.server);
});

test("a call that waits dies with the process", async () => {
  let wake = (): void => undefined;
  const clock = {
    now: systemClock.now,
    after(_ms: number, run: () => void) {
      wake = run;
      return () => undefined;
    },
  };
  let handled = 0;
  const server = await startJsonServer(
    () => {
      handled += 1;
      return { status: 200, body: {} };
    },
    { clock, latencyMs: 50 },
  );
  onTestFinished(() => server.close());
  const cut = request(server.url).then(
    () => "answered",
    () => "cut",
  );
  while (server.calls.count() < 1) await new Promise(setImmediate);
  await server.stop();
  expect(await cut).toBe("cut");
  wake();
  await new Promise(setImmediate);
  expect(handled).toBe(0);
});

test("a port that is taken is an error, and nothing is left running", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  let attached = 0;
  const attach = () => {
    attached += 1;
    return () => {
      attached -= 1;
    };
  };
  const start = startJsonServer(() => ({ status: 200, body: 1 }), { port, attach });
  await expect(start).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(attached).toBe(0);
});

test("bytes are answered as bytes, and calls are told once they are answered", async () => {
  const told: string[] = [];
  const text = Uint8Array.of(0, 255, 128);
  const server = await startJsonServer(() => ({ status: 200, body: undefined, text }), {
    onCall: ({ route, status }) => told.push(`${route} ${status}`),
  });
  onTestFinished(() => server.close());
  const answer = await request(`${server.url}/a`);
  expect(new Uint8Array(await answer.body.arrayBuffer())).toEqual(text);
  expect([answer.headers["content-length"], told]).toEqual(["3", ["GET /a 200"]]);
});
