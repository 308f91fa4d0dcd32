import { describe, expect, test } from "vitest";
import { wahaThatSays } from "../testing/answer-server.ts";
import type { WahaApi } from "./index.ts";

/**
 * A proxy, a login page or another program may answer in the server's place, with 200 and JSON. That
 * must never pass for "there is none": sessions would be taken for deleted, and a configuration that was
 * not understood would be overwritten.
 */
const nonsense: readonly unknown[] = [
  { status: "ok" },
  { message: "hi" },
  { error: "bad gateway" },
  [{ foo: 1 }],
  [null],
  ["x"],
  [1],
  "ok",
  5,
  true,
];

const config = { url: "http://gateway.example/in", events: ["message"] };
const reads: Readonly<Record<string, (api: WahaApi) => Promise<unknown>>> = {
  server: (api) => api.server(),
  sessions: (api) => api.sessions(),
  sessionConfigs: (api) => api.sessionConfigs(),
  session: (api) => api.session("loja"),
  sessionConfig: (api) => api.sessionConfig("loja"),
  getWebhook: (api) => api.getWebhook("loja"),
  setWebhook: (api) => api.setWebhook("loja", config),
  deleteWebhook: (api) => api.deleteWebhook("loja"),
  startSession: (api) => api.startSession("loja"),
  stopSession: (api) => api.stopSession("loja"),
  restartSession: (api) => api.restartSession("loja"),
  contacts: (api) => api.contacts("loja"),
  contact: (api) => api.contact("loja", "5511900000009@c.us"),
  chats: (api) => api.chats("loja"),
  lids: (api) => api.lids("loja"),
  findOnWhatsApp: (api) => api.findOnWhatsApp("loja", "5511900000009"),
  profilePicture: (api) => api.profilePicture("loja", "5511900000009@c.us"),
  phoneOfLid: (api) => api.phoneOfLid("loja", "111@lid"),
  messagesSince: (api) => api.messagesSince("loja", { sinceMs: 1_000, untilMs: 9_000 }),
};

describe.each(Object.entries(reads))("%s", (_, read) => {
  test.each(nonsense.map((body) => [JSON.stringify(body)]))(
    "does not believe %s, and writes nothing",
    async (body) => {
      const { api, requests } = await wahaThatSays(() => ({ status: 200, body }));
      await expect(read(api)).rejects.toMatchObject({ code: "unexpected_answer", status: 200 });
      expect(requests.map(({ method }) => method)).not.toContain("PUT");
    },
  );
});

test.each([
  { name: "loja", config: "text" },
  { name: "loja", config: [] },
  { name: "loja", config: { webhooks: { 0: { url: "http://theirs.example" } } } },
  { name: "loja", config: { webhooks: "http://theirs.example" } },
])("a configuration of an unknown form is not overwritten: %j", async (session) => {
  const { api, requests } = await wahaThatSays(() => ({
    status: 200,
    body: JSON.stringify(session),
  }));
  await expect(api.setWebhook("loja", config)).rejects.toMatchObject({ code: "unexpected_answer" });
  await expect(api.deleteWebhook("loja")).rejects.toMatchObject({ code: "unexpected_answer" });
  expect(requests.map(({ method }) => method)).not.toContain("PUT");
});

test.each([
  { name: "loja" },
  { name: "loja", config: null },
  { name: 5, config: { webhooks: null } },
])("%j has no webhook", async (session) => {
  const { api } = await wahaThatSays(() => ({ status: 200, body: JSON.stringify(session) }));
  expect(await api.getWebhook("loja")).toEqual({ webhook: null });
});

test.each(["<html><h1>404 Not Found</h1>nginx</html>", "not here", ""])(
  "a proxy's own 404 (%j) does not look as if the session were gone",
  async (body) => {
    const { api } = await wahaThatSays(() => ({ status: 404, body }));
    await expect(api.session("loja")).rejects.toMatchObject({ code: "unexpected_answer" });
    await expect(api.stopSession("loja")).rejects.toMatchObject({ code: "unexpected_answer" });
  },
);

test("a file that is gone is gone in whatever words", async () => {
  const { api } = await wahaThatSays(() => ({
    status: 404,
    body: "Cannot GET /api/files/a/b.jpeg",
  }));
  await expect(
    api.downloadMedia("http://localhost:3000/api/files/loja/b.jpeg"),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("an empty list is one", async () => {
  const { api } = await wahaThatSays(() => ({ status: 200, body: "[]" }));
  expect(await api.sessions()).toEqual([]);
  expect(await api.contacts("loja")).toEqual([]);
});
