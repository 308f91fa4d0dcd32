import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { instantTiming } from "../../api/testing/instant-timing.ts";
import { plainSend } from "../../api/testing/plain-send.ts";
import { answer, type Reply } from "../testing/answer-server.ts";
import {
  jsonAnswer,
  recordedAnswer,
  recordedCall,
  recordedNames,
} from "../testing/recorded-answer.ts";
import { WahaApi } from "./index.ts";

const key = "the-key-of-the-server-0001";
const hmacKey = "recado-fixture-hmac-key";
const token = "ingest-token-0000001";
const bearer = "Bearer recado-fixture-token";
const phone = "5511900000101";
const secrets = [key, hmacKey, token, "recado-fixture-token"];

const webhook = {
  url: `https://gateway.example.com/in/${token}`,
  hmac: { key: hmacKey },
  headers: { Authorization: bearer },
};

/** Everything that a log, a debugger or an answer could make of a value. */
function printed(value: unknown): string {
  const stack = value instanceof Error ? [value.stack, value.message, String(value)] : [];
  return [
    ...stack,
    JSON.stringify(value),
    inspect(value, { depth: 20, showHidden: true, getters: true }),
  ].join("\n");
}

function expectNone(value: unknown, texts: readonly string[]): void {
  const all = printed(value);
  for (const text of texts) expect(all).not.toContain(text);
}

function expectNoSecret(value: unknown): void {
  expectNone(value, secrets);
}

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

const acts: readonly (readonly [string, (api: WahaApi) => Promise<unknown>])[] = [
  ["server", (api) => api.server()],
  ["sessions", (api) => api.sessions()],
  ["session", (api) => api.session("default")],
  ["createSession", (api) => api.createSession("default", { webhook })],
  ["setWebhook", (api) => api.setWebhook("default", webhook)],
  ["getWebhook", (api) => api.getWebhook("default")],
  ["deleteWebhook", (api) => api.deleteWebhook("default", () => true)],
  ["restartSession", (api) => api.restartSession("default")],
  ["pairingCode", (api) => api.pairingCode("default", phone)],
  ["messagesSince", (api) => api.messagesSince("default", { sinceMs: 0, untilMs: 1_000 })],
  ["downloadMedia", (api) => api.downloadMedia("/api/files/default/a.jpeg")],
];

async function outcomeOf(act: (api: WahaApi) => Promise<unknown>, script: readonly Reply[]) {
  const { url } = await answer(script);
  const api = new WahaApi({
    baseUrl: url,
    apiKey: key,
    send: plainSend,
    timing: instantTiming(),
  });
  expectNoSecret(api);
  return act(api).catch((error: unknown) => error);
}

/** What a server, or a program in front of it, could send back of what it was told. */
function echo(status: number): Reply {
  const request = {
    path: `/api/sessions/default?x-api-key=${key}`,
    headers: { "x-api-key": key },
    body: {
      config: {
        webhooks: [
          {
            ...webhook,
            customHeaders: [{ name: "Authorization", value: bearer }],
          },
        ],
      },
    },
  };
  return jsonAnswer(
    { statusCode: status, exception: { message: `refused ${key}` }, request },
    status,
  );
}

describe("no key gets out", () => {
  it.each(acts)("of %s, whatever was recorded as its answer", async (_, act) => {
    for (const name of recordedNames()) {
      const reply = recordedAnswer(name);
      const body = String(reply.body).replaceAll("http://127.0.0.1:18601/ok/all", webhook.url);
      const withToken = { ...reply, body };
      const outcome = await outcomeOf(act, [withToken, withToken, withToken]);
      // A result may show the address of a webhook, an error may not.
      if (outcome instanceof Error) expectNoSecret(outcome);
      else expectNone(outcome, [key, hmacKey, "recado-fixture-token"]);
    }
  });

  it.each(acts)("of %s, when the server repeats what it was told", async (_, act) => {
    for (const status of [400, 401, 403, 404, 422, 500, 502]) {
      const outcome = await outcomeOf(act, [echo(status), echo(status), echo(status)]);
      expect(outcome).toBeInstanceOf(Error);
      expectNoSecret(outcome);
    }
  });

  it("of an update that is refused, though the session has webhooks with other keys", async () => {
    const stored = {
      name: "default",
      status: "WORKING",
      config: {
        webhooks: [
          {
            url: "https://other.example.com/hook?t=their-token-0001",
            events: ["*"],
            hmac: { key: "their-hmac-key" },
          },
        ],
      },
    };
    const text = `refused: ${JSON.stringify(stored.config)} their-hmac-key`;
    for (const reply of [
      { status: 500, body: text },
      jsonAnswer({ message: text, statusCode: 400 }, 400),
    ]) {
      const outcome = await outcomeOf(
        (api) => api.setWebhook("default", webhook),
        [jsonAnswer(stored), reply, jsonAnswer(stored)],
      );
      expect(outcome).toBeInstanceOf(Error);
      expect(printed(outcome)).not.toContain("their-hmac-key");
      expect(printed(outcome)).not.toContain("their-token-0001");
    }
  });

  it("of an answer that ends in the middle", async () => {
    const text = JSON.stringify(recordedCall("session-get-working").response.body);
    const cut: Reply = { status: 200, body: text.slice(0, -20), cutOff: true };
    for (const [, act] of acts) {
      const outcome = await outcomeOf(act, [cut, cut, cut]);
      expectNoSecret(outcome);
    }
  });

  it("of a phone that asks for a pairing code", async () => {
    const crash = jsonAnswer(
      {
        statusCode: 500,
        exception: { message: `bad number ${phone}` },
        request: { body: { phoneNumber: phone } },
      },
      500,
    );
    const outcome = await outcomeOf((api) => api.pairingCode("default", phone), [crash]);
    expect(printed(outcome)).not.toContain(phone);
  });

  it("of options that cannot be used", () => {
    for (const options of [
      { baseUrl: `ftp://x/${key}`, apiKey: key },
      { baseUrl: `https://admin:${key}@waha.example.com`, apiKey: "k" },
      { baseUrl: "https://waha.example.com", apiKey: `${key}é` },
    ]) {
      const thrown = caught(() => new WahaApi({ ...options, send: plainSend }));
      expect(thrown).toMatchObject({ code: "invalid_request" });
      expectNoSecret(thrown);
    }
  });
});
