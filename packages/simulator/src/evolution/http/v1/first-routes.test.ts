import { expect, onTestFinished, test } from "vitest";
import { startReceiver } from "../../../receiver/receiver.ts";
import { familyConfigNames } from "../../evolution-event-names.ts";
import { startRecorded } from "../../testing/recordings.ts";
import { watchSocket } from "../../testing/socket-client.ts";

// Nothing of 1.x was recorded: what is expected here was read in the source of 1.8.
const first = "1" as const;
const loja = { name: "loja", token: "T1", owner: "5511900000100@s.whatsapp.net" };
const url = "http://127.0.0.1:1/in";
const refusal = (status: number, message: unknown) => ({
  status,
  body: { status, response: { message } },
});

test("it says its version, and its routes are its own", async () => {
  const { call } = await startRecorded({ family: first, instances: [loja] });
  expect((await call("GET", "/")).body).toMatchObject({ version: "1.8.2" });
  expect((await call("POST", "/verify-creds")).status).toBe(404);
  expect((await call("POST", "/instance/restart/loja")).status).toBe(404);
  expect((await call("PUT", "/instance/restart/loja")).body).toEqual({
    instance: { instanceName: "loja", state: "open" },
  });
});

test("the list names who is connected, and one that is asked for comes alone", async () => {
  const { fake, call } = await startRecorded({
    family: first,
    instances: [loja, { name: "nova" }],
  });
  const [open, closed] = (await call("GET", "/instance/fetchInstances")).body as object[];
  expect(open).toMatchObject({
    instance: {
      instanceName: "loja",
      owner: loja.owner,
      status: "open",
      serverUrl: fake.url,
      apikey: "T1",
    },
  });
  expect(closed).not.toHaveProperty("instance.owner");
  const one = await call("GET", "/instance/fetchInstances?instanceName=loja");
  expect(one.body).toEqual(open);
  const own = await call("GET", "/instance/fetchInstances", null, { apikey: "T1" });
  expect(own.body).toEqual([open]);
  expect((await call("GET", "/instance/fetchInstances?instanceName=zzz")).status).toBe(404);
});

test("a flat webhook is stored whole, and switching it off clears the address", async () => {
  const { call } = await startRecorded({ family: first, instances: [loja] });
  const set = (body: object) => call("POST", "/webhook/set/loja", body);
  const find = async () => (await call("GET", "/webhook/find/loja")).body;
  expect(await find()).toMatchObject({ enabled: false, url: "", events: [] });
  expect(await set({ url, webhook_by_events: true, events: [] })).toMatchObject({
    status: 201,
    body: { webhook: { instanceName: "loja", webhook: { url } } },
  });
  expect(await find()).toEqual({
    enabled: true,
    url,
    events: familyConfigNames[first],
    webhook_by_events: true,
    webhook_base64: false,
  });
  expect(familyConfigNames[first]).toHaveLength(26);
  await set({ url, events: ["CALL"] });
  expect(await find()).toMatchObject({ webhook_by_events: false, events: ["CALL"] });
  await set({ url, enabled: false, events: [] });
  expect(await find()).toMatchObject({ enabled: false, url: "", events: [] });
  expect(await set({ url: "not a url", events: [] })).toMatchObject(
    refusal(400, ['Invalid "url" property']),
  );
  expect(await set({ webhook: { url } })).toMatchObject(
    refusal(400, [['instance requires property "url"']]),
  );
  expect(await set({ url, events: ["MESSAGES_EDITED"] })).toMatchObject({ status: 400 });
  expect(await set({ url })).toMatchObject({ status: 500 });
});

test("creation takes flat members and answers with the key in an object", async () => {
  const { fake, call } = await startRecorded({ family: first });
  const body = { instanceName: "nova", token: "T9", qrcode: true, webhook: url, events: ["CALL"] };
  const made = await call("POST", "/instance/create", { ...body, read_messages: true });
  expect(made).toMatchObject({
    status: 201,
    body: {
      instance: { instanceName: "nova", status: "created" },
      hash: { apikey: "T9" },
      webhook: { webhook: url, events: ["CALL"] },
      settings: { read_messages: true, groups_ignore: true },
      qrcode: { count: 1 },
    },
  });
  expect(fake.webhookOf("nova")).toMatchObject({ url, events: ["CALL"] });
  expect(await call("POST", "/instance/create", { instanceName: "b", token: "T9" })).toMatchObject(
    refusal(400, ["Token already exists"]),
  );
  expect(
    await call("POST", "/instance/create", { instanceName: "b", webhook: "x y" }),
  ).toMatchObject(refusal(400, ['Invalid "url" property in webhook']));
});

