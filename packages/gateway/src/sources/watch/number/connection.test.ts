import fc from "fast-check";
import type { ConnectionReason, ConnectionState } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import {
  codeLoopAt,
  codeShown,
  connectionTold,
  logoutTold,
  longestHistory,
  stormAt,
  stormWindowMs,
  unknownConnection,
  type Connection,
  type ConnectionNews,
} from "./connection.ts";

const start = Date.UTC(2026, 0, 5);
const minute = 60_000;

function told(
  before: Connection,
  state: ConnectionState,
  at: number,
  change: Partial<ConnectionNews> = {},
): Connection {
  return connectionTold(before, { state, providerState: state, ...change }, at);
}

interface Step {
  readonly state: ConnectionState;
  readonly waitMs: number;
  readonly reason?: ConnectionReason;
}
const steps = fc.array(
  fc.record<Step>(
    {
      state: fc.constantFrom("open", "connecting", "close"),
      waitMs: fc.oneof(fc.nat(1_000), fc.nat(20 * minute), fc.nat(86_400_000)),
      reason: fc.constantFrom<ConnectionReason[]>("logged_out", "banned", "replaced", "timed_out"),
    },
    { requiredKeys: ["state", "waitMs"] },
  ),
  { maxLength: 400 },
);

function replay(list: readonly Step[]): { readonly end: Connection; readonly at: number } {
  let at = start;
  let end = unknownConnection;
  for (const { state, waitMs, reason } of list) {
    at += waitMs;
    end = told(end, state, at, state === "close" && reason ? { reason } : {});
  }
  return { end, at };
}

describe("a number's connection", () => {
  it("ends with the state that was said last, whatever came before, in a bounded record", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { end } = replay(list);
        const last = list.at(-1);
        expect(end.state).toBe(last?.state);
        expect(end.history.at(-1)?.state).toBe(last?.state);
        expect(end.history.length).toBeLessThanOrEqual(longestHistory);
        expect(JSON.stringify(end).length).toBeLessThan(12_000);
        expect(end.counts.changes + end.counts.repeats).toBe(list.length);
      }),
    );
  });

  it("keeps its history in order, every change of the kept rows counted", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { history, counts } = replay(list).end;
        const from = history.map((row) => row.from);
        expect(from).toEqual(from.toSorted((a, b) => a - b));
        const changes = history.reduce((sum, row) => sum + row.changes, 0);
        if (history.length < longestHistory) expect(changes).toBe(counts.changes);
        else expect(changes).toBeLessThanOrEqual(counts.changes);
      }),
    );
  });

  it("that changes 2,000 times in minutes has one row that counts them, and the true state", () => {
    let at = start;
    let number = told(unknownConnection, "open", start - 86_400_000);
    for (let i = 0; i < 2_000; i++) {
      at += 100;
      number = told(number, i % 2 === 0 ? "connecting" : "open", at);
    }
    expect(number.history).toHaveLength(2);
    expect(number.history[1]).toMatchObject({ state: "open", changes: 2_000, last: at });
    expect(number.state).toBe("open");
    expect(stormAt(number, at)).toEqual({ since: start + 100, changes: 2_000, last: at });
    expect(stormAt(number, at + stormWindowMs + 1)).toBeUndefined();
  });

  it("gets a row of its own again after a storm has passed", () => {
    let number = unknownConnection;
    for (let i = 0; i < 10; i++) {
      number = told(number, i % 2 === 0 ? "close" : "open", start + i * 1_000);
    }
    number = told(number, "close", start + 60 * minute, { reason: "timed_out" });
    expect(number.history.map(({ changes }) => changes)).toEqual([10, 1]);
  });

  it("that is said again is no change, and a reason that comes later is added", () => {
    const first = told(unknownConnection, "close", start);
    const again = told(first, "close", start + 5, { reason: "replaced", code: 440 });
    const bare = told(again, "close", start + 9);
    expect(bare.history).toEqual([
      { from: start, state: "close", changes: 1, reason: "replaced", code: 440 },
    ]);
    expect(bare).toMatchObject({ since: start, reason: "replaced", code: 440 });
    expect(bare.counts).toMatchObject({ changes: 1, repeats: 2 });
  });

  it("is not changed by a word that the provider dates before what it said last", () => {
    const open = told(unknownConnection, "open", start + 10, { saidAt: start });
    const late = told(open, "close", start + 5 * minute, { saidAt: start - 1_000 });
    expect(late.state).toBe("open");
    expect(late.counts.stale).toBe(1);
  });

  it("keeps the account when it is disconnected, and drops the reason when it is back", () => {
    const account = { jid: "5511900000001@s.whatsapp.net" };
    const open = told(unknownConnection, "open", start, { account });
    const closed = told(open, "close", start + 1, { reason: "timed_out", code: 408 });
    expect(closed.account).toEqual(account);
    const back = told(closed, "open", start + 2);
    expect([back.reason, back.code, back.account]).toEqual([undefined, undefined, account]);
  });
});

