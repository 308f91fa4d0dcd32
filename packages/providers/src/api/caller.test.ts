import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCaller, type ApiCaller } from "./caller.ts";
import type { ApiCall } from "./call.ts";
import type { ApiDialect } from "./dialect.ts";
import { ProviderApiError } from "./provider-api-error.ts";
import { SendFailure, type ApiOptions, type ApiTiming, type SendRequest } from "./request.ts";
import { startAnsweringServer, type AnsweringServer } from "./testing/answering-server.ts";
import { instantTiming } from "./testing/instant-timing.ts";
import { plainSend } from "./testing/plain-send.ts";

const key = `K/ey "1" + é`.replace("é", "e");

const dialect: ApiDialect = {
  provider: "evolution",
  title: "Toy",
  keyHeader: "x-key",
  documentedPrefix: "Toy Error",
  secretMembers: ["token"],
  pages: ["/page"],
  judge: (answer) => {
    const value = answer.value as { message?: string; failed?: boolean } | undefined;
    if (answer.status < 300 && value?.failed !== true) return undefined;
    return value?.message === undefined ? {} : { message: value.message };
  },
};

const get: ApiCall = { method: "GET", path: "/thing/:name", parts: { name: "one" } };
const post: ApiCall = { ...get, method: "POST", body: { a: 1 } };

let server: AnsweringServer;
beforeAll(async () => {
  server = await startAnsweringServer(() => ({ body: { fine: true } }));
});
afterAll(() => server.close());

function callerWith(options: Partial<ApiOptions> = {}): ApiCaller {
  return createCaller(
    { baseUrl: server.url, apiKey: key, send: plainSend, timing: instantTiming(), ...options },
    dialect,
  );
}

async function errorOf(promise: Promise<unknown>): Promise<ProviderApiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProviderApiError);
  return error as ProviderApiError;
}

/** Everything that a log, a debugger or another program could get out of an error. */
function everythingIn(error: Error): string {
  return [
    error.message,
    error.stack,
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: null, showHidden: true }),
    JSON.stringify(Object.getOwnPropertyDescriptors(error)),
  ].join("\n");
}

function expectNoKey(error: Error, ...more: string[]): void {
  const all = everythingIn(error);
  for (const secret of [key, ...more]) {
    expect(all).not.toContain(secret);
    expect(all).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(all).not.toContain(encodeURIComponent(secret));
    expect(all).not.toContain(Buffer.from(secret).toString("base64"));
  }
}

describe("a call", () => {
  test("sends method, encoded path, key and JSON, and gives the parsed answer", async () => {
    const path = "/thing/a%2Fb%20%C3%A9%3Fx%3D1%23";
    server.on("PUT", path, { body: { n: 1 } });
    const answer = await callerWith().json({
      method: "PUT",
      path: "/thing/:name",
      parts: { name: "a/b é?x=1#" },
      body: { text: "ç" },
    });
    expect(answer.value).toEqual({ n: 1 });
    const seen = server.requests.at(-1);
    expect(seen).toMatchObject({ method: "PUT", path, body: { text: "ç" } });
    expect(seen?.headers).toMatchObject({ "x-key": key, "content-type": "application/json" });
  });

  test("without a body says no content type, and without a key no key", async () => {
    await callerWith({ apiKey: "" }).json(get);
    expect(server.requests.at(-1)?.headers).not.toHaveProperty("content-type");
    expect(server.requests.at(-1)?.headers).not.toHaveProperty("x-key");
  });

  test("reads a body with a byte order mark", async () => {
    server.on("GET", "/bom", { body: "\uFEFF[1]" });
    expect((await callerWith().json({ method: "GET", path: "/bom" })).value).toEqual([1]);
  });

  test("gives a file as its bytes", async () => {
    server.on("GET", "/file", { body: "\u0001file", headers: { "content-type": "image/png" } });
    const { body, headers } = await callerWith().bytes({ method: "GET", path: "/file" });
    expect(Buffer.from(body).toString()).toBe("\u0001file");
    expect(headers["content-type"]).toBe("image/png");
  });
});