test("an open instance is not deleted, a closed one is gone at once", async () => {
  const { fake, call } = await startRecorded({ family: first, instances: [loja] });
  expect(await call("DELETE", "/instance/delete/loja")).toMatchObject(
    refusal(400, ['The "loja" instance needs to be disconnected']),
  );
  await call("DELETE", "/instance/logout/loja");
  await call("DELETE", "/instance/delete/loja");
  expect(fake.states()).toEqual({});
});

test("settings and sockets are flat", async () => {
  const { call } = await startRecorded({ family: first, instances: [loja] });
  const some = { reject_call: true, groups_ignore: false, always_online: false };
  const settings = { ...some, read_messages: false, read_status: false, sync_full_history: false };
  expect((await call("POST", "/settings/set/loja", settings)).status).toBe(201);
  expect((await call("GET", "/settings/find/loja")).body).toEqual({ ...settings, msg_call: "" });
  expect(await call("POST", "/settings/set/loja", some)).toMatchObject({ status: 400 });
  expect((await call("GET", "/websocket/find/loja")).body).toEqual({ enabled: false, events: [] });
  await call("POST", "/websocket/set/loja", { enabled: true, events: ["CALL"] });
  expect((await call("GET", "/websocket/find/loja")).body).toEqual({
    enabled: true,
    events: ["CALL"],
  });
  expect(await call("POST", "/websocket/set/loja", {})).toMatchObject(
    refusal(400, [['instance requires property "enabled"']]),
  );
});

test("texts stand in an object, and messages come as a bare list", async () => {
  const { call } = await startRecorded({ family: first, instances: [loja] });
  const text = { number: "5511900000201", textMessage: { text: "oi" } };
  const sent = await call("POST", "/message/sendText/loja", text);
  expect(sent).toMatchObject({ status: 201, body: { status: "PENDING" } });
  expect(await call("POST", "/message/sendText/loja", { number: "1", text: "oi" })).toMatchObject(
    refusal(400, [['instance requires property "textMessage"']]),
  );
  const where = { key: { remoteJid: "5511900000201@s.whatsapp.net" } };
  const found = await call("POST", "/chat/findMessages/loja", { where });
  expect(found.body).toMatchObject([{ owner: "loja", key: where.key }]);
  const other = { where: { key: { remoteJid: "nobody" } } };
  expect((await call("POST", "/chat/findMessages/loja", other)).body).toEqual([]);
});

test("before 2.3 every close is announced, and sockets ask for no key", async () => {
  for (const family of [first, "2.2"] as const) {
    const { fake } = await startRecorded({ family, instances: [loja] });
    const socket = await watchSocket(fake.url, "/");
    await fake.phone.drop("loja", 408);
    await fake.phone.open("loja");
    await socket.waitFor(3);
    expect(
      socket.events.map(([, payload]) => (payload as { data: { state: string } }).data.state),
    ).toEqual(["close", "connecting", "open"]);
    expect(fake.states()).toEqual({ loja: "open" });
  }
});

test("its webhooks go out as its own client sends them", async () => {
  const target = await startReceiver();
  onTestFinished(() => target.close());
  const { fake } = await startRecorded({ family: first, instances: [loja] });
  fake.setWebhook("loja", { url: `${target.url}/in`, events: [] });
  await fake.receive("loja", { phone: "5511900000201" });
  expect(target.requests.map(({ headers }) => headers["user-agent"])).toEqual([
    "axios/1.6.5",
    "axios/1.6.5",
  ]);
});

test("2.2 knows the names of its time", async () => {
  const { call } = await startRecorded({ family: "2.2", instances: [loja] });
  expect((await call("GET", "/")).body).toMatchObject({ version: "2.2.3" });
  const set = (events: readonly string[]) =>
    call("POST", "/webhook/set/loja", { webhook: { enabled: true, url, events } });
  expect((await set([])).body).toMatchObject({ events: familyConfigNames["2.2"] });
  expect((await set(["SEND_MESSAGE_UPDATE"])).status).toBe(400);
});
