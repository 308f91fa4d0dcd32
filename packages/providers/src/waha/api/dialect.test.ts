import { describe, expect, it } from "vitest";
import { instantTiming } from "../../api/testing/instant-timing.ts";
import { wahaThatSays, type Reply } from "../testing/answer-server.ts";
import {
  jsonAnswer,
  recordedAnswer,
  recordedCall,
  recordedNames,
} from "../testing/recorded-answer.ts";
import type { WahaApi } from "./index.ts";

const chat = "5511900000009@c.us";
const span = { sinceMs: 1_795_561_092_000, untilMs: 1_795_561_095_000 };
const hook = { url: "https://gateway.example.com/in" };
const session = (api: WahaApi) => api.session("default");
const messages = (api: WahaApi) => api.messagesSince("default", span);
const file = (api: WahaApi) => api.downloadMedia("/api/files/default/naoexiste.jpg");
const qr = (api: WahaApi) => api.qrCode("default");
const code = (api: WahaApi) => api.pairingCode("default", "5511900000101");

/** Every refusal that was recorded, a call that meets it, and what it means. */
const refusals: Readonly<Record<string, readonly [(api: WahaApi) => Promise<unknown>, string]>> = {
  "err-400-malformed-json": [(api) => api.createSession("default"), "invalid_request"],
  "err-400-messages-filter-ack": [messages, "invalid_request"],
  "err-400-messages-limit": [messages, "invalid_request"],
  "err-400-webhook-bad-url": [
    (api) => api.createSession("default", { webhook: hook }),
    "invalid_request",
  ],
  "err-400-webhook-no-events": [
    (api) => api.replaceSessionConfig("default", {}),
    "invalid_request",
  ],
  "err-400-webhook-retry-policy": [
    (api) => api.replaceSessionConfig("default", {}),
    "invalid_request",
  ],
  "err-400-webhook-unknown-event": [
    (api) => api.replaceSessionConfig("default", {}),
    "invalid_request",
  ],
  "err-401-authorization-bearer": [session, "unauthorised"],
  "err-401-file-no-key": [file, "unauthorised"],
  "err-401-no-key": [(api) => api.sessions(), "unauthorised"],
  "err-401-query-key-before-2026-4": [(api) => api.sessions(), "unauthorised"],
  "err-401-wrong-key": [(api) => api.server(), "unauthorised"],
  "err-403-session-key": [messages, "forbidden"],
  "err-404-file": [file, "not_found"],
  "err-404-logout-deleted": [(api) => api.logoutSession("default"), "not_found"],
  "err-404-me-stopped": [(api) => api.account("default"), "wrong_state"],
  "err-404-message-by-id": [(api) => api.message("default", chat, "3EB0NAOEXISTE"), "not_found"],
  "err-404-request-code-stopped": [code, "wrong_state"],
  "err-404-route": [(api) => api.lids("default"), "not_supported"],
  "err-404-session-current": [session, "not_found"],
  "err-404-session-get-deleted": [session, "not_found"],
  "err-404-start-deleted": [(api) => api.startSession("default"), "not_found"],
  "err-404-update-deleted": [(api) => api.replaceSessionConfig("default", {}), "not_found"],
  "err-422-core-only-default": [(api) => api.createSession("recado-loja-1"), "not_supported"],
  "err-422-create-exists": [(api) => api.createSession("default"), "conflict"],
  "err-422-get-other-session-core": [(api) => api.session("nao-existe"), "not_found"],
  "err-422-keys-create": [session, "not_supported"],
  "err-422-messages-other-session": [(api) => api.messagesSince("loja2", span), "not_found"],
  "err-422-passkey-challenge": [qr, "wrong_state"],
  "err-422-passkey-confirmation": [qr, "wrong_state"],
  "err-422-qr-deleted": [qr, "not_found"],
  "err-422-qr-failed": [qr, "wrong_state"],
  "err-422-qr-starting": [qr, "wrong_state"],
  "err-422-qr-stopped": [qr, "wrong_state"],
  "err-422-qr-working": [qr, "wrong_state"],
  "err-422-request-code-method": [code, "not_supported"],
  "err-422-request-code-working": [code, "wrong_state"],
  "err-422-screenshot-starting": [qr, "wrong_state"],
  "err-422-screenshot-working": [qr, "not_supported"],
  "err-422-send-image-plus": [session, "not_supported"],
  "err-422-start-twice": [(api) => api.restartSession("default"), "wrong_state"],
  "err-500-send-text-empty": [session, "provider_failed"],
};

