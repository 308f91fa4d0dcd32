import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProviderApiError, SendFailure, type SendRequest } from "../../api/index.ts";
import {
  startAnsweringServer,
  type AnsweringServer,
  type PreparedAnswer,
} from "../../api/testing/answering-server.ts";
import {
  apiFor,
  errorAnswer,
  globalKey,
  recording,
  replay,
  startEvolution,
} from "../testing/recordings.ts";
import { EvolutionApi } from "./index.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

async function collect(messages: AsyncIterable<unknown>): Promise<unknown[]> {
  const parts: unknown[] = [];
  for await (const part of messages) parts.push(part);
  return parts;
}

/** Every call of the client, about the instance `a`. */
const calls: readonly (readonly [string, (api: EvolutionApi) => Promise<unknown>])[] = [
  ["serverInfo", (api) => api.serverInfo()],
  ["checkCredentials", (api) => api.checkCredentials()],
  ["eventNames", (api) => api.eventNames()],
  ["listInstances", (api) => api.listInstances()],
  ["findInstance", (api) => api.findInstance("a")],
  ["createInstance", (api) => api.createInstance("a")],
  ["createInstanceWithWebhook", (api) => api.createInstanceWithWebhook("a", { url: "http://h" })],
  ["connectionState", (api) => api.connectionState("a")],
  ["connect", (api) => api.connect("a")],
  ["restart", (api) => api.restart("a")],
  ["logout", (api) => api.logout("a")],
  ["deleteInstance", (api) => api.deleteInstance("a")],
  ["profile", (api) => api.profile("a")],
  ["setWebhook", (api) => api.setWebhook("a", { url: "http://h" })],
  ["compareWebhook", (api) => api.compareWebhook("a", { url: "http://h" })],
  ["getWebhook", (api) => api.getWebhook("a")],
  ["deleteWebhook", (api) => api.deleteWebhook("a")],
  ["getWebsocket", (api) => api.getWebsocket("a")],
  ["setWebsocket", (api) => api.setWebsocket("a", { enabled: true })],
  ["messagesSince", (api) => collect(api.messagesSince("a", { sinceMs: 0 }))],
  ["contacts", (api) => api.contacts("a")],
  ["lidPairs", (api) => api.lidPairs("a")],
  ["media", (api) => api.media("a", "M1")],
];

const html = { body: "<html>a page</html>", headers: { "content-type": "text/html" } };

const failures: readonly (readonly [string, PreparedAnswer, readonly string[]])[] = [
  ["a page", html, ["unexpected_answer"]],
  ["a page of 404", { ...html, status: 404 }, ["unexpected_answer"]],
  ["a page of 502", { ...html, status: 502 }, ["provider_failed"]],
  ["half an answer", { body: "[".repeat(2_000), fault: "half" }, ["unexpected_answer"]],
  ["no JSON", { body: "{nope" }, ["unexpected_answer"]],
  [
    "a redirect",
    { status: 301, headers: { location: "https://h.example/x" }, body: "" },
    ["unexpected_answer"],
  ],
  ["no key", errorAnswer(401, "Unauthorized", "Unauthorized"), ["unauthorised"]],
  [
    "an unknown instance",
    errorAnswer(404, "Not Found", ['The "a" instance does not exist']),
    ["not_found"],
  ],
  ["an inner failure", errorAnswer(500, "Internal Server Error", "boom"), ["provider_failed"]],
  ["too many calls", { status: 429, body: {}, headers: { "retry-after": "1" } }, ["rate_limited"]],
  [
    "a failure under 200",
    { body: { error: true, message: "Error: x" } },
    ["unexpected_answer", "wrong_state"],
  ],
  ["a cut connection", { fault: "reset" }, ["unreachable"]],
  ["no answer in time", { fault: "silent" }, ["timeout"]],
];

