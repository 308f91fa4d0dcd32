import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnsweringServer, PreparedAnswer } from "../../api/testing/answering-server.ts";
import { startAnsweringServer } from "../../api/testing/answering-server.ts";
import type { EvolutionApi } from "./client.ts";
import { apiFor } from "../testing/recordings.ts";

/**
 * A proxy, a login page or another program may answer in the server's place, with 200 and JSON. That
 * must never pass for "there is none": numbers would be taken for deleted, and webhooks for unset.
 */
let next: PreparedAnswer = {};
let server: AnsweringServer;
beforeAll(async () => {
  server = await startAnsweringServer(() => next);
});
afterAll(() => server.close());

const nonsense: readonly unknown[] = [
  { status: "ok" },
  { message: "hi" },
  { data: [] },
  { error: "bad gateway" },
  { error: true, message: "no" },
  { status: 502, error: "Bad Gateway", response: { message: ["no"] } },
  [{ foo: 1 }],
  [null],
  ["x"],
  [1],
  "ok",
  5,
  true,
];

async function messagesOf(api: EvolutionApi): Promise<void> {
  const span = { sinceMs: 1_700_000_000_000, untilMs: 1_700_000_005_000 };
  for await (const part of api.messagesSince("loja", span)) expect(part).toBeUndefined();
}

const reads: Readonly<Record<string, (api: EvolutionApi) => Promise<unknown>>> = {
  listInstances: (api) => api.listInstances(),
  findInstance: (api) => api.findInstance("loja"),
  connectionState: (api) => api.connectionState("loja"),
  connect: (api) => api.connect("loja"),
  restart: (api) => api.restart("loja"),
  getWebhook: (api) => api.getWebhook("loja"),
  getWebsocket: (api) => api.getWebsocket("loja"),
  contacts: (api) => api.contacts("loja"),
  lidPairs: (api) => api.lidPairs("loja"),
  messagesSince: messagesOf,
  createInstance: (api) => api.createInstance("loja"),
};

describe.each(Object.entries(reads))("%s", (_, read) => {
  test.each(nonsense.map((body) => [JSON.stringify(body)]))("does not believe %s", async (body) => {
    next = { body };
    await expect(read(apiFor(server, { version: "2.3.7" }))).rejects.toMatchObject({
      name: "ProviderApiError",
      status: 200,
      code: expect.stringMatching(/^(?:unexpected_answer|wrong_state|provider_failed)$/) as string,
    });
  });
});

test("a refusal under a proxy's 200 means what its own status says", async () => {
  const message = ['The "loja" instance does not exist'];
  next = { body: { status: 404, error: "Not Found", response: { message } } };
  await expect(apiFor(server).connectionState("loja")).rejects.toMatchObject({
    code: "not_found",
    providerMessage: message[0],
  });
});

test.each([null, {}, { webhook: null }, { enabled: false, url: "" }, { enabled: null, url: null }])(
  "%j is no webhook",
  async (body) => {
    next = { body: JSON.stringify(body) };
    expect(await apiFor(server).getWebhook("loja")).toEqual({ webhook: null });
  },
);

test("an empty list of instances is one, and says that an instance is gone", async () => {
  next = { body: [] };
  const api = apiFor(server);
  expect(await api.listInstances()).toEqual([]);
  await expect(api.findInstance("loja")).rejects.toMatchObject({ code: "not_found" });
});

test("of two names that look the same the one that was asked for is found", async () => {
  const [composed, decomposed] = ["Café".normalize("NFC"), "Café".normalize("NFD")];
  next = {
    body: [
      { id: "1", name: composed, connectionStatus: "open" },
      { id: "2", name: decomposed, connectionStatus: "close" },
    ],
  };
  const api = apiFor(server);
  expect(await api.findInstance(decomposed)).toMatchObject({ id: "2", state: "close" });
  expect(await api.findInstance(composed)).toMatchObject({ id: "1", state: "open" });
});

test("times without a zone are UTC, whatever this machine's zone is", async () => {
  const row = {
    name: "loja",
    createdAt: "2026-01-01T10:00:00",
    disconnectionAt: "2026-01-01 10:00",
  };
  next = {
    body: [row, { ...row, createdAt: "2026-01-01T07:00:00-03:00" }, { ...row, createdAt: 0 }],
  };
  const at = Date.UTC(2026, 0, 1, 10);
  const rows = await apiFor(server).listInstances();
  expect(rows.map(({ createdAt }) => createdAt)).toEqual([at, at, undefined]);
  expect(rows[0]?.disconnection).toEqual({ at });
});