async function errorOf(act: (api: WahaApi) => Promise<unknown>, replies: readonly Reply[]) {
  const { api, requests } = await wahaThatSays(replies);
  const error: unknown = await act(api).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error: error as Error & Record<string, unknown>, requests };
}

describe("a refusal says what kind it is", () => {
  it.each(Object.entries(refusals))("%s", async (name, [act, expected]) => {
    const { status, body } = recordedCall(name).response;
    const { error } = await errorOf(act, [recordedAnswer(name)]);
    expect(error).toMatchObject({ name: "ProviderApiError", provider: "waha", status });
    expect(error["code"]).toBe(expected);
    const { message, error: words } = body as Record<string, unknown>;
    const said = [message ?? words].flat().find((text) => typeof text === "string");
    if (status !== 500) expect(error["providerMessage"]).toContain(String(said).slice(0, 200));
    expect(error.message).toMatch(/^WAHA: (?:GET|PUT|POST) \/api\//);
    expect(error["documentedMessage"]).toMatch(new RegExp(`^WAHA API error: ${status} `));
    expect(error["advice"]).toMatch(/\.$/);
  });

  it("for every refusal that was recorded", () => {
    expect(Object.keys(refusals).toSorted()).toEqual(recordedNames("err-"));
  });

  it("with the status that the session has, and the one it should have", async () => {
    const { error } = await errorOf(qr, [recordedAnswer("err-422-qr-starting")]);
    expect(error["providerMessage"]).toContain("(status STARTING, expected SCAN_QR_CODE)");
    expect(error["retryable"]).toBe(true);
    const failed = await errorOf(qr, [recordedAnswer("err-422-qr-failed")]);
    expect(failed.error["retryable"]).toBe(false);
  });

  it("for what newer, older and other engines say", async () => {
    const said: readonly (readonly [number, unknown, string])[] = [
      [501, "The method is not implemented by 'WEBJS' engine. Check the docs", "not_supported"],
      [
        400,
        "Enable NOWEB store 'config.noweb.store.enabled=True' and 'config.noweb.store.full_sync=True' when starting a new session.",
        "feature_off",
      ],
      [409, "Session is being changed", "conflict"],
      [429, "Too many requests", "rate_limited"],
      [422, "Something else", "invalid_request"],
      [500, "Session 'default' already exists", "provider_failed"],
      [413, "request entity too large", "invalid_request"],
    ];
    for (const [status, message, expected] of said) {
      const reply = jsonAnswer({ message, statusCode: status }, status);
      const { error } = await errorOf((api) => api.restartSession("default"), [reply]);
      expect([status, error["code"]]).toEqual([status, expected]);
    }
  });

  it("for a file that is gone, as old versions say it", async () => {
    const said = { error: { code: 404, key: "FILE_NOT_FOUND", message: "File not found" } };
    const { error } = await errorOf(file, [jsonAnswer(said, 404)]);
    expect(error).toMatchObject({ code: "not_found", providerMessage: "File not found" });
    expect(error["advice"]).toContain("WHATSAPP_FILES_LIFETIME");
  });

  it("also behind a 200", async () => {
    for (const value of [
      { error: true, message: "no" },
      { statusCode: 404, message: "no" },
    ]) {
      const { error } = await errorOf(session, [jsonAnswer(value)]);
      expect(error).toMatchObject({ code: "unexpected_answer", providerMessage: "no" });
    }
  });
});

describe("answers that make no sense are errors, never results", () => {
  const html = { "content-type": "text/html" };
  const acts: readonly (readonly [string, (api: WahaApi) => Promise<unknown>])[] = [
    ["server", (api) => api.server()],
    ["sessions", (api) => api.sessions()],
    ["session", session],
    ["sessionConfig", (api) => api.sessionConfig("default")],
    ["createSession", (api) => api.createSession("default")],
    ["startSession", (api) => api.startSession("default")],
    ["getWebhook", (api) => api.getWebhook("default")],
    ["setWebhook", (api) => api.setWebhook("default", hook)],
    ["deleteWebhook", (api) => api.deleteWebhook("default")],
    ["pairingCode", code],
    ["qrCode", qr],
    ["messagesSince", messages],
    ["message", (api) => api.message("default", chat, "x")],
    ["chats", (api) => api.chats("default")],
    ["contacts", (api) => api.contacts("default")],
    ["lids", (api) => api.lids("default")],
    ["phoneOfLid", (api) => api.phoneOfLid("default", "1@lid")],
    ["lidOfPhone", (api) => api.lidOfPhone("default", "1")],
  ];
  const answers: readonly (readonly [string, Reply])[] = [
    ["a page", { status: 200, headers: html, body: "<!doctype html><title>Login</title>" }],
    ["text", { status: 200, body: "OK" }],
    ["a number", jsonAnswer(5)],
    ["null", jsonAnswer(null)],
    ["a text in JSON", jsonAnswer("ok")],
    ["half an answer", { status: 200, body: '[{"name":"defa', cutOff: true }],
    ["a redirect", { status: 302, headers: { location: "https://login.example.com/?k=1" } }],
  ];
  it.each(
    acts.flatMap(([name, act]) =>
      answers.map(([what, reply]) => [name, what, act, reply] as const),
    ),
  )("%s of %s", async (_name, _what, act, reply) => {
    const { error } = await errorOf(act, [reply, reply, reply]);
    expect(error).toMatchObject({ name: "ProviderApiError", code: "unexpected_answer" });
    expect(error.message).not.toContain("k=1");
  });

  it("a control call may be answered with nothing, a question may not", async () => {
    const empty: Reply = { status: 201, body: "" };
    expect((await errorOf((api) => api.stopSession("default"), [empty])).error).toBeUndefined();
    const { error } = await errorOf(session, [empty]);
    expect(error["code"]).toBe("unexpected_answer");
  });

  it("more than a call may read", async () => {
    const long = {
      status: 200,
      headers: { "content-type": "image/jpeg" },
      body: Buffer.alloc(2_000),
    };
    const { api } = await wahaThatSays([long, long]);
    const url = "/api/files/default/a.jpeg";
    await expect(api.downloadMedia(url, 1_999)).rejects.toMatchObject({
      code: "unexpected_answer",
    });
    expect((await api.downloadMedia(url, 2_000)).bytes).toHaveLength(2_000);
  });
});

describe("time and repeats", () => {
  it("a server that never answers is given up", async () => {
    const { api, requests } = await wahaThatSays(() => ({ status: 200, silent: true }), {
      timeoutMs: 40,
    });
    await expect(api.session("default")).rejects.toMatchObject({
      code: "timeout",
      retryable: true,
    });
    expect(requests).toHaveLength(3);
  });

  it("a server that is not there is said to be unreachable", async () => {
    const { api, url } = await wahaThatSays([], { baseUrl: "http://127.0.0.1:1" });
    expect(url).not.toBe(api.baseUrl);
    await expect(api.sessions()).rejects.toMatchObject({ code: "unreachable", retryable: true });
  });

  it("questions are asked again while the server is busy, within its own patience", async () => {
    const timing = instantTiming();
    const busy = { ...jsonAnswer({ message: "busy" }, 503), headers: { "retry-after": "2" } };
    const { api, requests } = await wahaThatSays(
      [busy, busy, recordedAnswer("session-get-working")],
      {
        timing,
      },
    );
    expect(await api.session("default")).toMatchObject({ state: "open" });
    expect(requests).toHaveLength(3);
    expect(timing.pauses).toEqual([2_000, 2_000]);
  });

  it("a client that is not needed any more ends its calls, the waiting ones too", async () => {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const { api, requests } = await wahaThatSays(
      () => {
        asked.resolve();
        return { status: 200, silent: true };
      },
      { signal: controller.signal },
    );
    const calls = [session(api), api.setWebhook("a", hook), api.setWebhook("a", hook)];
    await asked.promise;
    controller.abort(new Error("stopped"));
    for (const { status } of await Promise.allSettled(calls)) expect(status).toBe("rejected");
    for (const call of calls) await expect(call).rejects.toThrow("stopped");
    await expect(session(api)).rejects.toThrow("stopped");
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ["restart", (api: WahaApi) => api.restartSession("default")],
    ["logout", (api: WahaApi) => api.logoutSession("default")],
    ["create", (api: WahaApi) => api.createSession("default")],
    ["delete", (api: WahaApi) => api.deleteSession("default")],
    ["pairing code", code],
  ])("%s is not done twice", async (_, act) => {
    const { error, requests } = await errorOf(act, [jsonAnswer({ message: "busy" }, 503)]);
    expect(error["code"]).toBe("provider_failed");
    expect(requests).toHaveLength(1);
  });
});
