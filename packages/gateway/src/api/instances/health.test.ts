import { connectionReasons, instanceHealthSchema } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { NumberHealth } from "../../sources/index.ts";
import { startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";
import { presentHealth } from "./health.ts";

const at = Date.UTC(2026, 2, 2, 10);
const instance = { id: "ins_1", name: "loja" };

const incident = {
  kind: "silent",
  reason: "webhooks_lost",
  since: at,
  foundAt: at + 1,
  evidence: { missedEvents: 3 },
} as const;

const health: NumberHealth = {
  connection: {
    state: "close",
    providerState: "close",
    since: at,
    reason: "banned",
    code: 403,
    history: [
      { from: at - 10, state: "open", changes: 1 },
      { from: at, last: at + 5, state: "close", changes: 7, reason: "banned", code: 403 },
    ],
    recent: [at],
    lost: { reason: "banned", at, told: true },
    counts: { changes: 8, repeats: 0, stale: 0, codes: 0 },
  },
  sentence: { en: "Disconnected", pt: "Desconectado" },
  storm: { since: at, changes: 7, last: at + 5 },
  lastEventAt: at,
  silence: { minutes: 3, expected: 1.5, usualPerHour: 30, level: "usual" },
  incident,
  pastIncidents: [
    { ...incident, until: at + 2 },
    { ...incident, since: at + 3, until: at + 4 },
  ],
  restarts: [{ at }],
  reconcile: {
    trigger: "silent",
    status: "failed",
    since: at,
    until: at + 1,
    reached: at,
    startedAt: at,
    finishedAt: at + 1,
    lookedAt: 0,
    added: 0,
    refused: 0,
    complete: false,
    error: "unreachable",
  },
};

describe("a number's health, as it is shown", () => {
  it("fits its contract to the last member, and has the newest first", () => {
    const shown = presentHealth(instance, health, "pt");
    expect(z.strictObject(instanceHealthSchema.shape).parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({
      state: "close",
      reason: "banned",
      reasonCode: 403,
      sentence: "Desconectado",
      lost: { reason: "banned" },
      flapping: { count: 7 },
      history: [{ changes: 7, reasonCode: 403 }, { changes: 1 }],
      reconcile: { error: "unreachable" },
    });
    expect(shown.pastIncidents[0]?.since).toBe(new Date(at + 3).toISOString());
  });

  it("says nothing where nothing is known", () => {
    const empty: NumberHealth = {
      connection: undefined,
      sentence: { en: "Nothing", pt: "Nada" },
      silence: { expected: 0, usualPerHour: 0, level: "usual" },
      pastIncidents: [],
      restarts: [],
    };
    const shown = presentHealth(instance, empty, "en");
    expect(instanceHealthSchema.parse(shown)).toEqual(shown);
    expect(Object.keys(shown)).not.toContain("state");
  });

  it("knows every reason of the vocabulary", () => {
    for (const reason of connectionReasons) {
      const connection = { ...health.connection, reason } as NonNullable<
        NumberHealth["connection"]
      >;
      const shown = presentHealth(instance, { ...health, connection }, "en");
      expect(instanceHealthSchema.parse(shown).reason).toBe(reason);
    }
  });
});

describe("the health routes", () => {
  let server: ApiServer;
  let key: string;
  beforeAll(async () => {
    server = await startApi();
    key = await tenantWithKey(server, "acme");
    const body = { name: "loja ☕", provider: "waha" };
    await server.call("POST", "/instances", { as: key, body });
  });
  afterAll(() => server.close());

  it("answer by name, in the caller's language", async () => {
    const path = `/instances/${encodeURIComponent("loja ☕")}/health`;
    const headers = { "accept-language": "pt-BR" };
    const shown = await server.call("GET", path, { as: key, headers });
    expect(shown.json()).toMatchObject({
      name: "loja ☕",
      sentence: "Ainda não se sabe nada deste número",
    });
    expect((await server.call("GET", path, { as: key })).json().sentence).toMatch(/^Nothing/);
  });

  it("refuse to compare a number that has no server, and say so", async () => {
    const path = `/instances/${encodeURIComponent("loja ☕")}/reconcile`;
    const headers = { "accept-language": "pt" };
    const refused = await server.call("POST", path, { as: key, headers });
    expect([refused.statusCode, refused.json().details]).toEqual([
      400,
      ["este número não tem um servidor de provedor que possa ser consultado"],
    ]);
  });

  it("refuse a time that is none, and a field that does not exist", async () => {
    for (const body of [{ since: "yesterday" }, { from: "2026-01-01" }]) {
      const path = `/instances/${encodeURIComponent("loja ☕")}/reconcile`;
      expect((await server.call("POST", path, { as: key, body })).statusCode).toBe(400);
    }
  });
});
