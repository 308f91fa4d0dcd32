import { describe, expect, test } from "vitest";
import { evolutionConfigNames } from "../evolution-event-names.ts";
import { startRecorded } from "../testing/recordings.ts";

const open = {
  name: "loja",
  token: "TOKEN-LOJA",
  owner: "5511900000100@s.whatsapp.net",
  number: "5511900000100",
};
const refusal = (status: number, message: unknown) => ({
  status,
  body: { status, response: { message } },
});
const url = "http://127.0.0.1:1/in";

describe("who may call", () => {
  test("a token opens its own instance", async () => {
    const { call } = await startRecorded({ instances: [open, { name: "outra", token: "T2" }] });
    const own = { apikey: "TOKEN-LOJA" };
    expect((await call("GET", "/webhook/find/loja", null, own)).status).toBe(200);
    expect(await call("GET", "/webhook/find/outra", null, own)).toMatchObject(
      refusal(401, "Unauthorized"),
    );
    const list = await call("GET", "/instance/fetchInstances", null, own);
    expect(list.body).toMatchObject([{ name: "loja" }]);
    const other = "/instance/fetchInstances?instanceName=outra";
    expect(await call("GET", other, null, own)).toMatchObject(refusal(401, "Unauthorized"));
  });

  test.each([
    ["POST", "/verify-creds", 401],
    ["POST", "/instance/create", 401],
    ["GET", "/instance/fetchInstances", 401],
    ["GET", "/webhook/find/loja", 401],
    ["GET", "/webhook/find/nobody", 404],
    ["GET", "/nothing", 404],
    ["GET", "/webhook/find/", 404],
    ["GET", "/", 200],
  ])("%s %s with a wrong key answers %d", async (method, path, status) => {
    const { call } = await startRecorded({ instances: [open] });
    for (const headers of [{}, { apikey: "" }, { apikey: "wrong" }, { authorization: "Bearer x" }])
      expect((await call(method, path, null, headers)).status).toBe(status);
  });

  test("a taken name answers 403 before the key is looked at", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const answer = await call("POST", "/instance/create", { instanceName: "loja" }, {});
    expect(answer).toMatchObject(refusal(403, ['This name "loja" is already in use.']));
  });

  test("a key that was changed opens nothing any more", async () => {
    const { fake, call } = await startRecorded({ instances: [open] });
    fake.trouble.setApikey("NEW");
    expect((await call("GET", "/instance/fetchInstances")).status).toBe(401);
    expect((await call("POST", "/verify-creds", null, { apikey: "NEW" })).status).toBe(200);
  });

  test("a name is decoded from the path, and a body without a JSON type is not read", async () => {
    const { call } = await startRecorded({ instances: [{ name: "loja/são josé" }] });
    const path = `/webhook/set/${encodeURIComponent("loja/são josé")}`;
    const webhook = { enabled: true, url, events: [] };
    const key = { apikey: "GLOBAL-KEY-0001" };
    expect((await call("POST", path, { webhook })).status).toBe(201);
    expect(
      await call("POST", path, { webhook }, { ...key, "content-type": "text/plain" }),
    ).toMatchObject(refusal(400, [['instance requires property "webhook"']]));
  });
});

describe("creation", () => {
  test.each<[object, string | readonly string[]]>([
    [{ instanceName: 5 }, ["instanceName is not of a type(s) string"]],
    [{ instanceName: "" }, ['The "instanceName" cannot be empty']],
    [
      { instanceName: "x", token: 1, qrcode: "yes" },
      ["token is not of a type(s) string", "qrcode is not of a type(s) boolean"],
    ],
    [
      { instanceName: "x", number: "+55" },
      ['number does not match pattern "^\\\\d+[\\\\.@\\\\w-]+"'],
    ],
    [{ instanceName: "x", integration: "WHATSAPP" }, "Invalid integration"],
    [{ instanceName: "x", integration: "WHATSAPP-BUSINESS" }, "number is required"],
    [
      { instanceName: "x", integration: "EVOLUTION", websocket: { enabled: true } },
      "Cannot read properties of undefined (reading 'length')",
    ],
  ])("%j is refused", async (body, complaint) => {
    const { call } = await startRecorded();
    expect(await call("POST", "/instance/create", body)).toMatchObject(refusal(400, [complaint]));
    expect((await call("GET", "/instance/fetchInstances")).body).toEqual([]);
  });

  test("with qrcode it answers with the first code, and the instance waits for the scan", async () => {
    const { fake, call } = await startRecorded();
    const body = { instanceName: "nova", integration: "WHATSAPP-BAILEYS", qrcode: true };
    const answer = await call("POST", "/instance/create", { ...body, number: "5511900000777" });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        qrcode: {
          count: 1,
          code: expect.stringMatching(/^2@/),
          pairingCode: expect.stringMatching(/^\w{8}$/),
        },
      },
    });
    expect(fake.states()).toEqual({ nova: "connecting" });
  });

  test("a switched-off webhook and its events are stored as given but enabled", async () => {
    const { fake, call } = await startRecorded();
    const webhook = { enabled: false, url, events: ["NOT_AN_EVENT"] };
    const body = { instanceName: "x", integration: "WHATSAPP-BAILEYS", webhook };
    await call("POST", "/instance/create", body);
    expect(fake.webhookOf("x")).toMatchObject({ enabled: true, events: ["NOT_AN_EVENT"] });
  });
});

