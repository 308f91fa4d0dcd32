import { describe, expect, it } from "vitest";
import { apiKey, wahaThatSays } from "../testing/answer-server.ts";
import { jsonAnswer, recordedAnswer, recordedCall } from "../testing/recorded-answer.ts";
import type { WahaApi } from "./index.ts";

const webhookUrl = "http://127.0.0.1:18601/ok/all";
const storedWebhook = {
  url: webhookUrl,
  enabled: true,
  events: ["*", "engine.event", "state.change"],
  retries: { policy: "constant", delaySeconds: 1, attempts: 3 },
  hmac: { key: "********" },
  customHeaders: [
    { name: "X-Recado-Tenant", value: "********" },
    { name: "Authorization", value: "********" },
  ],
  headers: { "X-Recado-Tenant": "********", Authorization: "********" },
};
const account = {
  jid: "5511900000101@s.whatsapp.net",
  phone: "5511900000101",
  lid: "111000000000101@lid",
  name: "Loja Teste",
};
const session = {
  name: "default",
  keepsMessages: true,
  metadata: { "tenant.id": "t-001", "tenant.name": "Padaria Exemplo" },
  engine: "NOWEB",
};
const stored = (status: string, state: string) =>
  expect.objectContaining({ ...session, status, state });

/** The recording whose request must be made as it is, what makes it, and what comes out. */
const calls: readonly (readonly [string, (api: WahaApi) => Promise<unknown>, unknown])[] = [
  [
    "version",
    (api) => api.server(),
    {
      provider: "waha",
      version: "2026.2.1",
      engine: "NOWEB",
      tier: "CORE",
      platform: "linux/x64",
      workerId: "waha-1",
    },
  ],
  ["sessions-list-all-deleted", (api) => api.sessions(), []],
  [
    "sessions-list-all-stopped",
    (api) => api.sessions(),
    [
      {
        name: "default",
        status: "STOPPED",
        state: "close",
        reason: "stopped",
        keepsMessages: false,
        metadata: {},
        webhooks: [],
      },
    ],
  ],
  [
    "sessions-list-many-current",
    (api) => api.sessions(),
    [
      expect.objectContaining({ name: "loja-01", state: "open", account }),
      expect.objectContaining({ name: "loja-02", state: "connecting" }),
      expect.objectContaining({ name: "loja-03", state: "close", reason: "stopped" }),
      expect.objectContaining({ name: "loja-04", state: "connecting", status: "PASSKEY_REQUIRED" }),
    ],
  ],
  [
    "session-get-working",
    (api) => api.session("default"),
    { ...session, status: "WORKING", state: "open", account, webhooks: [storedWebhook] },
  ],
  ["session-get-scan-qr", (api) => api.session("default"), stored("SCAN_QR_CODE", "connecting")],
  ["session-get-starting", (api) => api.session("default"), stored("STARTING", "connecting")],
  ["session-get-failed", (api) => api.session("default"), stored("FAILED", "close")],
  [
    "session-get-config-wiped",
    (api) => api.session("default"),
    expect.objectContaining({ status: "STOPPED", webhooks: [], keepsMessages: false }),
  ],
  ["session-get-config-wiped", (api) => api.sessionConfig("default"), {}],
  [
    "sessions-list-all-stopped",
    async (api) => [...(await api.sessionConfigs())],
    [["default", {}]],
  ],
  [
    "sessions-list-many-current",
    async (api) => (await api.sessionConfigs()).get("loja-02"),
    expect.objectContaining({
      webhooks: [expect.objectContaining({ hmac: { key: "recado-fixture-hmac-key" } })],
    }),
  ],
  ["session-get-stopped", (api) => api.getWebhook("default"), { webhook: null }],
  ["session-get-working", (api) => api.getWebhook("default"), { webhook: storedWebhook }],
  [
    "session-create-and-start",
    (api) =>
      api.createSession("default", {
        config: {
          metadata: { "tenant.id": "t-001", "tenant.name": "Padaria Exemplo" },
          debug: false,
          noweb: { store: { enabled: true, fullSync: false } },
          webhooks: [{ url: "http://127.0.0.1:18601/ok/first", events: ["session.status"] }],
        },
      }),
    stored("STARTING", "connecting"),
  ],
  [
    "session-create-named-current",
    (api) =>
      api.createSession("loja-01", {
        config: { metadata: { "tenant.id": "t-001" } },
        webhook: {
          url: "https://gateway.example.com/in/waha/loja-01",
          events: ["SESSION_STATUS", "message", "message-any", "message.ack"],
          hmac: "recado-fixture-hmac-key",
          retries: { policy: "exponential", attempts: 15 },
          headers: { "X-Recado-Tenant": "t-001" },
        },
      }),
    expect.objectContaining({ name: "loja-01", status: "STARTING" }),
  ],
  ["session-start", (api) => api.startSession("default"), stored("STARTING", "connecting")],
  [
    "session-stop",
    (api) => api.stopSession("default"),
    expect.objectContaining({ status: "STOPPED" }),
  ],
  [
    "session-stop-again",
    (api) => api.stopSession("default"),
    expect.objectContaining({ status: "STOPPED" }),
  ],
  ["session-stop-deleted", (api) => api.stopSession("default"), undefined],
  ["session-restart", (api) => api.restartSession("default"), stored("STARTING", "connecting")],
  [
    "session-logout-working",
    (api) => api.logoutSession("default"),
    stored("STARTING", "connecting"),
  ],
  ["session-delete", (api) => api.deleteSession("default"), undefined],
  ["session-delete-again", (api) => api.deleteSession("default"), undefined],
  ["me-working", (api) => api.account("default"), account],
  ["me-null", (api) => api.account("default"), undefined],
  ["request-code", (api) => api.pairingCode("default", "+55 (11) 90000-0101"), "ABCD-1234"],
  ["contact-get", (api) => api.contact("default", "5511900000009@c.us"), undefined],
  [
    "contact-get-found",
    (api) => api.contact("default", "5511900000009@c.us"),
    {
      jid: "5511900000009@s.whatsapp.net",
      phone: "5511900000009",
      name: "Maria Teste",
      pushName: "Maria Teste",
    },
  ],
  [
    "contact-check-exists",
    (api) => api.findOnWhatsApp("default", "+5511900000009"),
    "5511900000009@s.whatsapp.net",
  ],
  ["contact-check-exists-no", (api) => api.findOnWhatsApp("default", "5511900000999"), undefined],
  ["contact-profile-picture", (api) => api.profilePicture("default", "5511900000009"), undefined],
  [
    "lid-found",
    (api) => api.phoneOfLid("default", "222000000000009@lid"),
    {
      lid: "222000000000009@lid",
      jid: "5511900000009@s.whatsapp.net",
      phone: "5511900000009",
    },
  ],
  [
    "lid-number-only",
    (api) => api.phoneOfLid("default", "222000000000009"),
    expect.objectContaining({ phone: "5511900000009" }),
  ],
  [
    "lid-not-found",
    (api) => api.phoneOfLid("default", "999999999999999@lid"),
    { lid: "999999999999999@lid" },
  ],
  [
    "lid-by-pn",
    (api) => api.lidOfPhone("default", "5511900000009"),
    expect.objectContaining({ lid: "222000000000009@lid" }),
  ],
  [
    "lid-by-pn-not-found",
    (api) => api.lidOfPhone("default", "5511900000999@c.us"),
    { jid: "5511900000999@s.whatsapp.net", phone: "5511900000999" },
  ],
  [
    "message-by-id",
    (api) =>
      api.message("default", "5511900000009@c.us", "false_5511900000009@c.us_3EB0RECADO0000000001"),
    expect.objectContaining({ waId: "3EB0RECADO0000000001", fromMe: false, sentAt: 1795561061000 }),
  ],
  [
    "message-by-id-plain",
    (api) => api.message("default", "5511900000009@c.us", "3EB0RECADO0000000001"),
    expect.objectContaining({ chatId: "5511900000009@s.whatsapp.net" }),
  ],
  [
    "file-download",
    (api) =>
      api.downloadMedia("http://localhost:18600/api/files/default/3EB0RECADO0000000005.jpeg"),
    { bytes: expect.objectContaining({ length: 70 }), mimeType: "image/jpeg" },
  ],
];

