import { describe, expect, it } from "vitest";
import { findingOf, mayRestartAt, type FindingFacts } from "./finding.ts";

const minute = 60_000;
const hour = 60 * minute;

function found(change: Partial<FindingFacts>): string | undefined {
  const finding = findingOf({
    provider: "evolution",
    level: "suspicious",
    answer: { kind: "compared", missing: 0 },
    peers: { expected: 0, heard: 0 },
    unanswered: 0,
    ...change,
  });
  return finding && `${finding.kind} ${finding.reason}`;
}

describe("what a silence means", () => {
  it("is nothing when the provider saw nothing either", () => {
    expect(found({})).toBeUndefined();
  });

  it("is judged by itself where the provider keeps no messages to compare with", () => {
    for (const error of ["feature_off", "not_supported"]) {
      const facts: Partial<FindingFacts> = { answer: { kind: "no_answer", error } };
      expect(found({ ...facts, provider: "waha" })).toBeUndefined();
      const long: Partial<FindingFacts> = { ...facts, level: "beyond_doubt" };
      expect(found({ ...long, provider: "waha" })).toBe("silent nothing_heard");
      expect(found({ ...long, peers: { expected: 1, heard: 0 } })).toBeUndefined();
    }
  });

  it("is lost webhooks when the provider has what we do not", () => {
    expect(found({ answer: { kind: "compared", missing: 3 } })).toBe("silent webhooks_lost");
  });

  it("is a frozen number when that goes on, our webhook stands and the server's other numbers are heard", () => {
    const facts: Partial<FindingFacts> = {
      answer: { kind: "compared", missing: 1 },
      before: { kind: "silent", reason: "webhooks_lost" },
    };
    expect(found(facts)).toBe("frozen list_grows");
    expect(found({ ...facts, hookInPlace: false })).toBe("silent webhooks_lost");
    const before = { kind: "silent", reason: "provider_does_not_answer" } as const;
    expect(found({ ...facts, before })).toBe("silent webhooks_lost");
    expect(found({ ...facts, provider: "waha" })).toBe("frozen list_grows");
    expect(found({ ...facts, peers: { expected: 2, heard: 0 } })).toBe("silent webhooks_lost");
    expect(found({ ...facts, peers: { expected: 2, heard: 1 } })).toBe("frozen list_grows");
  });

  it("is a frozen queue when a silence is beyond doubt and the provider shares it", () => {
    expect(found({ level: "beyond_doubt" })).toBe("frozen nothing_flows");
    expect(found({ level: "beyond_doubt", provider: "waha" })).toBe("silent nothing_heard");
  });

  it("is a holiday when every other number of the server is quiet, too", () => {
    expect(found({ level: "beyond_doubt", peers: { expected: 3, heard: 0 } })).toBeUndefined();
    expect(found({ level: "beyond_doubt", peers: { expected: 3, heard: 1 } })).toBe(
      "frozen nothing_flows",
    );
  });

  it("is a frozen queue when nobody's receipt comes, however new the number", () => {
    expect(found({ level: "usual", unanswered: 5 })).toBe("frozen no_receipts");
    expect(found({ level: "usual", unanswered: 4 })).toBeUndefined();
  });

  it("says what kept the provider from answering", () => {
    const of = (error: string): string | undefined =>
      found({ answer: { kind: "no_answer", error } });
    expect(of("not_found")).toBe("silent gone_at_provider");
    expect(of("unauthorised")).toBe("silent key_refused");
    expect(of("timeout")).toBe("silent provider_does_not_answer");
  });

  it("is left to the state when the provider says that the number is not connected", () => {
    expect(found({ level: "beyond_doubt", answer: { kind: "not_open", state: "close" } })).toBe(
      undefined,
    );
  });

  it("is told of a number that nobody can be asked about only beyond doubt", () => {
    const answer = { kind: "no_server" } as const;
    expect(found({ answer })).toBeUndefined();
    expect(found({ answer, level: "beyond_doubt" })).toBe("silent nothing_heard");
  });
});

describe("automatic restarts", () => {
  it("wait longer each time and end after three a day", () => {
    const now = Date.UTC(2026, 0, 5);
    const at = (...ages: number[]): number =>
      mayRestartAt(
        ages.map((age) => ({ at: now - age })),
        now,
      ) - now;
    expect(at()).toBe(0);
    expect(at(minute)).toBe(29 * minute);
    expect(at(hour, minute)).toBe(2 * hour - minute);
    expect(at(5 * hour, 3 * hour, minute)).toBe(Infinity);
    expect(at(25 * hour, 24 * hour, 23 * hour)).toBeLessThanOrEqual(0);
  });
});