describe("configuration", () => {
  const webhook = { enabled: true, url, events: ["CALL"] };
  test.each<[object, readonly string[]]>([
    [{}, ['instance requires property "webhook"']],
    [{ webhook: null }, ["webhook is not of a type(s) object"]],
    [{ webhook: { ...webhook, enabled: "true" } }, ["webhook.enabled is not of a type(s) boolean"]],
    [{ webhook: { ...webhook, headers: ["x"] } }, ["webhook.headers is not of a type(s) object"]],
    [{ webhook: { ...webhook, events: null } }, ["webhook.events is not of a type(s) array"]],
    [
      { webhook: { url: 5 } },
      ["webhook.url is not of a type(s) string", 'webhook requires property "enabled"'],
    ],
  ])("a webhook of %j is refused", async (body, complaints) => {
    const { fake, call } = await startRecorded({ instances: [open] });
    expect(await call("POST", "/webhook/set/loja", body)).toMatchObject(refusal(400, [complaints]));
    expect(fake.webhookOf("loja")).toBeUndefined();
  });

  test("an empty address is stored when the body says more than enabled and url", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const off = { enabled: false, url: "", events: [] };
    const answer = await call("POST", "/webhook/set/loja", { webhook: off });
    expect(answer).toMatchObject({ status: 201, body: { url: "", events: [] } });
  });

  test("the sockets' set refuses, crashes and stores as the webhook's does", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const set = (body: object) => call("POST", "/websocket/set/loja", body);
    expect(await set({})).toMatchObject(
      refusal(500, "Cannot set properties of undefined (setting 'events')"),
    );
    expect(await set({ websocket: { enabled: true, events: ["x"] } })).toMatchObject(
      refusal(400, [
        [`websocket.events[0] is not one of enum values: ${evolutionConfigNames.join(",")}`],
      ]),
    );
    expect(await set({ websocket: { events: [] } })).toMatchObject(
      refusal(400, [['websocket requires property "enabled"']]),
    );
    const all = await set({ websocket: { enabled: true, events: [] } });
    expect(all).toMatchObject({ status: 201, body: { events: evolutionConfigNames } });
    expect((await call("GET", "/websocket/find/loja")).body).toEqual(all.body);
  });

  test("a feature that is off answers with nothing", async () => {
    const { call } = await startRecorded({ instances: [open], websocket: false });
    for (const feature of ["websocket", "rabbitmq", "nats", "sqs"]) {
      const body = { [feature]: { enabled: true, events: [] } };
      expect(await call("POST", `/${feature}/set/loja`, body)).toEqual({ status: 201, body: "" });
      expect(await call("GET", `/${feature}/find/loja`)).toEqual({ status: 200, body: "" });
    }
    const wrong = { rabbitmq: { events: [] } };
    expect(await call("POST", "/rabbitmq/set/loja", wrong)).toMatchObject({ status: 400 });
  });

  test("settings need every switch", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const switches = { groupsIgnore: true, alwaysOnline: false, readMessages: false };
    const settings = { ...switches, readStatus: false, syncFullHistory: false };
    expect(await call("POST", "/settings/set/loja", settings)).toMatchObject(
      refusal(400, [['instance requires property "rejectCall"']]),
    );
    const full = { ...settings, rejectCall: true };
    expect((await call("POST", "/settings/set/loja", full)).status).toBe(201);
    expect((await call("GET", "/settings/find/loja")).body).toMatchObject({ ...full, msgCall: "" });
  });

  test("an instance from the query that is unknown is a crash for what writes and nothing for what reads", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const path = "/webhook/find/loja?instanceName=nobody";
    expect(await call("GET", path)).toEqual({ status: 200, body: null });
    const set = await call("POST", "/webhook/set/loja?instanceName=nobody", { webhook });
    expect(set.status).toBe(500);
  });
});

