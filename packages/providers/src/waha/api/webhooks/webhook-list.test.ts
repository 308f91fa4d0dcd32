import { describe, expect, it } from "vitest";
import { jsonAnswer, recordedCall } from "../../testing/recorded-answer.ts";
import type { JsonObject } from "../../../contract.ts";
import { wahaKeptSecret, type WahaWebhookEntry } from "./webhook-config.ts";
import {
  secretsIn,
  viewOfWahaWebhook,
  wahaWebhookDifferences,
  webhooksIn,
  withKeptSecrets,
  withoutWahaWebhook,
  withWahaWebhook,
} from "./webhook-list.ts";

const entry: WahaWebhookEntry = {
  url: "https://gateway.example.com/in/new",
  events: ["*"],
  hmac: { key: "our-key" },
  retries: { policy: "exponential", delaySeconds: 2, attempts: 9 },
};
const ours = (url: string) => url.startsWith("https://gateway.example.com/");
const theirs = {
  url: "https://crm.example.com/hook",
  events: ["message"],
  hmac: { key: "theirs" },
};
const old = { url: "https://gateway.example.com/in/old", events: ["message"], later: { a: 1 } };

/** A configuration with a member of every kind that a PUT must give back. */
const config: JsonObject = {
  metadata: { "tenant.id": "t-001" },
  debug: false,
  proxy: null,
  ignore: { status: true },
  noweb: { markOnline: true, store: { enabled: true, fullSync: false } },
  fromTomorrow: [{ deep: { list: [1, null, "x"] } }],
  webhooks: [theirs, old, 7, { ...theirs, url: "https://third.example.com" }],
};

describe("putting our webhook in", () => {
  it("leaves every other member and webhook as it was, in its order", () => {
    const before = JSON.stringify(config);
    const next = withWahaWebhook(config, entry, ours);
    expect(next).toEqual({
      ...config,
      webhooks: [theirs, { later: { a: 1 }, ...entry }, 7, (config["webhooks"] as unknown[])[3]],
    });
    expect(Object.keys(next)).toEqual(Object.keys(config));
    expect(JSON.stringify(config)).toBe(before);
  });

  it("puts it behind the others when there is none of ours", () => {
    expect(withWahaWebhook({ webhooks: [theirs] }, entry, ours)["webhooks"]).toEqual([
      theirs,
      entry,
    ]);
  });

  it("leaves one of ours where there were several", () => {
    const several = { webhooks: [old, theirs, { ...old, url: entry.url }] };
    expect(withWahaWebhook(several, entry, ours)["webhooks"]).toEqual([
      { later: { a: 1 }, ...entry },
      theirs,
    ]);
  });

  it.each([[null], [undefined], [{}], [{ webhooks: null }], [{ webhooks: "none" }]])(
    "begins a list where there is %j",
    (nothing) => {
      expect(withWahaWebhook(nothing, entry, ours)).toEqual({ webhooks: [entry] });
    },
  );

  it("settles: doing it twice is doing it once", () => {
    const once = withWahaWebhook(config, entry, ours);
    expect(withWahaWebhook(once, entry, ours)).toEqual(once);
  });
});

describe("taking our webhook out", () => {
  it("leaves everything else", () => {
    expect(withoutWahaWebhook(config, ours)).toEqual({
      ...config,
      webhooks: [theirs, 7, (config["webhooks"] as unknown[])[3]],
    });
  });
});

describe("differences", () => {
  const stored = entry as unknown as JsonObject;
  it("are none for what is stored as it was wanted, in any order", () => {
    expect(wahaWebhookDifferences(stored, entry)).toEqual([]);
    expect(
      wahaWebhookDifferences(
        { ...stored, events: ["b", "a"], customHeaders: [] },
        { ...entry, events: ["a", "b"] },
      ),
    ).toEqual([]);
  });

  it("are none where WAHA's own default was left out", () => {
    const plain = {
      ...entry,
      retries: { policy: "constant", delaySeconds: 2, attempts: 15 },
    } as const;
    const { retries: _, ...without } = plain;
    expect(wahaWebhookDifferences(without, plain)).toEqual([]);
  });

  it.each([
    ["url", { url: "https://gateway.example.com/in/old" }],
    ["events", { events: ["message"] }],
    ["events", { events: null }],
    ["hmac", { hmac: { key: "another" } }],
    ["hmac", { hmac: null }],
    ["retries", { retries: { policy: "exponential", delaySeconds: 2, attempts: 8 } }],
    ["retries", { retries: null }],
    ["customHeaders", { customHeaders: [{ name: "A", value: "1" }] }],
  ])("are seen in %s", (part, change) => {
    expect(wahaWebhookDifferences({ ...stored, ...change }, entry)).toEqual([part]);
  });
});

describe("secrets", () => {
  const stored = {
    url: "https://gateway.example.com/in/old",
    hmac: { key: "kept-key" },
    customHeaders: [{ name: "X-Token", value: "kept-token" }],
  };
  const masked: WahaWebhookEntry = {
    ...entry,
    hmac: { key: wahaKeptSecret },
    customHeaders: [{ name: "x-token", value: wahaKeptSecret }],
  };

  it("are not in a view", () => {
    expect(JSON.stringify(viewOfWahaWebhook(stored))).not.toMatch(/kept-key|kept-token/);
  });

  it("are kept where a view is given back", () => {
    expect(withKeptSecrets(masked, stored)).toMatchObject({
      hmac: { key: "kept-key" },
      customHeaders: [{ name: "x-token", value: "kept-token" }],
    });
  });

  it("do not go to another server", () => {
    const elsewhere = { ...masked, url: "https://gateway.example.org/in/old" };
    expect(withKeptSecrets(elsewhere, stored)).toBeUndefined();
    expect(withKeptSecrets(masked, undefined)).toBeUndefined();
    expect(withKeptSecrets({ ...masked, hmac: { key: "given" } }, undefined)).toBeUndefined();
  });

  it("of a whole recorded configuration are found", () => {
    const { body } = recordedCall("session-get-working").response;
    const found = secretsIn((body as JsonObject)["config"]);
    expect(found).toContain("recado-fixture-hmac-key");
    expect(found).toContain("Bearer recado-fixture-token");
  });
});

describe("odd lists", () => {
  it.each([[null], ["x"], [[]], [{ webhooks: {} }], [{ webhooks: [null, 1, "x", []] }]])(
    "%j hold no webhook",
    (odd) => expect(webhooksIn(odd)).toEqual([]),
  );

  it("are shown without what cannot be read", () => {
    const text = JSON.stringify({ url: 1, events: "x", retries: [], hmac: "y", customHeaders: {} });
    const odd = JSON.parse(String(jsonAnswer(JSON.parse(text)).body)) as JsonObject;
    expect(viewOfWahaWebhook(odd)).toMatchObject({ url: "", events: [], hmac: null, headers: {} });
  });
});