describe("a lost pairing", () => {
  it("is noted once, however often it is said, until the number was connected again", () => {
    let number = told(unknownConnection, "close", start, { reason: "logged_out", code: 401 });
    for (let i = 1; i < 20; i++) {
      number = told(number, "connecting", start + i * 2_000);
      number = told(number, "close", start + i * 2_000 + 500, { reason: "logged_out", code: 401 });
    }
    expect(number.lost).toEqual({ reason: "logged_out", at: start, told: false });
    expect(told(number, "open", start + minute).lost).toBeUndefined();
  });

  it("is told when the provider says so itself, before or after the state", () => {
    const before = told(logoutTold(unknownConnection, start), "close", start + 3, {
      reason: "logged_out",
    });
    expect(before.lost).toEqual({ reason: "logged_out", at: start, told: true });
    const after = logoutTold(told(unknownConnection, "close", start, { reason: "banned" }), start);
    expect(after.lost).toEqual({ reason: "banned", at: start, told: true });
  });

  it("that turns out to be a ban says so", () => {
    const out = told(unknownConnection, "close", start, { reason: "logged_out" });
    expect(told(out, "close", start + 1, { reason: "banned" }).lost?.reason).toBe("banned");
  });
});

describe("codes to scan", () => {
  it("that come hundreds a minute are a loop", () => {
    let number = told(unknownConnection, "connecting", start);
    for (let i = 0; i < 300; i++) number = codeShown(number, start + i * 200);
    expect(codeLoopAt(number, start + minute)).toMatchObject({ since: start, count: 300 });
    expect(codeLoopAt(number, start + 10 * minute)).toBeUndefined();
    expect(codeLoopAt(told(number, "open", start + minute), start + minute)).toBeUndefined();
  });

  it("asked for by a number that was paired say that its pairing is gone, once; others say nothing", () => {
    const account = { jid: "5511900000001@s.whatsapp.net" };
    expect(codeShown(told(unknownConnection, "connecting", start), start + 1).lost).toBeUndefined();
    const open = told(unknownConnection, "open", start, { account });
    expect(codeShown(open, start + 1).lost).toBeUndefined();
    const failed = told(open, "close", start + minute, { reason: "failed" });
    const asked = codeShown(told(failed, "connecting", start + 2 * minute), start + 2 * minute);
    expect(asked.lost).toEqual({ reason: "logged_out", at: start + 2 * minute, told: false });
    const known = logoutTold(asked, start + 3 * minute);
    expect(codeShown(known, start + 4 * minute).lost).toEqual({ ...asked.lost, told: true });
    const banned = told(open, "close", start + minute, { reason: "banned" });
    expect(codeShown(banned, start + 2 * minute).lost).toMatchObject({ reason: "banned" });
    expect(told(known, "open", start + 5 * minute).lost).toBeUndefined();
  });

  it("that come at a person's pace are none", () => {
    let number = unknownConnection;
    for (let i = 0; i < 30; i++) number = codeShown(number, start + i * 20_000);
    expect(codeLoopAt(number, start + 30 * 20_000)).toBeUndefined();
    expect(number.codes?.count).toBe(30);
  });
});