describe("instances", () => {
  test("the list can be asked for a name, an id or a number", async () => {
    const { fake, call } = await startRecorded({ instances: [open, { name: "outra" }] });
    const list = async (query: string) => call("GET", `/instance/fetchInstances?${query}`);
    expect((await list("instanceName=loja")).body).toMatchObject([{ name: "loja" }]);
    expect((await list(`instanceId=${fake.idOf("outra")}`)).body).toMatchObject([
      { name: "outra" },
    ]);
    expect((await list(`number=${open.number}`)).body).toMatchObject([{ name: "loja" }]);
    expect(await list("number=1")).toMatchObject(refusal(404, ['Instance "1" not found']));
  });

  test("connect, restart and logout of a connected number", async () => {
    const { fake, call } = await startRecorded({ instances: [open] });
    const state = { instance: { instanceName: "loja", state: "open" } };
    expect((await call("GET", "/instance/connect/loja")).body).toEqual(state);
    expect((await call("POST", "/instance/restart/loja")).body).toEqual({
      instance: { instanceName: "loja", status: "open" },
    });
    expect(await call("DELETE", "/instance/logout/loja")).toEqual({
      status: 200,
      body: { status: "SUCCESS", error: false, response: { message: "Instance logged out" } },
    });
    expect(fake.states()).toEqual({ loja: "close" });
    const [row] = (await call("GET", "/instance/fetchInstances")).body as object[];
    expect(row).toMatchObject({ connectionStatus: "close", disconnectionReasonCode: 401 });
  });

  test("a name is free once, also the one that is left out", async () => {
    const { call } = await startRecorded({ instances: [] });
    const body = { integration: "EVOLUTION" };
    expect((await call("POST", "/instance/create", body)).status).toBe(201);
    for (const again of [body, { ...body, instanceName: "" }])
      expect(await call("POST", "/instance/create", again)).toMatchObject({
        status: 403,
        body: { response: { message: ['This name "" is already in use.'] } },
      });
  });

  test("a deleted instance leaves its name free", async () => {
    const { fake, call } = await startRecorded({ instances: [open] });
    const answer = await call("DELETE", "/instance/delete/loja");
    expect(answer.body).toMatchObject({ response: { message: "Instance deleted" } });
    await fake.idle();
    expect((await call("GET", "/instance/connectionState/loja")).status).toBe(404);
    const again = { instanceName: "loja", integration: "WHATSAPP-BAILEYS" };
    expect((await call("POST", "/instance/create", again)).status).toBe(201);
  });
});

describe("messages", () => {
  test("what is sent is answered, stored and found", async () => {
    const { fake, call } = await startRecorded({
      instances: [open],
      absentNumbers: ["5511900000999"],
    });
    const sent = await call("POST", "/message/sendText/loja", {
      number: "5511900000201",
      text: "oi",
    });
    const key = { remoteJid: "5511900000201@s.whatsapp.net", fromMe: true };
    expect(sent).toMatchObject({
      status: 201,
      body: { key, status: "PENDING", message: { conversation: "oi" } },
    });
    const found = await call("POST", "/chat/findMessages/loja", {
      where: { key: { fromMe: true } },
    });
    expect(found.body).toMatchObject({ messages: { total: 1, records: [{ key }] } });
    const unknown = await call("POST", "/message/sendText/loja", {
      number: "5511900000999",
      text: "oi",
    });
    expect(unknown).toMatchObject(
      refusal(400, [
        { jid: "5511900000999@s.whatsapp.net", exists: false, number: "5511900000999" },
      ]),
    );
    expect(await call("POST", "/message/sendText/loja", { text: "oi" })).toMatchObject(
      refusal(400, [['instance requires property "number"']]),
    );
    expect(fake.messages("loja")).toHaveLength(1);
  });

  test("a file is fetched by its message, and other messages have none", async () => {
    const { call } = await startRecorded({ instances: [open] });
    const media = {
      number: "5511900000201",
      mediatype: "image",
      mimetype: "image/png",
      media: "x",
    };
    const sent = await call("POST", "/message/sendMedia/loja", media);
    const { key } = sent.body as { key: object };
    const path = "/chat/getBase64FromMediaMessage/loja";
    const file = await call("POST", path, { message: { key } });
    expect(file).toMatchObject({
      status: 201,
      body: { mimetype: "image/png", mediaType: "imageMessage" },
    });
    expect(await call("POST", path, { message: { key } })).toEqual(file);
    expect(await call("POST", path, { message: { key: { id: "none" } } })).toMatchObject(
      refusal(400, ["Message not found"]),
    );
  });
});
