import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProviderApiError, type SendRequest } from "../../api/index.ts";
import type { JsonObject } from "../../contract.ts";
import { filePathOf } from "./file-path.ts";
import { WahaApi } from "./index.ts";
import { readWahaWebhookConfig, type WahaWebhookInput } from "./webhooks/webhook-config.ts";
import { urlOf, webhooksIn, withoutWahaWebhook, withWahaWebhook } from "./webhooks/webhook-list.ts";

/** Values of the members that WAHA's answers have, each of any type. */
const member = fc.constantFrom(
  "id",
  "name",
  "status",
  "config",
  "webhooks",
  "url",
  "events",
  "hmac",
  "key",
  "me",
  "lid",
  "pn",
  "customHeaders",
  "retries",
  "engine",
  "timestamps",
  "activity",
  "metadata",
  "value",
  "code",
  "mimetype",
  "data",
  "version",
  "timestamp",
  "error",
  "message",
  "statusCode",
  "exception",
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(member, tie("json"), { maxKeys: 6 }),
  ),
}));

const acts: readonly ((api: WahaApi) => Promise<unknown>)[] = [
  (api) => api.server(),
  (api) => api.sessions(),
  (api) => api.session("a"),
  (api) => api.sessionConfigs(),
  (api) => api.createSession("a"),
  (api) => api.startSession("a"),
  (api) => api.stopSession("a"),
  (api) => api.deleteSession("a"),
  (api) => api.account("a"),
  (api) => api.qrCode("a"),
  (api) => api.pairingCode("a", "55119"),
  (api) => api.setWebhook("a", { url: "https://gateway.example.com" }),
  (api) => api.getWebhook("a"),
  (api) => api.webhooks("a"),
  (api) => api.deleteWebhook("a"),
  (api) => api.compareWebhook("a", { url: "https://gateway.example.com" }),
  (api) => api.messagesSince("a", { sinceMs: 0, untilMs: 1_000 }),
  (api) => api.message("a", "b", "c"),
  (api) => api.chats("a"),
  (api) => api.contacts("a"),
  (api) => api.contact("a", "b"),
  (api) => api.findOnWhatsApp("a", "5"),
  (api) => api.profilePicture("a", "b"),
  (api) => api.lids("a"),
  (api) => api.phoneOfLid("a", "b"),
  (api) => api.lidOfPhone("a", "b"),
  (api) => api.downloadMedia("/api/files/a/b"),
];

describe("whatever a server answers", () => {
  it("every call ends with a result or with an error of this client", async () => {
    const answers = fc.tuple(json, fc.constantFrom(200, 200, 201, 400, 404, 422, 500));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...acts), answers, async (act, [value, status]) => {
        const send: SendRequest = () =>
          Promise.resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(value)) });
        const api = new WahaApi({ baseUrl: "http://127.0.0.1:3000", apiKey: "k", send });
        const outcome = await act(api).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ProviderApiError);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("whatever a configuration holds", () => {
  const entry = { url: "https://gateway.example.com/in", events: ["*"] };
  const read = readWahaWebhookConfig(entry);
  const ours = (url: string) => url.startsWith("https://gateway.example.com/");

  it("a change of ours leaves the rest as it was", () => {
    if (read.kind !== "entry") throw new Error("the entry can be read");
    const webhook = fc.oneof(
      json,
      fc.record({ url: fc.constantFrom(entry.url, "https://x.test") }),
    );
    const configs = fc
      .tuple(fc.dictionary(fc.string(), json), fc.option(fc.array(webhook, { maxLength: 5 })))
      .map(([rest, webhooks]) => ({ ...rest, ...(webhooks === null ? {} : { webhooks }) }));
    fc.assert(
      fc.property(configs, (config: JsonObject) => {
        const before = JSON.stringify(config);
        const next = withWahaWebhook(config, read.entry, ours);
        const isOurs = (one: JsonObject) => ours(urlOf(one));
        expect(webhooksIn(next).filter(isOurs)).toHaveLength(1);
        expect(withoutWahaWebhook(next, ours)).toEqual({
          ...withoutWahaWebhook(config, ours),
        });
        expect(JSON.stringify(config)).toBe(before);
      }),
    );
  });

  it("reading what somebody wants never throws", () => {
    const wishes = fc.dictionary(
      fc.constantFrom("url", "enabled", "events", "retries", "hmac", "headers", "customHeaders"),
      fc.oneof(json, fc.constant("https://gateway.example.com")),
    );
    fc.assert(
      fc.property(wishes, (wish) => {
        const { kind } = readWahaWebhookConfig(wish as WahaWebhookInput);
        expect(["off", "entry", "refused"]).toContain(kind);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("whatever a media address is", () => {
  it("only a file below WAHA's own folder is asked for", () => {
    const piece = fc.constantFrom(
      "..",
      ".",
      "%2e%2e",
      "%2f",
      "%5c",
      "\\",
      "/",
      "a",
      "?",
      "#",
      "%",
      "é",
    );
    const addresses = fc
      .array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 8 })
      .map((pieces) => `http://localhost/api/files/${pieces.join("")}`);
    fc.assert(
      fc.property(addresses, (address) => {
        for (const part of Object.values(filePathOf(address)?.parts ?? {})) {
          expect(part).not.toMatch(/^\.{0,2}$|[/\\\u0000]/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
