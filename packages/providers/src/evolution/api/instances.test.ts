import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../api/testing/answering-server.ts";
import { apiFor, errorAnswer, recording, replay, startEvolution } from "../testing/recordings.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

/** What the server saw last, in the form of a recorded request. */
function lastRequest(): object | undefined {
  const seen = server.requests.at(-1);
  return seen && { method: seen.method, path: seen.path, body: seen.body };
}

function recordedRequest(name: string): object {
  const { method, path, body } = recording(name).request;
  return { method, path, body };
}

describe("the server", () => {
  test("is asked who it is without the key", async () => {
    replay(server, "root");
    expect(await apiFor(server).serverInfo()).toEqual({
      version: "2.3.6",
      flavour: "v2",
      licenceMissing: false,
      clientName: "evolution_exchange",
      whatsappWebVersion: "2.3000.1027934701",
    });
    expect(server.requests[0]?.headers).not.toHaveProperty("apikey");
  });

  test("of version 1 is told apart", async () => {
    server.on("GET", "/", {
      body: {
        status: 200,
        message: "Welcome to the Evolution API, it is working!",
        version: "1.8.2",
        swagger: "x",
      },
    });
    expect(await apiFor(server).serverInfo()).toMatchObject({ version: "1.8.2", flavour: "v1" });
  });

  test("that is another program is not taken for Evolution", async () => {
    for (const body of [{ hello: 1 }, [], "ok", { status: "ok", message: "It works" }]) {
      server.on("GET", "/", { body });
      await expect(apiFor(server).serverInfo()).rejects.toMatchObject({
        code: "unexpected_answer",
      });
    }
  });

  test("without its licence says so, and what to do", async () => {
    const refusal = {
      status: 503,
      body: { error: "service not activated", code: "LICENSE_REQUIRED", register_url: "x" },
    };
    server.on("GET", "/", refusal);
    expect(await apiFor(server).serverInfo()).toMatchObject({ licenceMissing: true });
    server.on("GET", "/instance/fetchInstances", refusal);
    await expect(apiFor(server).listInstances()).rejects.toMatchObject({
      code: "feature_off",
      retryable: false,
      providerMessage: "service not activated",
      advice: expect.stringContaining("licence") as string,
    });
  });

  test("takes the key of the whole server, or of an instance", async () => {
    replay(server, "verify-creds", "fetchInstances-by-token");
    expect(await apiFor(server).checkCredentials()).toEqual({ scope: "server" });
    expect(lastRequest()).toEqual(recordedRequest("verify-creds"));
    server.on("POST", "/verify-creds", errorAnswer(401, "Unauthorized", "Unauthorized"));
    expect(await apiFor(server).checkCredentials()).toEqual({
      scope: "instance",
      // Tokens are not unique.
      instances: ["acme-sales", "duptoken"],
    });
    server.on("GET", "/instance/fetchInstances", recording("fetchInstances-no-key").response);
    await expect(apiFor(server).checkCredentials()).rejects.toMatchObject({
      code: "unauthorised",
      status: 401,
      documentedMessage:
        'Evolution API Error: 401 Unauthorized - {"status":401,"error":"Unauthorized","response":{"message":"Unauthorized"}}',
    });
  });

  test("that is too old for the question is asked for its list", async () => {
    replay(server, "fetchInstances-empty");
    expect(await apiFor(server).checkCredentials()).toEqual({ scope: "server" });
  });
});

