import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../contract.ts";
import { wahaThatSays, type Reply, type SeenRequest } from "../../testing/answer-server.ts";
import { jsonAnswer, recordedAnswer, recordedCall } from "../../testing/recorded-answer.ts";
import { wahaKeptSecret } from "./webhook-config.ts";

const theirs = {
  url: "https://crm.example.com/hook",
  events: ["message"],
  hmac: { key: "their-key" },
  customHeaders: [{ name: "Authorization", value: "Bearer theirs" }],
};
const mine = {
  url: "https://gateway.example.com/in/1",
  events: ["*"],
  hmac: "our-key",
  retries: 5,
};
const config: JsonObject = {
  metadata: { "tenant.id": "t-001" },
  noweb: { store: { enabled: true } },
  fromTomorrow: { list: [1] },
  webhooks: [theirs],
};
const stored = {
  url: mine.url,
  events: ["*"],
  hmac: { key: "our-key" },
  retries: { policy: "constant", delaySeconds: 2, attempts: 5 },
};

/** A WAHA that keeps one session's configuration; `refuse` may answer a PUT instead of doing it. */
function sessionWith(
  start: JsonObject | null,
  refuse: (body: JsonObject, puts: number) => Reply | undefined = () => undefined,
) {
  const state = { config: start, puts: 0 };
  const script = (request: SeenRequest): Reply => {
    if (request.method === "PUT") {
      state.puts += 1;
      const body = request.body as JsonObject;
      const refused = refuse(body, state.puts);
      if (refused !== undefined) return refused;
      state.config = (body["config"] ?? null) as JsonObject | null;
    }
    return jsonAnswer({ name: "default", status: "WORKING", config: state.config });
  };
  return { state, script };
}

