import { expect, onTestFinished, test } from "vitest";
import { compressedClock, systemClock } from "../clock.ts";
import { answer } from "../receiver/answer.ts";
import { startReceiver } from "../receiver/receiver.ts";
import {
  callTo,
  globalKey,
  type RecordedCall,
  recording,
  startRecorded,
  withoutInventions,
} from "./testing/recordings.ts";
import { watchSocket } from "./testing/socket-client.ts";

interface Frame {
  readonly event: string;
  readonly date_time: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly key: object };
}
interface RecordedSocket {
  readonly engine: readonly { readonly data: string }[];
  readonly events: readonly { readonly event: string; readonly args: readonly [Frame] }[];
}

/** A packet without what a server makes up: ids, times, its own address. */
function comparable(packet: string): string {
  return packet
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "some-uuid")
    .replaceAll(/"date_time":"[^"]+Z"/g, '"date_time":"some time"')
    .replaceAll(/"server_url":"[^"]+"/g, '"server_url":"some address"')
    .replace(/"destination":"[^"]+"/, '"destination":"some address"');
}

const packetsOf = ({ engine }: RecordedSocket): string[] =>
  engine.map(({ data }) => data).filter((data) => data.startsWith("2"));

const globalSocket = recording<RecordedSocket>("ws-evo-global-namespace");
const ownSocket = recording<RecordedSocket>("ws-evo-instance-namespace");

/** Makes the recorded session happen again: an instance of the EVOLUTION channel, five messages in and two out. */
async function replay() {
  let now = Date.parse("2026-11-24T09:23:06.911Z");
  const { fake, call } = await startRecorded({ clock: { ...systemClock, now: () => now } });
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const everything = await watchSocket(fake.url, "/", { query: { apikey: globalKey } });
  const { request, response } = recording<RecordedCall>("http-create-evolution");
  const body = request.body as { webhook: object };
  const webhook = { ...body.webhook, url: `${target.url}/ok/evo` };
  const made = await call("POST", "/instance/create", { ...body, webhook });
  const expected = response.body as { webhook: object };
  expect(withoutInventions(made.body)).toEqual(
    withoutInventions({ ...expected, webhook: { ...expected.webhook, webhookUrl: webhook.url } }),
  );
  const own = await watchSocket(fake.url, "/rec-evo", { query: { apikey: globalKey } });
  let sent = 0;
  for (const { event, args } of globalSocket.events) {
    now = Date.parse(args[0].date_time);
    const { key, pushName, message, messageType } = args[0].data;
    if (event === "messages.upsert") {
      const madeUp = /^[0-9a-f]{8}-/.test(String((key as { id?: unknown }).id));
      const given = madeUp ? { ...key, id: undefined } : key;
      const post = { numberId: "5511900000101", key: given, pushName, message, messageType };
      expect(await call("POST", "/webhook/evolution", post, {})).toEqual({
        status: 200,
        body: { status: "success" },
      });
    }
    if (event === "send.message") {
      sent += 1;
      if (sent === 1) {
        const text = recording<RecordedCall>("http-sendText-evolution");
        const answered = await callTo(fake.url, text.request);
        expect(withoutInventions(answered)).toEqual(
          withoutInventions({ status: text.response.status, body: text.response.body }),
        );
      } else {
        const media = {
          number: "5511900000009",
          mediatype: "image",
          media: "https://x.test/a.jpg",
        };
        await call("POST", "/message/sendMedia/rec-evo", media);
      }
    }
  }
  await everything.waitFor(globalSocket.events.length);
  await own.waitFor(ownSocket.events.length);
  await fake.idle();
  return { fake, target, everything, own };
}

test("a message is stored, and sockets and webhook carry the recorded frames", async () => {
  const { target, everything, own } = await replay();
  expect(everything.packets.map(comparable)).toEqual(packetsOf(globalSocket).map(comparable));
  expect(own.packets.map(comparable)).toEqual(packetsOf(ownSocket).map(comparable));
  const bodies = target.requests.map(({ body }) => comparable(String(body)));
  expect(bodies).toHaveLength(globalSocket.events.length);
  for (const { event } of globalSocket.events)
    expect(bodies.filter((body) => body.includes(`{"event":"${event}"`)).length).toBe(
      globalSocket.events.filter((other) => other.event === event).length,
    );
});