describe.each(failures)("every call that gets %s", (_, answer, codes) => {
  let failing: AnsweringServer;
  beforeEach(async () => {
    failing = await startAnsweringServer(() => answer);
  });
  afterEach(() => failing.close());

  test.each(calls)("%s rejects with its kind, and without the key", async (name, call) => {
    // These two ask for the version itself.
    const asksVersion = name === "serverInfo" || name === "eventNames";
    const api = apiFor(failing, {
      ...(asksVersion ? {} : { version: "2.3.7" }),
      timeoutMs: answer.fault === "silent" ? 15 : 2_000,
    });
    const error: unknown = await call(api).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ProviderApiError);
    expect(codes).toContain((error as ProviderApiError).code);
    const all = `${inspect(error, { depth: null, showHidden: true })}${JSON.stringify(error)}`;
    expect(all).not.toContain(globalKey);
    expect((error as ProviderApiError).documentedMessage).toMatch(/^Evolution API Error: ./);
  });
});

test("every method of the client is tried", () => {
  const methods = Object.getOwnPropertyNames(EvolutionApi.prototype).filter(
    (name) => !["constructor", "baseUrl"].includes(name),
  );
  expect(calls.map(([name]) => name).toSorted()).toEqual(methods.toSorted());
});

describe("the client", () => {
  test("shows no key, however it is printed", () => {
    const api = apiFor(server);
    expect(inspect(api, { depth: null, showHidden: true })).not.toContain(globalKey);
    expect(JSON.stringify(api)).toBe("{}");
    expect(api.baseUrl).toBe(server.url);
  });

  test("takes the address of the server's own pages for the server", () => {
    expect(apiFor(server, { baseUrl: `${server.url}/manager/` }).baseUrl).toBe(server.url);
    expect(() => apiFor(server, { baseUrl: "ftp://h" })).toThrow(ProviderApiError);
    expect(() => apiFor(server, { baseUrl: "http://u:secret-0001@h" })).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining("secret-0001") as string,
      }) as Error,
    );
  });

  test("asks for the version once, also for calls at once, and again after a failure", async () => {
    replay(server, "webhook-set-full");
    server.on("GET", "/webhook/find/acme-sales", recording("webhook-set-full").response);
    const api = apiFor(server);
    server.on("GET", "/", { status: 500, body: {} }, recording("root").response);
    const set = () => api.setWebhook("acme-sales", { url: "http://127.0.0.1:18200/acme" });
    await expect(set()).rejects.toMatchObject({ code: "provider_failed", call: "GET /" });
    await Promise.all([set(), set(), set()]);
    expect(server.requests.filter(({ path }) => path === "/")).toHaveLength(2);
  });

  test("follows a server that was updated once it asks anew", async () => {
    server.on(
      "GET",
      "/",
      { body: { message: "Evolution", version: "1.8.2" } },
      { body: { message: "Evolution", version: "2.3.7" } },
    );
    const api = apiFor(server);
    expect(await api.eventNames()).toHaveLength(26);
    await api.serverInfo();
    expect(await api.eventNames()).toHaveLength(31);
  });

  test("ends a call with the reason of its own signal", async () => {
    server.on("GET", "/instance/fetchInstances", { fault: "silent" });
    const controller = new AbortController();
    const running = apiFor(server).listInstances({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });

  test("tells an address that may not be called from one that does not answer", async () => {
    const send: SendRequest = () =>
      Promise.reject(new SendFailure("blocked_address", "this address may not be called"));
    await expect(apiFor(server, { send }).listInstances()).rejects.toMatchObject({
      code: "unreachable",
      reason: "blocked_address",
      message:
        "Evolution API: GET /instance/fetchInstances got no answer (blocked_address): this address may not be called",
    });
  });

  test("says what a failure is in one plain sentence, with method, path, status and words", async () => {
    replay(server, "logout-when-closed");
    await expect(apiFor(server).logout("acme-sales")).rejects.toMatchObject({
      message:
        'Evolution API: DELETE /instance/logout/:instance was answered with 400 Bad Request (wrong_state): The "acme-sales" instance is not connected',
      documentedMessage:
        'Evolution API Error: 400 Bad Request - {"status":400,"error":"Bad Request","response":{"message":["The \\"acme-sales\\" instance is not connected"]}}',
    });
  });
});