describe("setting a webhook", () => {
  it("writes the whole configuration with ours in it, and returns what is stored", async () => {
    const { state, script } = sessionWith(config);
    const { api, requests } = await wahaThatSays(script);
    const set = await api.setWebhook("default", mine);
    expect(set).toMatchObject({
      changed: true,
      unknownEvents: [],
      webhook: {
        url: mine.url,
        enabled: true,
        events: ["*"],
        retries: stored.retries,
        hmac: { key: wahaKeptSecret },
      },
    });
    expect(state.config).toEqual({ ...config, webhooks: [theirs, stored] });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /api/sessions/default",
      "PUT /api/sessions/default",
      "GET /api/sessions/default",
    ]);
    expect(Object.keys(requests[1]?.body as JsonObject)).toEqual(["config"]);
  });

  it("makes the recorded update", async () => {
    const { body } = recordedCall("session-update-put-stopped").request;
    const { config: wanted } = body as { config: JsonObject };
    const { state, script } = sessionWith({ ...wanted, webhooks: [] });
    const { api, requests } = await wahaThatSays(script);
    await api.setWebhook("default", {
      url: "http://127.0.0.1:18601/ok/p6",
      events: ["*"],
      hmac: { key: "recado-fixture-hmac-key" },
      retries: { policy: "constant", delaySeconds: 1, attempts: 3 },
      headers: { "X-Recado-Tenant": "t-001" },
    });
    expect(state.puts).toBe(1);
    expect(requests[1]?.body).toEqual(body);
  });

  it("writes nothing when nothing differs", async () => {
    const { state, script } = sessionWith({ ...config, webhooks: [theirs, stored] });
    const { api } = await wahaThatSays(script);
    expect(await api.setWebhook("default", mine)).toMatchObject({ changed: false });
    expect(state.puts).toBe(0);
  });

  it("moves ours to its new address instead of adding a second one", async () => {
    const old = { ...stored, url: "https://gateway.example.com/in/0" };
    const { state, script } = sessionWith({ webhooks: [old, theirs] });
    const ownsUrl = (url: string) => url.startsWith("https://gateway.example.com/");
    const { api } = await wahaThatSays(script, { ownsUrl });
    await api.setWebhook("default", mine);
    expect(state.config).toEqual({ webhooks: [stored, theirs] });
  });

  it.each([[null], [{}]])("begins with the configuration %j", async (nothing) => {
    const { state, script } = sessionWith(nothing);
    const { api } = await wahaThatSays(script);
    await api.setWebhook("default", mine);
    expect(state.config).toEqual({ webhooks: [stored] });
  });

  it("keeps a masked key as it is stored", async () => {
    const { state, script } = sessionWith({ webhooks: [stored] });
    const { api } = await wahaThatSays(script);
    const { webhook } = await api.getWebhook("default");
    await api.setWebhook("default", { ...webhook, retries: 7 });
    expect(state.config).toMatchObject({
      webhooks: [{ hmac: { key: "our-key" }, retries: { attempts: 7 } }],
    });
    await expect(
      api.setWebhook("default", {
        ...mine,
        url: "https://other.example.com",
        hmac: wahaKeptSecret,
      }),
    ).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("leaves out the events that the server does not know, and says which", async () => {
    const { state, script } = sessionWith(config, (_, puts) =>
      puts === 1 ? recordedAnswer("err-400-webhook-unknown-event") : undefined,
    );
    const { api } = await wahaThatSays(script);
    const events = ["message", "group.v2.participants.join-request", "made.up"];
    const set = await api.setWebhook("default", { ...mine, events });
    expect(set).toMatchObject({
      changed: true,
      webhook: { events: ["message"] },
      unknownEvents: ["made.up", "group.v2.participants.join-request"],
    });
    expect(state.puts).toBe(2);
  });

  it("does not touch another's webhook that the server refuses", async () => {
    const { state, script } = sessionWith(config, () =>
      recordedAnswer("err-400-webhook-unknown-event"),
    );
    const { api } = await wahaThatSays(script);
    await expect(api.setWebhook("default", mine)).rejects.toMatchObject({
      code: "invalid_request",
      status: 400,
    });
    expect(state).toMatchObject({ puts: 1, config });
  });

  it("is no success when the server has something else afterwards", async () => {
    const { script } = sessionWith(config, () => jsonAnswer({ name: "default" }));
    const { api } = await wahaThatSays(script);
    await expect(api.setWebhook("default", mine)).rejects.toMatchObject({
      code: "unexpected_answer",
      providerMessage: expect.stringContaining("url"),
    });
  });

  it("is a success when only the answer was lost, and is not sent twice", async () => {
    const { state, script } = sessionWith(config, (body) => {
      state.config = body["config"] as JsonObject;
      return jsonAnswer({ message: "Gateway Timeout" }, 504);
    });
    const { api } = await wahaThatSays(script);
    expect(await api.setWebhook("default", mine)).toMatchObject({ changed: true });
    expect(state.puts).toBe(1);
  });

  it("is a failure when the update was lost", async () => {
    const { state, script } = sessionWith(config, () => jsonAnswer({ message: "busy" }, 503));
    const { api } = await wahaThatSays(script);
    await expect(api.setWebhook("default", mine)).rejects.toMatchObject({ status: 503 });
    expect(state).toMatchObject({ puts: 1, config });
  });

  it("off takes it out", async () => {
    const { state, script } = sessionWith({ webhooks: [theirs, stored] });
    const { api } = await wahaThatSays(script);
    const off = { ...mine, enabled: false };
    expect(await api.setWebhook("default", off)).toMatchObject({ webhook: null, changed: true });
    expect(state.config).toEqual({ webhooks: [theirs] });
    expect(await api.setWebhook("default", off)).toMatchObject({ webhook: null, changed: false });
  });

  it("from two sides at once loses neither", async () => {
    const { state, script } = sessionWith(config);
    const { api } = await wahaThatSays(script);
    const urls = Array.from({ length: 5 }, (_, index) => `https://gateway.example.com/in/${index}`);
    await Promise.all(urls.map((url) => api.setWebhook("default", { ...mine, url })));
    const { webhooks } = state.config as { webhooks: readonly { url: string }[] };
    expect(webhooks.map(({ url }) => url)).toEqual([theirs.url, ...urls]);
  });

  it("is refused when too many changes of the session wait", async () => {
    const { script } = sessionWith(config);
    const { api } = await wahaThatSays(script);
    const sets = Array.from({ length: 33 }, () => api.setWebhook("default", mine));
    const ends = await Promise.allSettled(sets);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(32);
    await expect(sets[32]).rejects.toMatchObject({ code: "rate_limited", retryable: true });
  });

  it("after one that failed goes on", async () => {
    const { state, script } = sessionWith(config, (_, puts) =>
      puts === 1 ? jsonAnswer({ message: "no" }, 422) : undefined,
    );
    const { api } = await wahaThatSays(script);
    const [first, second] = await Promise.allSettled([
      api.setWebhook("default", mine),
      api.setWebhook("default", mine),
    ]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
    expect(state.puts).toBe(2);
  });
});

describe("taking a webhook out", () => {
  it("leaves the others and everything else", async () => {
    const { state, script } = sessionWith({ ...config, webhooks: [stored, theirs] });
    const { api } = await wahaThatSays(script);
    const owns = (url: string) => url === mine.url;
    expect(await api.deleteWebhook("default", owns)).toEqual({ changed: true });
    expect(state.config).toEqual(config);
    expect(await api.deleteWebhook("default", owns)).toEqual({ changed: false });
    expect(state.puts).toBe(1);
  });

  it("takes the only one, but does not choose among several", async () => {
    const alone = sessionWith({ webhooks: [stored] });
    const single = await wahaThatSays(alone.script);
    expect(await single.api.deleteWebhook("default")).toEqual({ changed: true });
    expect(await single.api.deleteWebhook("default")).toEqual({ changed: false });
    const several = sessionWith({ webhooks: [stored, theirs] });
    const { api } = await wahaThatSays(several.script);
    await expect(api.deleteWebhook("default")).rejects.toMatchObject({ code: "invalid_request" });
    expect(several.state.puts).toBe(0);
  });

  it("is no success while the server still has it", async () => {
    const { script } = sessionWith({ webhooks: [stored] }, () => jsonAnswer({ name: "default" }));
    const { api } = await wahaThatSays(script);
    await expect(api.deleteWebhook("default")).rejects.toMatchObject({ code: "unexpected_answer" });
  });

  it("of an unknown session is refused", async () => {
    const { api } = await wahaThatSays([recordedAnswer("err-404-session-get-deleted")]);
    await expect(api.deleteWebhook("default", () => true)).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("comparing", () => {
  it("shows in what ours differs, and changes nothing", async () => {
    const { state, script } = sessionWith({
      webhooks: [theirs, { ...stored, events: ["message"] }],
    });
    const { api } = await wahaThatSays(script);
    expect(await api.compareWebhook("default", mine)).toEqual(["events"]);
    expect(await api.compareWebhook("default", { ...mine, hmac: "another" })).toEqual([
      "events",
      "hmac",
    ]);
    expect(
      await api.compareWebhook("default", { ...mine, url: "https://x.example.com" }),
    ).toHaveLength(5);
    expect(state.puts).toBe(0);
  });

  it("of a webhook that is to be off asks only whether it is there", async () => {
    const { script } = sessionWith({ webhooks: [theirs, stored] });
    const { api } = await wahaThatSays(script);
    const off = { enabled: false, url: mine.url };
    expect(await api.compareWebhook("default", off)).toHaveLength(5);
    expect(await api.compareWebhook("default", { ...off, url: "https://x.example.com" })).toEqual(
      [],
    );
  });
});

describe("a whole configuration", () => {
  it("is replaced and read back", async () => {
    const { script } = sessionWith(config);
    const { api } = await wahaThatSays(script);
    const next = { ...config, noweb: { store: { enabled: false } } };
    expect(await api.replaceSessionConfig("default", next)).toEqual(next);
  });
});