describe("each call is made as it was recorded, and its answer is read", () => {
  it.each(calls)("%s", async (name, act, expected) => {
    const { api, requests } = await wahaThatSays([recordedAnswer(name)]);
    expect(await act(api)).toEqual(expected);
    const { method, path, body } = recordedCall(name).request;
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method, url: path });
    expect(requests[0]?.body ?? null).toEqual(body);
    expect(requests[0]?.headers["x-api-key"]).toBe(apiKey);
    expect(requests[0]?.headers["authorization"]).toBeUndefined();
  });
});

describe("pages", () => {
  it.each([
    [
      "lids-list",
      "/api/default/lids?limit=10&offset=0",
      (api: WahaApi) => api.lids("default", { limit: 10 }),
    ],
    [
      "contacts-all",
      "/api/contacts/all?session=default&limit=2&offset=4",
      (api: WahaApi) => api.contacts("default", { limit: 2, offset: 4 }),
    ],
    [
      "chats",
      "/api/default/chats?limit=2&offset=0&sortBy=conversationTimestamp&sortOrder=desc",
      (api: WahaApi) => api.chats("default", { limit: 2 }),
    ],
  ])("%s says which part it wants", async (name, url, act) => {
    const { api, requests } = await wahaThatSays([recordedAnswer(name)]);
    const list = await act(api);
    expect(list).toHaveLength((recordedCall(name).response.body as unknown[]).length);
    expect(requests[0]).toMatchObject({ method: "GET", url });
  });

  it("reads a list that the engine writes as an object, and skips what is nothing", async () => {
    const { api } = await wahaThatSays([
      jsonAnswer({ a: { id: "5511900000009@c.us", notify: "Maria" }, b: null, c: { id: 5 } }),
    ]);
    expect(await api.contacts("default")).toEqual([
      { jid: "5511900000009@s.whatsapp.net", phone: "5511900000009", pushName: "Maria" },
    ]);
  });

  it("reads chats of every engine", async () => {
    const { api } = await wahaThatSays([
      jsonAnswer([
        { id: "5511900000009@c.us", name: "Maria", conversationTimestamp: 1795561099 },
        { id: { _serialized: "120363000000000001@g.us" }, timestamp: 1795561098 },
      ]),
    ]);
    expect(await api.chats("default")).toEqual([
      { id: "5511900000009@s.whatsapp.net", name: "Maria", lastMessageAt: 1795561099000 },
      { id: "120363000000000001@g.us", lastMessageAt: 1795561098000 },
    ]);
  });
});

