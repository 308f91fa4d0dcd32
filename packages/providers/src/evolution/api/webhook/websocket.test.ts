import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../../api/testing/answering-server.ts";
import { apiFor, recording, replay, startEvolution } from "../../testing/recordings.ts";
import { allNames } from "../../testing/webhook-row.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

describe("an instance's socket", () => {
  test("is set and read back as recorded", async () => {
    replay(server, "websocket-find", "websocket-set", "websocket-set-disable");
    const api = apiFor(server);
    expect(await api.getWebsocket("acme-sales")).toEqual({ enabled: true, events: allNames });
    server.on("GET", "/websocket/find/acme-sales", recording("websocket-set").response);
    expect(
      await api.setWebsocket("acme-sales", { enabled: true, events: ["messages.upsert"] }),
    ).toEqual({
      enabled: true,
      events: ["MESSAGES_UPSERT"],
    });
    expect(server.requests.at(-2)?.body).toEqual(recording("websocket-set").request.body);
    server.on("GET", "/websocket/find/min1", recording("websocket-set-disable").response);
    expect(await api.setWebsocket("min1", { enabled: false })).toEqual({
      enabled: false,
      events: [],
    });
    expect(server.requests.at(-2)?.body).toEqual(recording("websocket-set-disable").request.body);
  });

  test("that the server has switched off answers with nothing: feature_off", async () => {
    server.on("GET", "/websocket/find/a", { body: "" });
    server.on("POST", "/websocket/set/a", { ...recording("rabbitmq-set-when-off").response });
    const api = apiFor(server);
    await expect(api.getWebsocket("a")).rejects.toMatchObject({ code: "feature_off", status: 200 });
    await expect(api.setWebsocket("a", { enabled: true })).rejects.toMatchObject({
      code: "feature_off",
      status: 201,
    });
    server.on("GET", "/websocket/find/a", { body: null });
    expect(await api.getWebsocket("a")).toBeNull();
  });

  test("of version 1 has a flat body", async () => {
    server.on("POST", "/websocket/set/a", { status: 201, body: {} });
    server.on("GET", "/websocket/find/a", { body: { enabled: true, events: ["CALL"] } });
    await apiFor(server, { version: "1.8.2" }).setWebsocket("a", {
      enabled: true,
      events: ["CALL"],
    });
    expect(server.requests.at(-2)?.body).toEqual({ enabled: true, events: ["CALL"] });
  });
});
