import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../../api/testing/answering-server.ts";
import { apiFor, replay, startEvolution } from "../../testing/recordings.ts";
import { keepWebhookRow, sentWebhooks } from "../../testing/webhook-row.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

const url = "http://127.0.0.1:18200/acme";
const setPath = "/webhook/set/acme-sales";
const findPath = "/webhook/find/acme-sales";

describe("deleting a webhook", () => {
  test("switches it off with its own url, empties its headers, and looks", async () => {
    const state = keepWebhookRow(server, "acme-sales", {
      url,
      enabled: true,
      events: ["CALL"],
      headers: { authorization: "x" },
    });
    const { webhook } = await apiFor(server).deleteWebhook("acme-sales");
    expect(webhook).toMatchObject({ url, enabled: false, events: [] });
    expect(sentWebhooks(server)).toEqual([
      { webhook: { enabled: false, url, byEvents: false, base64: false, headers: {}, events: [] } },
    ]);
    expect(state.row).toMatchObject({ headers: {} });
  });

  test("does nothing where it is off, or where there is none", async () => {
    keepWebhookRow(server, "acme-sales", { url, enabled: false, events: [] });
    expect((await apiFor(server).deleteWebhook("acme-sales")).webhook?.enabled).toBe(false);
    replay(server, "webhook-find-min1-none");
    expect(await apiFor(server).deleteWebhook("min1")).toEqual({ webhook: null });
    expect(sentWebhooks(server)).toEqual([]);
  });

  test("that did not work is an error", async () => {
    server.on("GET", findPath, { body: { url, enabled: true, events: ["CALL"] } });
    server.on("POST", setPath, { status: 201, body: {} });
    await expect(apiFor(server).deleteWebhook("acme-sales")).rejects.toMatchObject({
      code: "unexpected_answer",
    });
  });
});