describe("QR codes", () => {
  it("come as text and as a picture", async () => {
    const { api, requests } = await wahaThatSays([
      recordedAnswer("qr-raw"),
      recordedAnswer("qr-base64"),
    ]);
    const { code, image } = await api.qrCode("default");
    expect(code).toMatch(/^2@recadoQRFIRST/);
    expect(image).toMatch(/^data:image\/png;base64,iVBOR/);
    expect(requests.map(({ url }) => url)).toEqual([
      "/api/default/auth/qr?format=raw",
      "/api/default/auth/qr?format=image",
    ]);
    expect(requests[1]?.headers["accept"]).toBe("application/json");
  });

  it("are read from bytes too", async () => {
    const { api } = await wahaThatSays([recordedAnswer("qr-raw"), recordedAnswer("qr-binary")]);
    const { image } = await api.qrCode("default");
    expect(Buffer.from(image.split(",")[1] ?? "", "base64")).toHaveLength(4174);
  });

  it.each([
    ["a page", { mimetype: "text/html", data: "PGI+" }],
    ["a drawing that can hold a script", { mimetype: "image/svg+xml", data: "PGI+" }],
    ["something that is not base64", { mimetype: "image/png", data: 'x" onerror="' }],
    ["nothing", {}],
  ])("are refused when the picture is %s", async (_, picture) => {
    const { api } = await wahaThatSays([recordedAnswer("qr-raw"), jsonAnswer(picture)]);
    await expect(api.qrCode("default")).rejects.toMatchObject({ code: "unexpected_answer" });
  });
});

