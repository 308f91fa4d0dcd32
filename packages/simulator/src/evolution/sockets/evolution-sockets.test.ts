import { request } from "undici";
import { describe, expect, test } from "vitest";
import { createCast } from "../../traffic/cast.ts";
import { createRandom } from "../../random.ts";
import { globalKey, recording, startRecorded } from "../testing/recordings.ts";
import { watchSocket } from "../testing/socket-client.ts";

const wsa = { name: "wsa", token: "WSA-TOKEN", owner: "5511900000901@s.whatsapp.net" };
const wsb = { name: "wsb", token: "WSB-TOKEN", owner: "5511900000902@s.whatsapp.net" };
const withKey = { query: { apikey: globalKey } };
const call = { event: "call", data: { id: "1", status: "offer" } };
const edited = { event: "messages.edited", data: {} };

interface Client {
  readonly ns: string;
  readonly opts: Readonly<Record<string, unknown>>;
  readonly errors: readonly { readonly message: string; readonly description: string | null }[];
}

describe("a key comes in the query or a header, and opens every namespace", () => {
  const { clients, raw } = recording<{
    readonly clients: Readonly<Record<string, Client>>;
    readonly raw: Readonly<Record<string, { readonly status: number; readonly body: string }>>;
  }>("ws-auth-matrix");

  test.each(Object.entries(clients))("%s", async (_name, client) => {
    const { fake } = await startRecorded({ instances: [wsa, wsb] });
    for (const name of ["wsa", "wsb"]) {
      fake.setWebsocket(name, { enabled: true, events: [] });
      await fake.emit(name, call);
    }
    const socket = await watchSocket(fake.url, client.ns, client.opts);
    const [error] = client.errors;
    const context = (error as { context?: { status?: number } } | undefined)?.context;
    const expected = context ? String(context.status) : (error?.description ?? error?.message);
    expect(socket.refused).toBe(expected);
  });

  test("a poll without a key gets the recorded answer", async () => {
    const { fake } = await startRecorded();
    const answer = await request(`${fake.url}/socket.io/?EIO=4&transport=polling`);
    const recorded = raw["polling-get-no-key"];
    expect({ status: answer.statusCode, body: await answer.body.text() }).toEqual({
      status: recorded?.status,
      body: recorded?.body,
    });
  });

  test("an allowed host needs none", async () => {
    const { fake } = await startRecorded({ websocket: { allowedHosts: "203.0.113.1, 127.0.0.1" } });
    expect((await watchSocket(fake.url, "/")).refused).toBeUndefined();
  });
});

test("a namespace begins with its first event, and is gone after a restart", async () => {
  const { errors } = recording<Client>("ws-unknown-namespace");
  const invalid = errors[0]?.message;
  const { fake } = await startRecorded({ instances: [wsa] });
  fake.setWebsocket("wsa", { enabled: true, events: [] });
  const connect = async () => watchSocket(fake.url, "/wsa", withKey);
  expect((await connect()).refused).toBe(invalid);
  await fake.emit("wsa", call);
  const socket = await connect();
  expect(socket.refused).toBeUndefined();
  await fake.trouble.stop();
  await socket.gone;
  fake.trouble.cutNetwork();
  fake.setWebsocket("wsa", { enabled: false, events: [] });
  await fake.trouble.start();
  const after = recording<{ readonly beforeFirstEvent: Client }>("ws-namespace-after-restart");
  expect((await connect()).refused).toBe(after.beforeFirstEvent.errors[0]?.message);
});

test("a namespace carries only the events that were set, and / carries all", async () => {
  const { fake } = await startRecorded({ instances: [wsa, wsb] });
  fake.setWebsocket("wsa", { enabled: true, events: ["CALL"] });
  await fake.emit("wsa", call);
  const own = await watchSocket(fake.url, "/wsa", withKey);
  const all = await watchSocket(fake.url, "/", withKey);
  await fake.emit("wsa", edited);
  await fake.emit("wsb", call);
  await fake.emit("wsa", call);
  await Promise.all([own.waitFor(1), all.waitFor(3)]);
  expect(own.events.map(([name]) => name)).toEqual(["call"]);
  expect(all.events.map(([name]) => name)).toEqual(["messages.edited", "call", "call"]);
  expect(own.events[0]?.[1]).toMatchObject({
    instance: "wsa",
    sender: wsa.owner,
    server_url: fake.url,
  });
});

test("without global events / is silent, and a server without sockets has none", async () => {
  const { fake } = await startRecorded({ instances: [wsa], websocket: { global: false } });
  const all = await watchSocket(fake.url, "/", withKey);
  fake.setWebsocket("wsa", { enabled: true, events: [] });
  await fake.emit("wsa", call);
  const own = await watchSocket(fake.url, "/wsa", withKey);
  await fake.emit("wsa", call);
  await own.waitFor(1);
  expect(all.events).toEqual([]);
  const off = await startRecorded({ websocket: false });
  expect((await off.call("GET", "/socket.io/")).status).toBe(404);
});

test("bytes travel as binary attachments", async () => {
  const { fake } = await startRecorded({ instances: [wsa] });
  const all = await watchSocket(fake.url, "/", withKey);
  const cast = createCast(0, "Loja Teste", createRandom("cast"));
  const [person] = cast.people;
  if (!person) throw new Error("a cast has people");
  await fake.perform("wsa", cast, {
    kind: "message",
    ref: { id: "AC01", fromMe: false, person },
    via: "app",
    content: { kind: "text", text: "oi" },
  });
  await all.waitFor(1);
  expect(all.packets[0]).toMatch(/^5\d+-\["messages.upsert"/);
  const payload = all.events[0]?.[1] as {
    data: { message: { messageContextInfo: { messageSecret: unknown } } };
  };
  expect(payload.data.message.messageContextInfo.messageSecret).toBeInstanceOf(Uint8Array);
});
