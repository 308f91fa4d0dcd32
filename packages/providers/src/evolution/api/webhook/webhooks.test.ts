import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../../api/testing/answering-server.ts";
import {
  apiFor,
  errorAnswer,
  recording,
  replay,
  startEvolution,
} from "../../testing/recordings.ts";
import { allNames, keepWebhookRow, sentWebhooks } from "../../testing/webhook-row.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

const url = "http://127.0.0.1:18200/acme";
const setPath = "/webhook/set/acme-sales";
const findPath = "/webhook/find/acme-sales";

describe("setting a webhook", () => {
  test("sends exactly the recorded body of version 2, and gives what is stored", async () => {
    replay(server, "webhook-set-full");
    server.on("GET", findPath, recording("webhook-set-full").response);
    const outcome = await apiFor(server).setWebhook("acme-sales", {
      url,
      webhookByEvents: false,
      webhookBase64: true,
      headers: { "x-tenant": "acme" },
      events: ["MESSAGES_UPSERT", "CONNECTION_UPDATE"],
    });
    expect(sentWebhooks(server)).toEqual([recording("webhook-set-full").request.body]);
    expect(outcome).toEqual({
      webhook: {
        url,
        enabled: true,
        webhookByEvents: false,
        webhookBase64: true,
        events: ["MESSAGES_UPSERT", "CONNECTION_UPDATE"],
        headers: { "x-tenant": "acme" },
      },
      differences: [],
      notInThisVersion: [],
      unknownEvents: [],
      ignored: [],
    });
  });

  test("says every optional member, so that no old value stays", async () => {
    const state = keepWebhookRow(server, "acme-sales", {
      url,
      headers: { a: "1" },
      enabled: true,
      events: ["CALL"],
      webhookByEvents: true,
      webhookBase64: true,
    });
    const outcome = await apiFor(server).setWebhook("acme-sales", { url });
    expect(sentWebhooks(server)).toEqual([
      { webhook: { enabled: true, url, byEvents: false, base64: false, headers: {}, events: [] } },
    ]);
    expect(outcome.differences).toEqual([]);
    expect(state.row).toMatchObject({ webhookByEvents: false, webhookBase64: false, headers: {} });
    expect(outcome.webhook?.events).toHaveLength(31);
  });

  test.each([
    { webhookByEvents: true, webhookBase64: true },
    { webhook_by_events: true, webhook_base64: true },
    { byEvents: true, base64: true },
    { webhookByEvents: "true", base64: 1 },
    { webhook: { byEvents: true, webhook_base64: true } },
  ])("takes every spelling: %j", async (spelling) => {
    keepWebhookRow(server, "acme-sales", { url, enabled: true, events: [] });
    await apiFor(server).setWebhook("acme-sales", spelling as object);
    expect(sentWebhooks(server)).toMatchObject([
      { webhook: { url, byEvents: true, base64: true } },
    ]);
  });

  test("of version 1 sends its flat body, and says that headers are not kept", async () => {
    server.on("POST", setPath, {
      status: 201,
      body: { webhook: { instanceName: "acme-sales", webhook: { url } } },
    });
    server.on("GET", findPath, {
      body: {
        enabled: true,
        url,
        webhook_by_events: true,
        webhook_base64: false,
        events: ["CALL"],
      },
    });
    const outcome = await apiFor(server, { version: "1.8.2" }).setWebhook("acme-sales", {
      url,
      byEvents: true,
      headers: { a: "b" },
      events: ["call", "MESSAGES_EDITED"],
    });
    expect(sentWebhooks(server)).toEqual([
      { enabled: true, url, webhook_by_events: true, webhook_base64: false, events: ["CALL"] },
    ]);
    expect(outcome).toMatchObject({
      differences: [],
      ignored: ["headers"],
      notInThisVersion: ["MESSAGES_EDITED"],
    });
  });

  test("translates wrong and other spellings, and sends each event once", async () => {
    keepWebhookRow(server, "acme-sales");
    await apiFor(server).setWebhook("acme-sales", {
      url,
      events: [
        "GROUPS_UPDATE",
        "group.update",
        "messages.upsert",
        "typebot-change-status",
        "messagesUpsert",
        " call ",
      ],
    });
    expect(sentWebhooks(server)).toMatchObject([
      { webhook: { events: ["GROUP_UPDATE", "MESSAGES_UPSERT", "TYPEBOT_CHANGE_STATUS", "CALL"] } },
    ]);
  });

  test("with an event of no version sends nothing, unless it may be dropped", async () => {
    keepWebhookRow(server, "acme-sales");
    const api = apiFor(server);
    const config = { url, events: ["CALL", "NOT_AN_EVENT"] };
    await expect(api.setWebhook("acme-sales", config)).rejects.toMatchObject({
      code: "invalid_request",
      providerMessage: "unknown events: NOT_AN_EVENT",
    });
    expect(sentWebhooks(server)).toEqual([]);
    const outcome = await api.setWebhook("acme-sales", config, { unknownEvents: "drop" });
    expect(outcome).toMatchObject({ unknownEvents: ["NOT_AN_EVENT"], differences: [] });
    // None left must not become all.
    await expect(
      api.setWebhook("acme-sales", { url, events: ["NOPE"] }, { unknownEvents: "drop" }),
    ).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("asks again in the other form when the server wants it, whatever its version says", async () => {
    server.on("GET", findPath, { body: { url, enabled: true, events: ["CALL"] } });
    const needs = (name: string) =>
      errorAnswer(400, "Bad Request", [[`instance requires property "${name}"`]]);
    const flat = { enabled: true, url, webhook_by_events: false, webhook_base64: false };
    const nested = { enabled: true, url, byEvents: false, base64: false, headers: {} };
    const events = ["CALL"];
    for (const [version, missing, ...bodies] of [
      ["1.8.2", "webhook", { ...flat, events }, { webhook: { ...nested, events } }],
      ["2.3.7", "url", { webhook: { ...nested, events } }, { ...flat, events }],
    ] as const) {
      server.on("POST", setPath, needs(missing), { status: 201, body: {} });
      const before = sentWebhooks(server).length;
      await apiFor(server, { version }).setWebhook("acme-sales", { url, events });
      expect(sentWebhooks(server).slice(before)).toEqual(bodies);
    }
  });

  test("asks again without what the server's own list lacks", async () => {
    const refusal = "webhook.events[1] is not one of enum values: CALL,MESSAGES_UPSERT";
    const { row } = keepWebhookRow(server, "acme-sales");
    expect(row).toBeNull();
    server.on("POST", setPath, errorAnswer(400, "Bad Request", [[refusal]]), {
      status: 201,
      body: {},
    });
    server.on("GET", findPath, {
      body: { url, enabled: true, events: ["CALL"], webhookByEvents: false, webhookBase64: false },
    });
    const outcome = await apiFor(server).setWebhook("acme-sales", {
      url,
      events: ["CALL", "MESSAGES_EDITED"],
    });
    expect(outcome).toMatchObject({ notInThisVersion: ["MESSAGES_EDITED"], differences: [] });
    expect(sentWebhooks(server)).toHaveLength(2);
  });

  test("without a url keeps the stored one, and without any is refused here", async () => {
    keepWebhookRow(server, "acme-sales", {
      url: "http://old.example/x",
      enabled: true,
      events: ["CALL"],
    });
    await apiFor(server).setWebhook("acme-sales", { events: ["CALL"] });
    expect(sentWebhooks(server)).toMatchObject([{ webhook: { url: "http://old.example/x" } }]);
    server.on("GET", findPath, recording("webhook-find-min1-none").response);
    await expect(apiFor(server).setWebhook("acme-sales", {})).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test("that the server stored differently is told, without header values", async () => {
    server.on("POST", setPath, { status: 201, body: {} });
    server.on("GET", findPath, {
      body: {
        url: "http://other",
        enabled: false,
        events: ["CALL"],
        webhookByEvents: true,
        webhookBase64: true,
        headers: { a: "secret-old", c: "same" },
      },
    });
    const config = {
      url,
      headers: { a: "secret-new", b: "secret-b", c: "same" },
      events: ["CALL", "MESSAGES_SET"],
    };
    const { differences } = await apiFor(server).setWebhook("acme-sales", config);
    expect(differences).toEqual([
      { field: "enabled", wanted: "true", stored: "false" },
      { field: "url", wanted: url, stored: "http://other" },
      { field: "byEvents", wanted: "false", stored: "true" },
      { field: "base64", wanted: "false", stored: "true" },
      { field: "headers", wanted: "a, b", stored: "a" },
      { field: "events", wanted: "CALL, MESSAGES_SET", stored: "CALL" },
    ]);
    server.on("GET", findPath, { body: null });
    expect((await apiFor(server).setWebhook("acme-sales", config)).differences).toEqual([
      { field: "webhook", wanted: "set", stored: "none" },
    ]);
  });

  test.each([
    ["webhook-set-no-url", "invalid_request", 'webhook requires property "url"'],
    ["webhook-set-url-number", "invalid_request", "webhook.url is not of a type(s) string"],
    ["webhook-set-events-string", "invalid_request", "webhook.events is not of a type(s) array"],
    ["webhook-set-v1-flat", "invalid_request", 'instance requires property "webhook"'],
    [
      "webhook-set-no-events",
      "invalid_request",
      "Cannot read properties of undefined (reading 'length')",
    ],
    ["webhook-set-disabled-empty-url", "invalid_request", 'The "url" cannot be empty'],
    ["webhook-set-other-instance-token", "unauthorised", "Unauthorized"],
    ["webhook-set-unknown-instance", "not_found", 'The "zzz" instance does not exist'],
    ["webhook-set-bad-event", "invalid_request", "webhook.events[1] is not one of enum values"],
    ["webhook-delete-method", "not_supported", "Cannot DELETE /webhook/delete/acme-sales"],
    ["bad-json", "invalid_request", "Expected property name or '}' in JSON at position 1"],
  ])("that fails as in %s is %s, in the server's words", async (name, code, words) => {
    const { response } = recording(name);
    server.on("POST", setPath, response);
    const error: unknown = await apiFor(server)
      .setWebhook("acme-sales", { url, events: ["CALL"] })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, status: response.status, retryable: false });
    expect((error as Error).message).toContain(words);
  });

  test("with an instance's own key works as with the server's", async () => {
    replay(server, "webhook-set-instance-token");
    server.on("GET", findPath, recording("webhook-set-instance-token").response);
    const api = apiFor(server, { apiKey: "INSTANCE-TOKEN-0001" });
    expect((await api.setWebhook("acme-sales", { url, events: ["CALL"] })).webhook?.url).toBe(url);
    expect(server.requests.at(-1)?.headers["apikey"]).toBe("INSTANCE-TOKEN-0001");
  });

  test("to what is no http address is refused here: the server would store it and never call it", async () => {
    keepWebhookRow(server, "acme-sales");
    for (const address of ["not a url", "ftp://x", "localhost:3000/x", "javascript:1", " "]) {
      await expect(apiFor(server).setWebhook("acme-sales", { url: address })).rejects.toMatchObject(
        { code: "invalid_request" },
      );
    }
    expect(sentWebhooks(server)).toEqual([]);
  });

  test("of all events looks for the core alone where the version's list is not known for sure", async () => {
    server.on("POST", setPath, { status: 201, body: {} });
    const stored = { url, enabled: true, webhookByEvents: false, webhookBase64: false };
    const core = ["MESSAGES_UPSERT", "MESSAGES_UPDATE", "SEND_MESSAGE", "CONNECTION_UPDATE"];
    server.on("GET", findPath, {
      body: { ...stored, events: [...core, "QRCODE_UPDATED", "NEWEST"] },
    });
    for (const [version, differences] of [
      ["2.4.0-rc.1", 0],
      ["2.0.10", 0],
      ["2.3.7", 1],
      ["2.2.3", 1],
    ] as const) {
      const outcome = await apiFor(server, { version }).setWebhook("acme-sales", { url });
      expect(outcome.differences).toHaveLength(differences);
    }
    server.on("GET", findPath, { body: { ...stored, events: core } });
    const outcome = await apiFor(server, { version: "2.4.0" }).setWebhook("acme-sales", { url });
    expect(outcome.differences).toMatchObject([{ field: "events", wanted: "all" }]);
  });

  test("goes to the instance of exactly that name", async () => {
    const api = apiFor(server);
    for (const name of ["my inst/é", "a?instanceName=b", "a#b", "..%2fb"]) {
      await expect(api.setWebhook(name, { url })).rejects.toMatchObject({ code: "not_supported" });
      const path = server.requests.at(-1)?.path ?? "";
      expect(decodeURIComponent(path.slice("/webhook/set/".length))).toBe(name);
      expect(path.split("/")).toHaveLength(4);
      expect(path).not.toContain("?");
    }
    for (const name of ["", ".", ".."]) {
      await expect(api.setWebhook(name, { url })).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
  });
});

describe("reading a webhook", () => {
  test("gives null when there is none", async () => {
    replay(server, "webhook-find-min1-none");
    expect(await apiFor(server).getWebhook("min1")).toEqual({ webhook: null });
    server.on("GET", "/webhook/find/min1", { body: "" });
    expect(await apiFor(server).getWebhook("min1")).toEqual({ webhook: null });
    server.on("GET", "/webhook/find/min1", { body: { enabled: false, url: "", events: [] } });
    expect(await apiFor(server).getWebhook("min1")).toEqual({ webhook: null });
  });

  test("gives the documented members", async () => {
    replay(server, "webhook-find-after-create");
    expect(await apiFor(server).getWebhook("acme-sales")).toEqual({
      webhook: {
        url,
        enabled: true,
        webhookByEvents: false,
        webhookBase64: true,
        events: allNames,
        headers: { "x-tenant": "acme", authorization: "Bearer static-secret" },
      },
    });
    expect(server.requests.at(-1)).toMatchObject({ method: "GET", path: findPath, body: null });
  });
});

describe("comparing a webhook", () => {
  test("changes nothing, and takes the name that only old rows have for the same event", async () => {
    server.on("GET", findPath, {
      body: {
        url,
        enabled: true,
        events: ["GROUPS_UPDATE", "CALL"],
        webhookByEvents: false,
        webhookBase64: false,
        headers: null,
      },
    });
    const api = apiFor(server);
    const events = ["CALL", "GROUP_UPDATE"];
    expect((await api.compareWebhook("acme-sales", { url, events })).differences).toEqual([]);
    expect((await api.compareWebhook("acme-sales", { url })).differences).toEqual([
      { field: "events", wanted: "all", stored: "GROUPS_UPDATE, CALL" },
    ]);
    expect(sentWebhooks(server)).toEqual([]);
  });
});
