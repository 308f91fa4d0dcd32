import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../api/testing/answering-server.ts";
import { apiFor, recording, replay, startEvolution } from "../testing/recordings.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

/** Everything asked for but the version. */
function asked(): [string, unknown][] {
  return server.requests
    .filter(({ path }) => path !== "/")
    .map(({ method, path, body }) => [`${method} ${path}`, body]);
}

const url = "http://127.0.0.1:18200/acme";

describe("making an instance", () => {
  test("sends the recorded body and gives its id, state and token", async () => {
    replay(server, "create-minimal");
    const created = await apiFor(server).createInstance("min1");
    expect(asked()).toEqual([
      [
        "POST /instance/create",
        { ...(recording("create-minimal").request.body as object), qrcode: false },
      ],
    ]);
    expect(created).toEqual({
      instance: {
        name: "min1",
        id: "12110282-efbd-40a2-8d8e-b8fc41728dca",
        state: "close",
        providerState: "close",
        integration: "WHATSAPP-BAILEYS",
      },
      token: "E93A5170-F5D8-4F3C-BF6C-EDEDF9670FDE",
    });
  });

  test("with everything sends exactly the recorded body, and reads the webhook back", async () => {
    replay(server, "create-full", "webhook-find-after-create");
    const created = await apiFor(server).createInstanceWithWebhook(
      "acme-sales",
      {
        url,
        webhook_base64: true,
        headers: { "x-tenant": "acme", authorization: "Bearer static-secret" },
      },
      {
        token: "INSTANCE-TOKEN-0001",
        websocket: true,
        settings: {
          rejectCall: false,
          groupsIgnore: false,
          alwaysOnline: false,
          readMessages: false,
          readStatus: false,
          syncFullHistory: false,
        },
      },
    );
    expect(asked()).toEqual([
      ["POST /instance/create", recording("create-full").request.body],
      ["GET /webhook/find/acme-sales", null],
    ]);
    expect(created).toMatchObject({ token: "INSTANCE-TOKEN-0001", webhook: { differences: [] } });
  });

  test("of another channel that is open at once says so", async () => {
    replay(server, "create-evolution-channel");
    const created = await apiFor(server).createInstance("evochan", {
      integration: "EVOLUTION",
      number: "5511900000001",
      token: "EVOCHAN-TOKEN",
    });
    expect(created.instance).toMatchObject({ state: "open", integration: "EVOLUTION" });
  });

  test("stores the name of group changes that is really delivered", async () => {
    replay(server, "create-full");
    server.on("GET", "/webhook/find/acme-sales", {
      body: {
        url,
        enabled: true,
        events: ["GROUP_UPDATE", "GROUPS_UPDATE"],
        webhookByEvents: false,
        webhookBase64: false,
      },
    });
    const created = await apiFor(server).createInstanceWithWebhook("acme-sales", {
      url,
      events: ["groups.update"],
    });
    expect(asked()).toMatchObject([
      ["POST /instance/create", { webhook: { events: ["GROUP_UPDATE", "GROUPS_UPDATE"] } }],
      ["GET /webhook/find/acme-sales", null],
    ]);
    expect(created.webhook?.differences).toEqual([]);
  });

  test("sets the webhook again where the server stored another one", async () => {
    replay(server, "create-full");
    const stored = { url, events: ["CALL"], webhookByEvents: false, webhookBase64: false };
    server.on(
      "GET",
      "/webhook/find/acme-sales",
      { body: { ...stored, enabled: true } },
      { body: { ...stored, enabled: false, events: [] } },
    );
    server.on("POST", "/webhook/set/acme-sales", { status: 201, body: {} });
    const created = await apiFor(server).createInstanceWithWebhook("acme-sales", {
      url,
      enabled: false,
      events: ["CALL"],
    });
    expect(asked().map(([call]) => call)).toEqual([
      "POST /instance/create",
      "GET /webhook/find/acme-sales",
      "POST /webhook/set/acme-sales",
      "GET /webhook/find/acme-sales",
    ]);
    expect(created.webhook).toMatchObject({ webhook: { enabled: false }, differences: [] });
  });

  test("does not lose the token when the webhook fails afterwards", async () => {
    replay(server, "create-full");
    server.on("GET", "/webhook/find/acme-sales", {
      status: 500,
      body: { status: 500, response: { message: "boom" } },
    });
    const created = await apiFor(server).createInstanceWithWebhook("acme-sales", { url });
    expect(created).toMatchObject({
      token: "INSTANCE-TOKEN-0001",
      webhookFailure: { code: "provider_failed" },
    });
  });

  test("with a code gives it", async () => {
    const { response } = recording("create-minimal");
    const qrcode = {
      pairingCode: null,
      code: "2@abc",
      base64: "data:image/png;base64,AAAA",
      count: 1,
    };
    server.on("POST", "/instance/create", {
      status: 201,
      body: { ...(response.body as object), qrcode },
    });
    const created = await apiFor(server).createInstance("min1", { qrcode: true });
    expect(created.connection).toEqual({
      kind: "code",
      code: "2@abc",
      image: qrcode.base64,
      attempts: 1,
    });
  });

  test("on version 1 has flat members, and its token is inside an object", async () => {
    server.on("POST", "/instance/create", {
      status: 201,
      body: {
        instance: { instanceName: "a", status: "created" },
        hash: { apikey: "V1-TOKEN" },
        qrcode: { code: "2@x", base64: "", count: 1 },
      },
    });
    server.on("GET", "/webhook/find/a", {
      body: {
        enabled: true,
        url,
        webhook_by_events: false,
        webhook_base64: false,
        events: ["CALL"],
      },
    });
    const created = await apiFor(server, { version: "1.8.2" }).createInstance("a", {
      qrcode: true,
      websocket: true,
      settings: { rejectCall: true },
      webhook: { url, events: ["CALL"] },
    });
    expect(asked()[0]?.[1]).toEqual({
      instanceName: "a",
      integration: "WHATSAPP-BAILEYS",
      qrcode: true,
      reject_call: true,
      webhook: url,
      webhook_by_events: false,
      webhook_base64: false,
      events: ["CALL"],
      websocket_enabled: true,
      websocket_events: [],
    });
    expect(created).toMatchObject({ token: "V1-TOKEN", instance: { name: "a", state: "close" } });
  });

  test.each([
    ["create-duplicate", "conflict", "already in use"],
    ["create-bad-key", "unauthorised", "Unauthorized"],
    ["create-no-integration", "invalid_request", "Invalid integration"],
    ["create-webhook-no-events", "invalid_request", "Cannot read properties"],
  ])("that fails as in %s is %s", async (name, code, words) => {
    replay(server, name);
    await expect(apiFor(server).createInstance("x")).rejects.toMatchObject({
      code,
      providerMessage: expect.stringContaining(words) as string,
    });
  });

  test("is never sent twice", async () => {
    server.on("POST", "/instance/create", { status: 502, body: "<html>" });
    await expect(apiFor(server).createInstance("x")).rejects.toMatchObject({
      code: "provider_failed",
    });
    server.on("POST", "/instance/create", { fault: "reset" });
    await expect(apiFor(server).createInstance("x")).rejects.toMatchObject({ code: "unreachable" });
    expect(asked()).toHaveLength(2);
  });

  test("under a name that no later call could say is refused here", async () => {
    for (const name of ["", " ", ".", "..", "\uD800"]) {
      await expect(apiFor(server).createInstance(name)).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    expect(server.requests).toEqual([]);
  });

  test("keeps the token, the webhook's address and its headers out of errors", async () => {
    const secrets = ["NEW-TOKEN-0001", "https://h.example/in/tok_1234567", "Bearer top-secret"];
    server.on("POST", "/instance/create", ({ body }) => ({
      status: 400,
      body: { status: 400, response: { message: [`cannot use ${JSON.stringify(body)}`] } },
    }));
    const [token = "", address = "", authorization = ""] = secrets;
    const error: unknown = await apiFor(server)
      .createInstanceWithWebhook("x", { url: address, headers: { authorization } }, { token })
      .catch((reason: unknown) => reason);
    const all = `${inspect(error, { depth: null, showHidden: true })}${JSON.stringify(error)}`;
    expect(all).toContain("cannot use");
    for (const secret of secrets) expect(all).not.toContain(secret);
  });
});