describe("instances", () => {
  test("are listed with their state, channel and counts, without anybody's token", async () => {
    replay(server, "fetchInstances-all");
    const all = await apiFor(server).listInstances();
    expect(lastRequest()).toEqual(recordedRequest("fetchInstances-all"));
    expect(all.map(({ name, state, integration }) => [name, state, integration])).toEqual(
      (recording("fetchInstances-all").response.body as Record<string, unknown>[]).map((row) => [
        row["name"],
        row["connectionStatus"],
        row["integration"],
      ]),
    );
    expect(all[0]).toMatchObject({ name: "", counts: { messages: 0, contacts: 0, chats: 0 } });
    const tokens = JSON.stringify(recording("fetchInstances-all").response.body).match(
      /"token":"[^"]+"/g,
    );
    expect(tokens?.length).toBe(all.length);
    for (const token of tokens ?? []) expect(JSON.stringify(all)).not.toContain(token.slice(9, -1));
    const named = (await apiFor(server).listInstances({ withTokens: true })).find(
      (row) => row.name === "acme-sales",
    );
    expect(named?.token).toBe("INSTANCE-TOKEN-0001");
  });

  test("of version 1 are read out of their wrapping", async () => {
    server.on("GET", "/instance/fetchInstances", {
      body: [
        {
          instance: {
            instanceName: "a",
            instanceId: "i1",
            owner: "5511900000001@s.whatsapp.net",
            profileName: "Ana",
            status: "open",
            serverUrl: "x",
            apikey: "T1",
          },
        },
        { instance: { instanceName: 5511, status: "close", apikey: "T2" } },
        null,
        7,
      ],
    });
    expect(await apiFor(server).listInstances()).toEqual([
      {
        name: "a",
        id: "i1",
        state: "open",
        providerState: "open",
        ownerJid: "5511900000001@s.whatsapp.net",
        phone: "5511900000001",
        profileName: "Ana",
      },
      { name: "5511", state: "close", providerState: "close" },
    ]);
  });

  test("that were disconnected say why, in any form the reason is kept", async () => {
    const base = {
      id: "i",
      name: "x",
      connectionStatus: "close",
      disconnectionReasonCode: 401,
      disconnectionAt: "2026-11-24T09:23:48.845Z",
    };
    const library = {
      error: {
        data: null,
        isBoom: true,
        output: {
          statusCode: 401,
          payload: { statusCode: 401, error: "Unauthorized", message: "Stream Errored (conflict)" },
        },
      },
      date: "2026-11-24T09:23:48.000Z",
    };
    for (const disconnectionObject of [library, JSON.stringify(library)]) {
      server.on("GET", "/instance/fetchInstances", { body: [{ ...base, disconnectionObject }] });
      expect((await apiFor(server).listInstances())[0]?.disconnection).toEqual({
        code: 401,
        at: Date.parse("2026-11-24T09:23:48.845Z"),
        reason: "Stream Errored (conflict)",
      });
    }
  });

  test("are found by their exact name only, whatever the server answers", async () => {
    replay(server, "fetchInstances-by-name", "fetchInstances-unknown-name");
    expect(await apiFor(server).findInstance("rec-bai")).toMatchObject({
      name: "rec-bai",
      state: "close",
      websocketEnabled: true,
    });
    expect(lastRequest()).toEqual(recordedRequest("fetchInstances-by-name"));
    await expect(apiFor(server).findInstance("zzz")).rejects.toMatchObject({
      code: "not_found",
      status: 404,
    });
    server.on(
      "GET",
      "/instance/fetchInstances?instanceName=mine",
      recording("fetchInstances-all").response,
    );
    await expect(apiFor(server).findInstance("mine")).rejects.toMatchObject({ code: "not_found" });
    await expect(apiFor(server).findInstance("")).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test("a list that is none is an unexpected answer", async () => {
    server.on("GET", "/instance/fetchInstances", { body: { instances: "many" } });
    await expect(apiFor(server).listInstances()).rejects.toMatchObject({
      code: "unexpected_answer",
    });
  });

  test("say who we are", async () => {
    const row = (recording("fetchInstances-by-name").response.body as object[])[0];
    server.on("GET", "/instance/fetchInstances?instanceName=rec-bai", {
      body: [{ ...row, ownerJid: "5511900000001:12@s.whatsapp.net", profileName: "Loja" }],
    });
    expect(await apiFor(server).profile("rec-bai")).toEqual({
      ownerJid: "5511900000001@s.whatsapp.net",
      phone: "5511900000001",
      profileName: "Loja",
    });
  });
});

describe("a connection", () => {
  test.each([
    ["connectionState", "acme-sales", { state: "close", providerState: "close" }],
    ["connectionState-during", "acme-sales", { state: "connecting", providerState: "connecting" }],
    ["connectionState-absent", "blk-fast", { state: "unknown" }],
  ])("is read from %s", async (name, instance, expected) => {
    replay(server, name);
    expect(await apiFor(server).connectionState(instance)).toEqual(expected);
    expect(lastRequest()).toEqual(recordedRequest(name));
  });

  test("of an unknown name is not_found, of a proxy's own page it is not", async () => {
    replay(server, "connectionState-unknown-nokey");
    await expect(apiFor(server).connectionState("zzz")).rejects.toMatchObject({
      code: "not_found",
      providerMessage: 'The "zzz" instance does not exist',
    });
    server.on("GET", "/instance/connectionState/zzz", { status: 404, body: "<html>nginx</html>" });
    await expect(apiFor(server).connectionState("zzz")).rejects.toMatchObject({
      code: "unexpected_answer",
    });
  });

  test("without a code yet is waiting", async () => {
    replay(server, "connect-unreachable");
    expect(await apiFor(server).connect("acme-sales")).toEqual({
      kind: "waiting",
      attempts: 0,
      state: "unknown",
    });
    expect(lastRequest()).toEqual(recordedRequest("connect-unreachable"));
  });

  test("gives the code as text and as image, and how many there were", async () => {
    const path = "/instance/connect/acme-sales";
    const image = "data:image/png;base64,iVBORw0KGgo=";
    server.on("GET", path, {
      body: { pairingCode: null, code: "2@abc,def", base64: image, count: 2 },
    });
    expect(await apiFor(server).connect("acme-sales")).toEqual({
      kind: "code",
      code: "2@abc,def",
      image,
      attempts: 2,
    });
    for (const base64 of [
      "javascript:alert(1)",
      "data:text/html;base64,PGI+",
      'x" onload="y',
      "A".repeat(1_000_001),
    ]) {
      server.on("GET", path, { body: { code: "2@abc", base64, count: 1 } });
      expect(await apiFor(server).connect("acme-sales")).toEqual({
        kind: "code",
        code: "2@abc",
        attempts: 1,
      });
    }
  });

  test("that is open says so, and a failure under 200 is one", async () => {
    const path = "/instance/connect/acme-sales";
    server.on("GET", path, { body: { instance: { instanceName: "acme-sales", state: "open" } } });
    expect(await apiFor(server).connect("acme-sales")).toEqual({ kind: "open" });
    server.on("GET", path, { body: { error: true, message: "Error: boom" } });
    await expect(apiFor(server).connect("acme-sales")).rejects.toMatchObject({
      code: "unexpected_answer",
      status: 200,
      providerMessage: "Error: boom",
    });
  });

  test("by pairing code sends digits alone", async () => {
    server.on("GET", "/instance/connect/acme-sales?number=5511999990001", {
      body: { pairingCode: "ABCD1234", code: "2@abc", base64: "", count: 1 },
    });
    const api = apiFor(server);
    expect(await api.connect("acme-sales", { phone: "+55 (11) 99999-0001" })).toEqual({
      kind: "code",
      code: "2@abc",
      pairingCode: "ABCD1234",
      attempts: 1,
    });
    const before = server.requests.length;
    for (const phone of ["", "55&instanceName=other", "abc", "123", "5".repeat(30)]) {
      await expect(api.connect("acme-sales", { phone })).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    expect(server.requests.length).toBe(before);
  });

  test("is never asked for twice by itself", async () => {
    server.on("GET", "/instance/connect/acme-sales", { status: 503, body: {} });
    await expect(apiFor(server).connect("acme-sales")).rejects.toMatchObject({
      code: "provider_failed",
    });
    expect(server.requests.length).toBe(1);
  });

  test("that is closed is not restarted: wrong_state in words", async () => {
    replay(server, "restart-when-closed");
    await expect(apiFor(server).restart("acme-sales")).rejects.toMatchObject({
      code: "wrong_state",
      status: 200,
      providerMessage: expect.not.stringContaining("[object") as string,
    });
    expect(lastRequest()).toEqual(recordedRequest("restart-when-closed"));
  });

  test("is restarted with the method of the server's version, or with the other one", async () => {
    const restarted = { body: { instance: { instanceName: "a", status: "connecting" } } };
    server.on("PUT", "/instance/restart/a", restarted);
    expect(await apiFor(server).restart("a")).toEqual({
      kind: "waiting",
      attempts: 0,
      state: "connecting",
    });
    expect(await apiFor(server, { version: "1.8.2" }).restart("a")).toMatchObject({
      kind: "waiting",
    });
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "POST", "PUT", "PUT"]);
  });

  test("is logged out and deleted, each once", async () => {
    server.on("DELETE", "/instance/logout/a", {
      body: { status: "SUCCESS", error: false, response: { message: "Instance logged out" } },
    });
    await apiFor(server).logout("a");
    replay(server, "delete", "logout-when-closed");
    await apiFor(server).deleteInstance("rec-bai");
    expect(lastRequest()).toEqual(recordedRequest("delete"));
    await expect(apiFor(server).logout("acme-sales")).rejects.toMatchObject({
      code: "wrong_state",
    });
    server.on("DELETE", "/instance/delete/a", { status: 503, body: {} });
    const before = server.requests.length;
    await expect(apiFor(server).deleteInstance("a")).rejects.toMatchObject({ retryable: true });
    expect(server.requests.length - before).toBe(1);
  });
});