test("what was said is read as recorded", async () => {
  const { fake } = await replay();
  const reads = ["", "-page", "-ts-iso", "-ts-seconds", "-where"].map(
    (suffix) => `read-findMessages${suffix}`,
  );
  for (const name of [...reads, "read-findChats", "read-findContacts"]) {
    const { request, response } = recording<RecordedCall>(name);
    const answered = await callTo(fake.url, request);
    expect({ name, ...(withoutInventions(answered) as object) }).toEqual({
      name,
      ...(withoutInventions({ status: response.status, body: response.body }) as object),
    });
  }
});

test("a deleted instance stays until its last webhook is given up", async () => {
  interface Recorded {
    readonly create: RecordedCall;
    readonly delete: RecordedCall;
    readonly createAgain: RecordedCall;
    readonly stateRightAfter: RecordedCall;
    readonly hooks: readonly { readonly event: string }[];
  }
  const recorded = recording<Recorded>("delete-with-dead-webhook-fast");
  let dead = true;
  const target = await startReceiver({ script: () => answer(dead ? 500 : 200) });
  onTestFinished(() => target.close());
  const { fake } = await startRecorded({
    clock: compressedClock(100),
    retry: { attempts: 1_000, firstDelayMs: 1_000, longestDelayMs: 1_000, timeoutMs: 1e9 },
  });
  const body = recorded.create.request.body as { webhook: object };
  const webhook = { ...body.webhook, url: `${target.url}/s500/blk` };
  const create = { ...recorded.create.request, body: { ...body, webhook } };
  expect((await callTo(fake.url, create)).status).toBe(201);
  for (const name of ["delete", "createAgain", "stateRightAfter"] as const) {
    const { request, response } = recorded[name];
    expect(await callTo(fake.url, request)).toEqual({
      status: response.status,
      body: response.body,
    });
  }
  await target.waitFor(3);
  const told = target.requests
    .slice(0, 3)
    .map(({ body: text }) => (JSON.parse(String(text)) as { event: string }).event);
  expect(told.toSorted()).toEqual(
    recorded.hooks
      .slice(0, 3)
      .map(({ event }) => event)
      .toSorted(),
  );
  dead = false;
  await fake.idle();
  expect((await callTo(fake.url, recorded.stateRightAfter.request)).status).toBe(404);
});

test("creation stores a name that /webhook/set refuses, and without it the event reaches nobody", async () => {
  interface Recorded {
    readonly create: RecordedCall;
    readonly webhookFind: RecordedCall;
    readonly websocketFind: RecordedCall;
    readonly setRejected: RecordedCall;
  }
  const recorded = recording<Recorded>("groups-update-name");
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const { fake, call } = await startRecorded();
  for (const name of ["create", "webhookFind", "websocketFind", "setRejected"] as const) {
    const { request, response } = recorded[name];
    expect(withoutInventions(await callTo(fake.url, request))).toEqual(
      withoutInventions({ status: response.status, body: response.body }),
    );
  }
  const webhook = { enabled: true, url: `${target.url}/ok/gu`, events: ["GROUPS_UPDATE"] };
  const body = { instanceName: "other", integration: "EVOLUTION", webhook };
  await call("POST", "/instance/create", body);
  const update = { event: "groups.update", data: [] };
  expect(await fake.emit("other", update)).toMatchObject([{ result: "delivered" }]);
  fake.setWebhook("other", { ...webhook, events: [] });
  expect(await fake.emit("other", update)).toEqual([]);
});

test("Meta's verification is answered with its challenge", async () => {
  const { fake } = await startRecorded();
  const { request, response } = recording<RecordedCall>("http-meta-verify");
  expect(await callTo(fake.url, request)).toEqual({
    status: response.status,
    body: response.body,
  });
});

test("a text through Meta's channel is answered and told as recorded", async () => {
  const { call: recorded } = recording<{ call: RecordedCall }>("http-sendText-business");
  const instances = [
    { name: "rec-meta", integration: "WHATSAPP-BUSINESS", number: "5511900000300" } as const,
  ];
  const { fake } = await startRecorded({ instances });
  const made = await callTo(fake.url, recorded.request);
  const shaped = (body: unknown): unknown => {
    const { key, ...rest } = body as { key: object };
    return withoutInventions({ ...rest, key: { ...key, id: "wamid" }, messageTimestamp: 0 });
  };
  expect(made.status).toBe(recorded.response.status);
  expect(shaped(made.body)).toEqual(shaped(recorded.response.body));
});
