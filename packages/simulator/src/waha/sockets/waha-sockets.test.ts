import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { systemClock } from "../../clock.ts";
import { me, setUpWaha } from "../testing/set-up-waha.ts";
import { comparable } from "../testing/same-answer.ts";

interface Recording {
  readonly case: string;
  readonly url: string;
  readonly close: { readonly code: number; readonly reason: string } | null;
  readonly frames: readonly { readonly data: Readonly<Record<string, unknown>> }[];
}

const recordings = JSON.parse(
  readFileSync(new URL("../recorded/ws.json", import.meta.url), "utf8"),
) as readonly Recording[];

/** What happened while the recordings were made: somebody types, writes, and is online. */
function happenings(): readonly (readonly [readonly string[], unknown])[] {
  const all = recordings.find((recording) => recording.case === "all")?.frames ?? [];
  const payload = (index: number): unknown => all[index]?.data["payload"];
  return [
    [["presence.update"], payload(0)],
    [["presence.update"], payload(1)],
    [["message", "message.any"], payload(2)],
    [["engine.event"], { event: "connection.update", data: {} }],
    [["state.change"], { connection: "open" }],
  ];
}

async function connect(url: string) {
  const frames: Record<string, unknown>[] = [];
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  socket.on("message", (data, isBinary) => {
    if (!isBinary)
      frames.push(JSON.parse((data as Buffer).toString("utf8")) as Record<string, unknown>);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  /** Everything sent before the answer to a ping has arrived with it. */
  const settle = () =>
    new Promise<void>((resolve) => {
      socket.once("pong", () => resolve());
      socket.ping();
    });
  return { frames, closed, settle };
}

const stage = (singleSession = true) =>
  setUpWaha(() => ({
    singleSession,
    sessions: [{ name: "default", me, config: { metadata: { "tenant.id": "t-001" } } }],
  }));

test.each(recordings)("a connection goes as recorded: $case", async (recording) => {
  const { fake } = await stage();
  const { frames, closed, settle } = await connect(fake.url.replace("http", "ws") + recording.url);
  if (recording.close) {
    const { code, reason } = recording.close;
    expect(await closed).toEqual({ code, reason });
    return;
  }
  for (const [events, payload] of happenings()) await fake.emit("default", events, payload);
  await settle();
  const moment = ["id", "timestamp"];
  for (const { data } of recording.frames)
    expect(frames.map((frame) => comparable(frame, moment))).toContainEqual(
      comparable(data, moment),
    );
  const received = (recording as unknown as { events_received: object }).events_received;
  expect(new Set(frames.map((frame) => frame["event"]))).toEqual(new Set(Object.keys(received)));
});

test("a socket's message has another id than the webhook's, its message.any the same", async () => {
  const { fake, received } = await setUpWaha();
  const url = `${fake.url.replace("http", "ws")}/ws?x-api-key=recado-fixture-api-key`;
  const { frames, settle } = await connect(url);
  await fake.receive("loja", { phone: "5511900000201", text: "oi" });
  await settle();
  const hooks = await received(2);
  expect(new Set(hooks.map(({ id }) => id)).size).toBe(1);
  const idOf = (event: string) => frames.find((frame) => frame["event"] === event)?.["id"];
  expect(idOf("message.any")).toBe(hooks[0]?.id);
  expect(idOf("message")).not.toBe(hooks[0]?.id);
});

test("where there are several sessions, a client gets those that it asked for", async () => {
  const { fake } = await stage(false);
  const base = `${fake.url.replace("http", "ws")}/ws?x-api-key=recado-fixture-api-key`;
  const other = await connect(`${base}&session=loja2`);
  const own = await connect(`${base}&session=default`);
  await fake.emit("default", ["presence.update"], {});
  await Promise.all([other.settle(), own.settle()]);
  expect([other.frames.length, own.frames.length]).toEqual([0, 1]);
});

test("a key of one session is not taken", async () => {
  const { fake } = await setUpWaha(() => ({
    version: "2026.7.1",
    keys: [{ key: "scoped", session: "loja" }],
  }));
  const { closed } = await connect(`${fake.url.replace("http", "ws")}/ws?x-api-key=scoped`);
  expect(await closed).toEqual({ code: 1008, reason: "Forbidden" });
});

test("a client that does not answer a ping is dropped at the next", async () => {
  const beats: (() => void)[] = [];
  const clock = {
    now: systemClock.now,
    after(ms: number, run: () => void) {
      if (ms !== 60_000) return systemClock.after(ms, run);
      beats.push(run);
      return () => {};
    },
  };
  const { fake } = await setUpWaha(() => ({ clock }));
  const url = `${fake.url.replace("http", "ws")}/ws?x-api-key=recado-fixture-api-key`;
  const socket = new WebSocket(url, { autoPong: false });
  onTestFinished(() => socket.terminate());
  const pinged = new Promise((resolve) => socket.once("ping", resolve));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("open", resolve));
  beats.shift()?.();
  await pinged;
  beats.shift()?.();
  expect(await closed).toBe(1006);
});

test("the end of the process cuts every connection, and it can be made again", async () => {
  const { fake } = await setUpWaha();
  const url = `${fake.url.replace("http", "ws")}/ws?x-api-key=recado-fixture-api-key`;
  const first = await connect(url);
  await fake.trouble.stop();
  expect(await first.closed).toMatchObject({ code: 1006 });
  await fake.trouble.start();
  const again = await connect(url);
  await again.settle();
  expect(fake.socketClients).toBe(1);
});

test("a path that is no URL ends its own connection alone", async () => {
  const { fake } = await setUpWaha();
  const { hostname, port } = new URL(fake.url);
  const request = httpRequest({
    hostname,
    port,
    path: "//",
    headers: { connection: "Upgrade", upgrade: "websocket" },
  });
  const ended = new Promise<string>((resolve) => {
    request.once("error", ({ message }) => resolve(message));
  });
  request.end();
  expect(await ended).toBe("socket hang up");
  const answer = await fetch(`${fake.url}/ping`);
  expect(answer.status).toBe(200);
  await answer.body?.cancel();
});