describe("a failure", () => {
  test.each([
    [400, "invalid_request", false],
    [401, "unauthorised", false],
    [403, "forbidden", false],
    [404, "not_found", false],
    [405, "not_supported", false],
    [408, "timeout", true],
    [409, "conflict", false],
    [413, "invalid_request", false],
    [418, "unexpected_answer", false],
    [422, "invalid_request", false],
    [429, "rate_limited", true],
    [500, "provider_failed", true],
    [502, "provider_failed", true],
    [599, "provider_failed", true],
  ])("with status %i is %s", async (status, code, retryable) => {
    server.on("POST", "/thing/one", { status, body: { message: "because" } });
    const error = await errorOf(callerWith().json(post));
    expect(error).toMatchObject({
      code,
      status,
      retryable,
      provider: "evolution",
      call: "POST /thing/:name",
      providerMessage: "because",
    });
    expect(error.message).toContain(`${status}`);
    expect(error.message).toContain("because");
    expect(error.advice).not.toBe("");
  });

  test("has the documented sentence with status and body", async () => {
    server.on("POST", "/thing/one", { status: 404, body: { message: "gone" } });
    const error = await errorOf(callerWith().json(post));
    expect(error.documentedMessage).toBe('Toy Error: 404 Not Found - {"message":"gone"}');
  });

  test.each([
    ["a web page", { body: "<html>hi</html>", headers: { "content-type": "text/html" } }],
    ["nothing", { body: "" }],
    ["half of JSON", { body: '{"a":' }],
    ["a text", { body: "hello" }],
    ["a redirect", { status: 302, headers: { location: "https://elsewhere.example/x?k=1" } }],
    ["a failure under 200", { body: { failed: true, message: "no" } }],
    ["a connection cut in the middle", { body: { long: "x".repeat(5_000) }, fault: "half" }],
    ["more than the call may read", { body: { long: "x".repeat(5_000) } }],
  ] as const)("where the answer is %s is unexpected_answer", async (_, answer) => {
    server.on("GET", "/thing/one", answer);
    const error = await errorOf(callerWith().json({ ...get, maxBytes: 1_000 }));
    expect(error.code).toBe("unexpected_answer");
    expect(error.providerMessage).not.toBeUndefined();
    expect(error.bodyText?.length ?? 0).toBeLessThanOrEqual(2_000);
  });

  test.each([
    ["is cut off", { body: '{"webhook":{"headers":{"jwt_key":"half-a-key', fault: undefined }],
    ["is a text", { body: "2@half-a-key-to-scan" }],
    ["is a web page", { body: "<html>half-a-key" }],
  ] as const)("of a success that %s quotes nothing of it", async (_, { body }) => {
    server.on("GET", "/thing/one", { body });
    const error = await errorOf(callerWith().json(get));
    expect(error.code).toBe("unexpected_answer");
    expectNoKey(error, "half-a-key");
  });

  test("of an empty body may mean that a feature is off, or nothing", async () => {
    server.on("GET", "/thing/one", { status: 201, body: "" });
    const error = await errorOf(callerWith().json({ ...get, whenEmpty: "feature_off" }));
    expect(error.code).toBe("feature_off");
    const answer = await callerWith().json({ ...get, whenEmpty: "fine" });
    expect(answer.value).toBeUndefined();
  });

  test("without an answer is unreachable, or timeout when the time limit passed", async () => {
    server.on("POST", "/thing/one", { fault: "silent" });
    expect(await errorOf(callerWith({ timeoutMs: 60 }).json(post))).toMatchObject({
      code: "timeout",
      reason: "timeout",
      retryable: true,
    });
    server.on("POST", "/thing/one", { fault: "reset" });
    const reset = await errorOf(callerWith().json(post));
    expect(reset).toMatchObject({ code: "unreachable", reason: "econnreset" });
    expect(reset.status).toBeUndefined();
  });

  test.each([
    [new DOMException("x", "TimeoutError"), "timeout"],
    [Object.assign(new Error("x"), { code: "ETIMEDOUT" }), "timeout"],
    [Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" }), "timeout"],
    [new SendFailure("dns_timeout", "x"), "timeout"],
    [
      new TypeError("fetch failed", {
        cause: Object.assign(new Error("no"), { code: "ENOTFOUND" }),
      }),
      "unreachable",
    ],
    [new SendFailure("blocked_address", "x"), "unreachable"],
    ["a text", "unreachable"],
    [undefined, "unreachable"],
  ])("reads what any sender rejects with: %s", async (reason, code) => {
    const send: SendRequest = () => Promise.reject(reason as Error);
    expect((await errorOf(callerWith({ send }).json(post))).code).toBe(code);
  });

  test("of the caller's own signal is that signal's reason", async () => {
    server.on("GET", "/thing/one", { fault: "silent" });
    const controller = new AbortController();
    const running = callerWith().json({ ...get, signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });
});

describe("keys", () => {
  test("are in no error, however the server says them back", async () => {
    const own = "webhook-token-0001";
    const body = {
      message: `bad key ${key}, ${encodeURIComponent(key)}, ${own}`,
      token: "somebody-elses-token",
      deep: { list: [key, Buffer.from(key).toString("base64"), own, { token: "another-token" }] },
    };
    for (const answer of [
      { status: 400, body },
      { status: 500, body: `not json: ${key} ${own} ${"x".repeat(3_000)}` },
      { status: 200, body: `<b>${key}</b>` },
      { status: 302, headers: { location: `https://h.example/?k=${encodeURIComponent(key)}` } },
    ]) {
      server.on("POST", "/thing/one", answer);
      const error = await errorOf(callerWith().json({ ...post, secrets: [own] }));
      expectNoKey(error, own, "somebody-elses-token", "another-token");
    }
  });

  test("that would be cut in half by the limit of length leave no half", async () => {
    server.on("POST", "/thing/one", { status: 400, body: `${"x".repeat(1_996)}${key}` });
    const error = await errorOf(callerWith().json(post));
    expect(everythingIn(error)).not.toContain("xK/ey");
  });

  test("of others are in no error of an answer that ends early", async () => {
    const list = JSON.stringify([
      { name: "a", token: 'token-of-"a"', note: "seen" },
      { name: "b", token: { jwt: "token-of-b" } },
      {
        name: "d",
        note: JSON.stringify({
          token: "token-of-d",
          deep: JSON.stringify({ token: "token-of-e" }),
        }),
      },
      { name: "c", token: "token-of-c", more: "x".repeat(100_000) },
    ]);
    for (const body of [list, list.slice(0, -2), list.slice(0, list.indexOf("-of-b"))]) {
      server.on("POST", "/thing/one", { body });
      const error = await errorOf(callerWith().json({ ...post, maxBytes: 50 }));
      expect(error.code).toBe("unexpected_answer");
      server.on("POST", "/thing/one", { status: 500, body });
      const failed = await errorOf(callerWith().json({ ...post, maxBytes: 1_000_000 }));
      expect(failed.bodyText).toContain("seen");
      expectNoKey(error, "token-of");
      expectNoKey(failed, "token-of");
    }
  });

  test("are in no error of a sender that quotes its request", async () => {
    const send: SendRequest = (request) =>
      Promise.reject(
        new Error(`cannot send ${JSON.stringify(request)}`, { cause: new Error(`bad ${key}`) }),
      );
    expectNoKey(await errorOf(callerWith({ send }).json(post)));
  });

  test("do not show in a printed caller", () => {
    expect(inspect(callerWith(), { depth: null, showHidden: true })).not.toContain(key);
  });

  test("that no header can carry are refused without being quoted", async () => {
    const bad = "secret\nx: y";
    const refusal = await errorOf(Promise.resolve().then(() => callerWith({ apiKey: bad })));
    expect(refusal.code).toBe("invalid_request");
    expectNoKey(refusal, "secret");
    expectNoKey(await errorOf(callerWith().json({ ...get, apiKey: "sécret" })), "sécret");
  });
});

describe("repeats", () => {
  const failing = { status: 503, body: {} };

  function pausesOf(): ApiTiming & { readonly pauses: number[] } {
    return instantTiming();
  }

  test("a call that only reads is repeated twice at most, with growing pauses", async () => {
    const timing = pausesOf();
    server.on("GET", "/thing/one", failing, failing, { body: 1 });
    expect((await callerWith({ timing }).json(get)).value).toBe(1);
    expect(timing.pauses).toEqual([188, 750]);

    server.on("GET", "/thing/one", failing);
    const before = server.requests.length;
    expect((await errorOf(callerWith().json(get))).status).toBe(503);
    expect(server.requests.length - before).toBe(3);
  });

  test("a call that changes something is sent once, unless it says that it may be repeated", async () => {
    server.on("POST", "/thing/one", failing, { body: 2 });
    const before = server.requests.length;
    await errorOf(callerWith().json(post));
    expect(server.requests.length - before).toBe(1);
    server.on("POST", "/thing/one", { fault: "reset" }, { body: 2 });
    expect((await callerWith().json({ ...post, repeatable: true })).value).toBe(2);
  });

  test.each([400, 401, 403, 404, 409, 422, 500, 501])("status %i is final", async (status) => {
    server.on("GET", "/thing/one", { status, body: {} });
    const before = server.requests.length;
    await errorOf(callerWith().json(get));
    expect(server.requests.length - before).toBe(1);
  });

  test("wait as long as the server asks, and give up when that is too long", async () => {
    const timing = pausesOf();
    const busy = { status: 429, body: {}, headers: { "retry-after": "3" } };
    server.on("GET", "/thing/one", busy, { body: 1 });
    await callerWith({ timing }).json(get);
    expect(timing.pauses).toEqual([3_000]);

    const date = new Date(timing.now() + 3_600_000).toUTCString();
    server.on("GET", "/thing/one", { ...busy, headers: { "retry-after": date } });
    const error = await errorOf(callerWith({ timing }).json(get));
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 3_600_000 });
    expect(timing.pauses).toHaveLength(1);
  });

  test("end at once when the call is aborted in a pause", async () => {
    const controller = new AbortController();
    server.on("GET", "/thing/one", failing);
    const timing: ApiTiming = {
      ...instantTiming(),
      wait: (_, signal) => {
        controller.abort(new Error("enough"));
        return Promise.reject(signal?.reason as Error);
      },
    };
    const running = callerWith({ timing }).json({ ...get, signal: controller.signal });
    await expect(running).rejects.toThrow("enough");
  });
});

describe("an answer that was cut off on its way", () => {
  test("is asked for again where that is safe, and else may be", async () => {
    server.on("GET", "/thing/cut", { fault: "half", body: { a: 1 } }, { body: { whole: true } });
    const cut: ApiCall = { ...get, parts: { name: "cut" } };
    expect((await callerWith().json(cut)).value).toEqual({ whole: true });
    server.on("POST", "/thing/cut", { fault: "half", body: { a: 1 } });
    const error = await errorOf(callerWith().json({ ...post, parts: { name: "cut" } }));
    expect(error).toMatchObject({
      code: "unexpected_answer",
      reason: "incomplete",
      retryable: true,
    });
  });

  test("is another thing than one that is too long", async () => {
    server.on("GET", "/thing/long", { body: { a: "x".repeat(5_000) } });
    const before = server.requests.length;
    const long: ApiCall = { ...get, parts: { name: "long" }, maxBytes: 1_000 };
    const error = await errorOf(callerWith().json(long));
    expect(error).toMatchObject({ reason: "incomplete", retryable: false });
    expect(server.requests.length).toBe(before + 1);
  });
});
