import { eventSchema } from "@recado/protocol";
import { describe, expect, test } from "vitest";
import { formatRequest, testEventJson, type Payload, type Sender } from "./request-format.ts";
import { sampleEndpoint } from "../testing/sample.ts";

const sender: Sender = {
  webhookId: "evt_1",
  timestamp: 1_700_000_000,
  version: "1.2.3",
  sign: (body) => `v1,${body.length}`,
};

function provider(text: string, path?: string, headers: Record<string, string> = {}): Payload {
  return {
    format: "provider",
    body: { text, meta: { headers, ...(path === undefined ? {} : { path }) } },
  };
}

describe("the recado format", () => {
  test("is the stored text, signed, with our headers", () => {
    const text = '{"offset":1,"data":{"n":1e21,"a":1,"a":2,"t":"👋🏽"}}';
    const request = formatRequest(sampleEndpoint(), { format: "recado", text }, sender);
    expect(request.body.toString()).toBe(text);
    expect(request.url).toBe("https://hooks.example/in");
    expect(request.headers).toEqual({
      "content-type": "application/json",
      "user-agent": "Recado/1.2.3",
      "webhook-id": "evt_1",
      "webhook-timestamp": "1700000000",
      "webhook-signature": `v1,${Buffer.byteLength(text)}`,
    });
  });

  test("half an emoji goes out as valid UTF-8", () => {
    const request = formatRequest(sampleEndpoint(), { format: "recado", text: '"\ud83d"' }, sender);
    expect(request.body.toString()).toBe('"\ufffd"');
  });

  test("the endpoint's headers keep their case and cannot replace ours", () => {
    const endpoint = sampleEndpoint({
      headers: {
        "X-My-Key": "a",
        "Webhook-Id": "evil",
        Host: "evil",
        "Content-Type": "text/plain",
      },
    });
    const { headers } = formatRequest(endpoint, { format: "recado", text: "{}" }, sender);
    expect(headers["X-My-Key"]).toBe("a");
    expect(headers["webhook-id"]).toBe("evt_1");
    expect(headers["content-type"]).toBe("application/json");
    expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toContain("host");
  });
});

describe("the provider's format", () => {
  test("is the provider's own text with its headers, and our signature", () => {
    const endpoint = sampleEndpoint({ format: "provider", headers: { "X-Forwarded-By": "me" } });
    const payload = provider('{"event":"x"}', undefined, {
      "x-webhook-request-id": "77",
      "x-forwarded-by": "provider",
      "content-length": "9",
      "user-agent": "axios",
    });
    const { headers, body } = formatRequest(endpoint, payload, sender);
    expect(body.toString()).toBe('{"event":"x"}');
    expect(headers).toMatchObject({
      "x-webhook-request-id": "77",
      "X-Forwarded-By": "me",
      "user-agent": "Recado/1.2.3",
      "webhook-id": "evt_1",
    });
    expect(headers).not.toHaveProperty("content-length");
    expect(headers).not.toHaveProperty("x-forwarded-by");
  });

  test.each([
    ["https://a.example", "messages-upsert", "https://a.example/messages-upsert"],
    ["https://a.example/", "messages-upsert", "https://a.example/messages-upsert"],
    ["https://a.example/hook", "messages-upsert", "https://a.example/hook/messages-upsert"],
    ["https://a.example/hook/", "messages-upsert", "https://a.example/hook//messages-upsert"],
    ["https://a.example/hook?k=1", "messages-upsert", "https://a.example/hook/messages-upsert?k=1"],
    ["https://a.example/hook?k=1", undefined, "https://a.example/hook?k=1"],
    ["https://a.example/hook", "..", "https://a.example/hook"],
    ["https://a.example/hook", "../admin", "https://a.example/hook"],
    ["https://a.example/hook", "a?b#c", "https://a.example/hook"],
    ["https://a.example/hook", "group_v2.join", "https://a.example/hook/group_v2.join"],
  ])("%s and the path %s give %s", (url, path, expected) => {
    const endpoint = sampleEndpoint({ url, format: "provider" });
    expect(formatRequest(endpoint, provider("{}", path), sender).url).toBe(expected);
  });
});

describe("an address that was the provider's own", () => {
  const hmac = { "X-Webhook-Hmac": "made with the key between WAHA and us" };
  const more = { "x-webhook-hmac-algorithm": "sha512", "x-webhook-hmac-version": "2" };
  const came = provider('{"event":"message","t":"👋🏽"}', undefined, {
    ...hmac,
    ...more,
    "x-webhook-request-id": "77",
  });
  const signs: Sender = {
    ...sender,
    proveAsProvider: (body) => ({ "x-webhook-hmac": `over ${body.length}` }),
  };

  test.each([{}, { hmacKey: "sealed" }, { events: ["message"] }])(
    "never gets the signature that was made for us: %j",
    (asProvider) => {
      const endpoint = sampleEndpoint({ format: "provider", asProvider });
      const { headers } = formatRequest(endpoint, came, sender);
      expect(Object.keys(headers).filter((name) => /hmac/i.test(name))).toEqual([]);
      expect(headers["x-webhook-request-id"]).toBe("77");
    },
  );

  test("gets one over the bytes that are sent, which its own headers do not replace", () => {
    const endpoint = sampleEndpoint({ format: "provider", asProvider: {}, headers: hmac });
    const { headers, body } = formatRequest(endpoint, came, signs);
    expect(headers["x-webhook-hmac"]).toBe(`over ${body.length}`);
    expect(Object.keys(headers).filter((name) => /hmac/i.test(name))).toHaveLength(1);
    const test = formatRequest(endpoint, { format: "recado", text: "{}" }, signs);
    expect(test.headers["x-webhook-hmac"]).toBe("over 2");
  });

  test("has nothing of it in our own format", () => {
    const endpoint = sampleEndpoint({ format: "recado", asProvider: {} });
    const { headers } = formatRequest(endpoint, { format: "recado", text: "{}" }, signs);
    expect(headers).not.toHaveProperty("x-webhook-hmac");
  });

  test("an endpoint that only wants that format still gets the provider's signature", () => {
    const { headers } = formatRequest(sampleEndpoint({ format: "provider" }), came, sender);
    expect(headers).toMatchObject({ ...hmac, ...more });
  });
});

test("a test event is a valid event that says that it is one", () => {
  const text = testEventJson({
    id: "evt_01890a5d-ac96-774b-bcce-b302099a8057",
    tenantId: "t1",
    offset: 0,
    now: 1_700_000_000_000,
  });
  expect(eventSchema.parse(JSON.parse(text))).toMatchObject({ type: "app.emitted" });
  expect(JSON.parse(text)).toMatchObject({ data: { event: "recado.test", test: true } });
});