describe("sessions", () => {
  it("are left alone when they run already", async () => {
    const { api, requests } = await wahaThatSays([
      recordedAnswer("err-422-start-twice"),
      recordedAnswer("session-get-working"),
    ]);
    expect(await api.startSession("default")).toMatchObject({ state: "open" });
    expect(requests).toHaveLength(2);
  });

  it("are looked for when creating one was answered with nothing", async () => {
    const { api } = await wahaThatSays([
      recordedAnswer("session-create-stopped-after-delete-quirk"),
      recordedAnswer("err-404-session-get-deleted"),
    ]);
    await expect(api.createSession("default", { start: false })).rejects.toMatchObject({
      code: "unexpected_answer",
      call: "POST /api/sessions",
    });
    const found = await wahaThatSays([
      recordedAnswer("session-create-stopped-after-delete-quirk"),
      recordedAnswer("session-get-stopped"),
    ]);
    expect(await found.api.createSession("default", { start: false })).toMatchObject({
      status: "STOPPED",
    });
  });

  it("are created without the events that the server does not know", async () => {
    const { api, requests } = await wahaThatSays([
      recordedAnswer("err-400-webhook-unknown-event"),
      recordedAnswer("session-create-named-current"),
    ]);
    const webhook = {
      url: "https://gateway.example.com/in",
      events: ["message", "group.v2.participants.join-request"],
    };
    await api.createSession("loja-01", { webhook });
    expect(requests[1]?.body).toMatchObject({ config: { webhooks: [{ events: ["message"] }] } });
  });

  it("are named as they are called, whatever the name", async () => {
    for (const name of ["a/b", "loja nº 1", "é", "a?b#c", "%2e%2e", "../sessions", "..;"]) {
      const { api, requests } = await wahaThatSays([recordedAnswer("session-get-working")]);
      await api.session(name);
      expect(requests[0]?.url).toBe(`/api/sessions/${encodeURIComponent(name)}`);
    }
  });

  it.each(["", ".", "..", "\ud800"])(
    "with the impossible name %j are not asked for",
    async (name) => {
      const { api, requests } = await wahaThatSays([]);
      const acts = [
        api.session(name),
        api.deleteSession(name),
        api.stopSession(name),
        api.setWebhook(name, { url: "https://gateway.example.com/in" }),
        api.deleteWebhook(name),
        api.qrCode(name),
        api.account(name),
        api.messagesSince(name, { sinceMs: 0, untilMs: 1 }),
      ];
      for (const act of acts) await expect(act).rejects.toMatchObject({ code: "invalid_request" });
      expect(requests).toEqual([]);
    },
  );
});

describe("a server", () => {
  it("of before 2024 tells its version elsewhere", async () => {
    const { api } = await wahaThatSays([
      recordedAnswer("err-404-route"),
      recordedAnswer("version-legacy"),
    ]);
    expect(await api.server()).toMatchObject({ version: "2026.2.1" });
  });

  it("of another kind is recognised as such", async () => {
    const { api } = await wahaThatSays([
      jsonAnswer({ status: 200, message: "Welcome to the Evolution API", version: "2.3.7" }),
    ]);
    await expect(api.server()).rejects.toMatchObject({ code: "unexpected_answer" });
  });
});
