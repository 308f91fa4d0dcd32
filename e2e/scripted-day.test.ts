import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DayLog } from "./day/day-log.ts";
import { providerKey } from "./day/day-stage.ts";
import { ScriptedDay, type DayServer } from "./day/scripted-day.ts";
import { adminKey } from "./gateway-process.ts";

const seed = process.env["DAY_SEED"] ?? "a monday in march";

describe(`at the end of a day with thirty numbers (DAY_SEED="${seed}")`, () => {
  let day: ScriptedDay;
  let log: DayLog;
  let refused: DayServer;
  beforeAll(async () => {
    day = await ScriptedDay.begin(seed);
    log = new DayLog(day.stage);
    await day.adopt();
    await day.learn();
    await day.numbersGoDown();
    await day.oneFreezesOneIsSilent();
    await day.somebodyChangesWebhooks();
    await day.machineRestarts();
    ({ refused } = await day.keyChanges());
    await day.serversRestart();
    await day.end();
  }, 120_000);
  afterAll(() => day.close());

  it("every message is in the log once, in its order, and marked when it came late", async () => {
    expect(await log.differences(day.traffic)).toEqual([]);
  });

  it("every number's state is the true one", async () => {
    expect(await log.wrongStates((name) => day.health(name))).toEqual([]);
  });

  it("why a number is not connected, and what it went through, stands in its health", async () => {
    expect(await day.health("loja-03")).toMatchObject({
      reason: "banned",
      reasonCode: 403,
      lost: { reason: "banned" },
    });
    expect(await day.health("loja-04")).toMatchObject({
      reason: "logged_out",
      reasonCode: 401,
      lost: { reason: "logged_out" },
    });
    const past = async (name: string): Promise<readonly unknown[]> => {
      const { incident, pastIncidents } = await day.health(name);
      expect(incident).toBeUndefined();
      return pastIncidents.map(({ kind, reason }) => [kind, reason]);
    };
    expect(await past("loja-01")).toEqual([["frozen", "nothing_flows"]]);
    expect(await past("sala-01")).toEqual([["silent", "webhooks_lost"]]);
    expect((await day.health("loja-01")).restarts).toHaveLength(1);
  });

  it("what went wrong was told once, and nothing else", async () => {
    expect(await log.incidents()).toEqual({
      "loja-01": ["instance.frozen nothing_flows"],
      "loja-03": ["instance.connection_changed banned", "instance.logged_out"],
      "loja-04": ["instance.connection_changed logged_out", "instance.logged_out"],
      "loja-06": ["instance.webhook_changed webhook_lost"],
      "sala-01": ["instance.silent webhooks_lost"],
      // Each restart of its server asked for a code, which nobody read; the first proves the logout.
      "sala-04": [
        "instance.connection_changed failed",
        "instance.connection_changed qr_limit",
        "instance.connection_changed qr_limit",
        "instance.logged_out logged_out",
      ],
      "sala-06": ["instance.webhook_changed webhook_lost"],
      // Its webhook was taken away for the socket, which restarts a session.
      "sala-09": ["instance.connection_changed stopped"],
    });
  });

  it("the metrics count the numbers as they are", async () => {
    const answer = await fetch(`${day.stage.url}/metrics`, { headers: { apikey: adminKey } });
    const lines = (await answer.text()).split("\n");
    const counted = (name: string): Readonly<Record<string, number>> =>
      Object.fromEntries(
        lines
          .filter((line) => line.startsWith(`${name}{`))
          .map((line) => /"(\w+)"} (\d+)$/.exec(line) ?? [])
          .map(([, label = "", value]) => [label, Number(value)]),
      );
    expect(counted("recado_numbers")).toEqual({ open: 26, connecting: 1, close: 3, unknown: 0 });
    expect(counted("recado_number_incidents")).toEqual({ silent: 0, frozen: 0 });
    expect(counted("recado_number_doubts")).toEqual({ incomplete: 0, unanswered: 0 });
    expect(counted("recado_provider_sockets")).toEqual({ live: 2, connecting: 0, waiting: 0 });
  });

  it("a refused key was its server's trouble alone, and is over", async () => {
    expect(refused.health).toMatchObject({ ok: false, reason: { code: "unauthorised" } });
    for (const [provider, total] of [
      ["evolution", 16],
      ["waha", 14],
    ] as const) {
      expect(await day.server(provider)).toMatchObject({
        health: { ok: true },
        instances: { total, adopted: total - 1, drifted: 0, failed: 0 },
      });
    }
  });

  it("no server was called more than 25 times in a second, and no log line holds a key", () => {
    const { evolution, waha, logged } = day.stage;
    expect(evolution.calls.peak(1_000)).toBeLessThanOrEqual(25);
    expect(waha.calls.peak(1_000)).toBeLessThanOrEqual(25);
    for (const key of [providerKey, "another-key"]) expect(logged()).not.toContain(key);
    expect(logged()).not.toMatch(/"level":(?:50|60)/);
  });
});
