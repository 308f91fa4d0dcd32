import { describe, expect, it } from "vitest";
import { retryWindowMs } from "../../capabilities.ts";
import {
  readWahaWebhookConfig,
  wahaOutlastingRetries,
  type WahaWebhookInput,
} from "./webhook-config.ts";

const url = "https://gateway.example.com/in/1";

function entryOf(config: WahaWebhookInput) {
  const read = readWahaWebhookConfig({ url, ...config });
  if (read.kind !== "entry") throw new Error(JSON.stringify(read));
  return read.entry;
}

describe("a documented configuration becomes one that WAHA takes", () => {
  it("has the documented defaults", () => {
    expect(entryOf({})).toEqual({
      url,
      events: ["*"],
      retries: { policy: "constant", delaySeconds: 2, attempts: 3 },
    });
  });

  it.each([
    [5, { policy: "constant", delaySeconds: 2, attempts: 5 }],
    ["5", { policy: "constant", delaySeconds: 2, attempts: 5 }],
    [0, { policy: "constant", delaySeconds: 2, attempts: 0 }],
    [null, { policy: "constant", delaySeconds: 2, attempts: 3 }],
    [{}, { policy: "constant", delaySeconds: 2, attempts: 15 }],
    [{ attempts: 0 }, { policy: "constant", delaySeconds: 2, attempts: 0 }],
    [
      { policy: "Linear", delaySeconds: "1.5" },
      { policy: "linear", delaySeconds: 1.5, attempts: 15 },
    ],
  ])("with retries %j", (retries, expected) => {
    expect(entryOf({ retries }).retries).toEqual(expected);
  });

  it.each([
    ["key", { key: "key" }],
    [{ key: "key" }, { key: "key" }],
    [null, undefined],
    ["", undefined],
    [{ key: "" }, undefined],
    [{}, undefined],
  ])("with hmac %j", (hmac, expected) => {
    expect(entryOf({ hmac }).hmac).toEqual(expected);
  });

  it.each([
    [{ headers: { A: "1", b: 2, C: true, D: "" } }],
    [
      {
        customHeaders: [
          { name: "A", value: "1" },
          { name: "b", value: 2 },
        ],
        headers: { a: "another", C: "true", D: "" },
      },
    ],
    [{ custom_headers: { A: "1", b: "2" }, headers: { C: "true", D: "" } }],
  ])("with headers %j", (config) => {
    expect(entryOf(config).customHeaders).toEqual([
      { name: "A", value: "1" },
      { name: "b", value: "2" },
      { name: "C", value: "true" },
      { name: "D", value: "" },
    ]);
  });

  it.each([
    [
      ["MESSAGE", "message.ack", "message-any", "Message_Any"],
      ["message", "message.ack", "message.any"],
    ],
    [["state.changed"], ["state.change"]],
    [
      ["STATE_CHANGED", "*"],
      ["state.change", "*"],
    ],
    ["message,session.status", ["message", "session.status"]],
    [[], ["*"]],
    [null, ["*"]],
  ])("with events %j", (events, expected) => {
    expect(entryOf({ events }).events).toEqual(expected);
  });

  it("says which events it leaves out", () => {
    const read = readWahaWebhookConfig({ url, events: ["message", "message.sent", 5] });
    expect(read).toMatchObject({ kind: "entry", unknownEvents: ["message.sent", "5"] });
  });

  it.each([[false], ["false"]])("is off when enabled is %j", (enabled) => {
    expect(readWahaWebhookConfig({ enabled })).toEqual({ kind: "off" });
  });
});

describe("what cannot be meant is refused", () => {
  it.each([
    [{ url: undefined }],
    [{ url: "" }],
    [{ url: "gateway/hook" }],
    [{ url: "ftp://gateway.example.com" }],
    [{ url: "https://" }],
    [{ events: ["message.sent"] }],
    [{ events: { message: true } }],
    [{ events: 5 }],
    [{ retries: -1 }],
    [{ retries: 1.5 }],
    [{ retries: "many" }],
    [{ retries: true }],
    [{ retries: { policy: "fibonacci" } }],
    [{ retries: { delaySeconds: -1 } }],
    [{ retries: { attempts: 1e9 } }],
    [{ retries: Number.NaN }],
    [{ hmac: 5 }],
    [{ hmac: { key: 5 } }],
    [{ headers: { "a b": "1" } }],
    [{ headers: { a: "1\r\nx: 2" } }],
    [{ headers: { a: { b: 1 } } }],
    [{ headers: "a: 1" }],
    [{ customHeaders: ["a: 1"] }],
    [{ headers: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`h${index}`, "1"])) }],
  ])("%j", (config) => {
    const read = readWahaWebhookConfig({ url, ...config } as WahaWebhookInput);
    expect(read).toMatchObject({ kind: "refused", problem: expect.stringMatching(/\w/) });
  });

  it("without quoting a secret", () => {
    for (const config of [
      { headers: { authorization: "s3cret\n" } },
      { hmac: { key: ["s3cret"] } },
      { url: "not-a-url?token=s3cret" },
    ]) {
      const read = readWahaWebhookConfig({ url, ...config } as WahaWebhookInput);
      expect(read.kind).toBe("refused");
      expect(JSON.stringify(read)).not.toContain("s3cret");
    }
  });
});

describe("the retries for our own webhook", () => {
  const { delaySeconds, attempts } = wahaOutlastingRetries;
  const waits = Array.from({ length: attempts }, (_, index) => delaySeconds * 2 ** (index + 1));

  it("last longer than a restart", () => {
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(30 * 60);
  });

  it("never wait longer than a repeat is recognised", () => {
    expect(Math.max(...waits) * 1.2 * 1000).toBeLessThan(retryWindowMs);
  });
});
