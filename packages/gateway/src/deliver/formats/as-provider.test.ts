import { evolution, waha } from "@recado/providers";
import { answer, inOrder } from "@recado/simulator";
import { expect, test } from "vitest";
import { evolutionToken, pathByEvents, wahaSignature, wouldSend } from "./as-provider.ts";
import { createStage, scope } from "../testing/delivery-stage.ts";
import { createSecretBox } from "../../base/secret-box.ts";

const upsert = '{"event":"messages.upsert","instance":"loja","data":{"event":"send.message"}}';
const chunk =
  '{"isLatest":true,"progress":12.5,"event":"messages.set","data":[{"event":"messages.upsert"}]}';
const behind = '{"data":{"event":"call"},"event":"group-participants.update"}';

test.each([
  [["MESSAGES_UPSERT"], upsert, true],
  [["messages.upsert", "CALL"], upsert, true],
  [["SEND_MESSAGE"], upsert, false],
  [[], upsert, false],
  [undefined, upsert, true],
  [undefined, "{}", true],
  [["CALL"], "{}", false],
  [["CALL"], '{"event":5}', false],
  [["CALL"], "null", false],
  [["MESSAGES_SET"], chunk, true],
  [["MESSAGES_UPSERT"], chunk, false],
  [["GROUP_PARTICIPANTS_UPDATE"], behind, true],
  [["CALL"], behind, false],
  [["GROUP_UPDATE"], '{"event":"groups.update"}', true],
  [["GROUPS_UPDATE"], '{"event":"groups.update"}', true],
])("an address that had the events %j gets %s: %s", (events, text, expected) => {
  expect(wouldSend(events ? { events } : {}, text)).toBe(expected);
});

test.each([
  [upsert, "messages-upsert"],
  [behind, "group-participants-update"],
  ["{}", undefined],
])(
  "behind an address with one path for each event stands what Evolution writes: %s",
  (text, path) => {
    expect(pathByEvents({ byEvents: true }, text)).toBe(path);
    expect(pathByEvents({}, text)).toBeUndefined();
  },
);

test("the token is one that a reader of Evolution's own takes, for ten minutes", async () => {
  const token = evolutionToken("chave ☕", 1_700_000_000);
  const authorization = `Bearer ${token}`;
  const request = { headers: { authorization }, bytes: Buffer.from("{}"), body: {} };
  const at = { ...request, receivedAt: 1_700_000_300_000 };
  expect(await evolution.authenticate(at, "chave ☕")).toEqual({ kind: "authentic" });
  expect(await evolution.authenticate(at, "other")).toMatchObject({ kind: "forged" });
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  expect(claims.exp - claims.iat).toBe(600);
});

test("the signature is WAHA's documented one", () => {
  const body = '{"event":"message","session":"default","engine":"WEBJS"}';
  expect(wahaSignature("my-secret-key", Buffer.from(body))).toEqual({
    "x-webhook-hmac":
      "208f8a55dde9e05519e898b10b89bf0d0b3b0fdf11fdbf09b6b90476301b98d8097c462b2b17a6ce93b6b47a136cf2e78a33a63f6752c2c1631777076153fa89",
    "x-webhook-hmac-algorithm": "sha512",
  });
});

test.each(["chave ☕", " with spaces ", "x".repeat(4_000)])(
  "a reader of WAHA's takes it, with the key %j",
  async (key) => {
    const bytes = Buffer.from('{"payload":{"body":"👋🏽 \\u00e9"}}');
    const request = { headers: wahaSignature(key, bytes), bytes, body: {}, receivedAt: 0 };
    expect(await waha.authenticate(request, key)).toEqual({ kind: "authentic" });
    expect(await waha.authenticate(request, `${key}x`)).toMatchObject({ kind: "forged" });
  },
);

test("an address that was WAHA's own is signed with its receiver's key, attempt after attempt, and in tests", async () => {
  const stage = await createStage();
  try {
    const receiver = await stage.receiver(inOrder(answer(500), answer(200)));
    const box = createSecretBox(Buffer.alloc(32, 7));
    const { endpoint } = await stage.endpoint(`${receiver.url}/n8n`, {
      format: "provider",
      asProvider: { hmacKey: box.seal("old key") },
    });
    const deliverer = await stage.start();
    const text = '{"id":"evt_1","event":"message","session":"s","payload":{"body":"olá 👋🏽"}}';
    await stage.appendBody(text, 1);
    const [first, second] = await receiver.waitFor(2);
    await stage.until(([delivery]) => delivery?.status === "succeeded");
    expect(String(first?.body)).toBe(text);
    expect(second?.headers["x-webhook-hmac"]).toBe(first?.headers["x-webhook-hmac"]);
    await stage.store.directory.updateEndpoint(scope, endpoint.id, {
      asProvider: { hmacKey: box.seal("new key") },
    });
    expect(await deliverer.sendTest(scope, endpoint.id)).toMatchObject({ outcome: "succeeded" });
    const third = receiver.requests[2];
    for (const [request, key] of [
      [first, "old key"],
      [third, "new key"],
    ] as const) {
      if (!request) throw new Error("there was no request");
      const { headers } = request;
      const proven = { headers, bytes: request.body, body: {}, receivedAt: 0 };
      expect(await waha.authenticate(proven, key)).toEqual({ kind: "authentic" });
    }
  } finally {
    await stage.close();
  }
});

test("a key that cannot be opened sends nothing unsigned", async () => {
  const stage = await createStage();
  try {
    const receiver = await stage.receiver();
    const { endpoint } = await stage.endpoint(receiver.url, {
      format: "provider",
      asProvider: { hmacKey: createSecretBox(Buffer.alloc(32, 8)).seal("key") },
    });
    const deliverer = await stage.start();
    const attempt = await deliverer.sendTest(scope, endpoint.id);
    expect(attempt).toMatchObject({ outcome: "failed", errorCode: "secret_unreadable" });
    expect(receiver.requests).toEqual([]);
  } finally {
    await stage.close();
  }
});

test("an address that was Evolution's own goes on receiving the events it had, at their paths, with its token", async () => {
  const stage = await createStage();
  try {
    const receiver = await stage.receiver();
    const jwtKey = createSecretBox(Buffer.alloc(32, 7)).seal("the receiver's key");
    await stage.endpoint(`${receiver.url}/n8n`, {
      format: "provider",
      headers: { "x-shop": "1" },
      asProvider: { events: ["MESSAGES_UPSERT", "CALL"], byEvents: true, jwtKey },
    });
    await stage.start();
    for (const event of ["messages.upsert", "send.message", "call"]) {
      await stage.appendBody(JSON.stringify({ event, data: {} }), 2);
    }
    const requests = await receiver.waitFor(2);
    expect(requests.map(({ url }) => url).toSorted()).toEqual([
      "/n8n/call",
      "/n8n/messages-upsert",
    ]);
    for (const { headers, body } of requests) {
      expect(headers["x-shop"]).toBe("1");
      const { authorization = "" } = headers as { readonly authorization?: string };
      const request = { headers: { authorization }, bytes: body, receivedAt: Date.now() };
      expect(await evolution.authenticate({ ...request, body: {} }, "the receiver's key")).toEqual({
        kind: "authentic",
      });
    }
    const all = await stage.until((found) => found.every(({ status }) => status === "succeeded"));
    expect(all).toHaveLength(2);
    const { head } = await stage.store.log.bounds(scope);
    expect(head).toBe(6);
  } finally {
    await stage.close();
  }
});
