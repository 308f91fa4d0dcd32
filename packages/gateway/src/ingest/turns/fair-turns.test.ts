import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { SettableClock } from "../../base/testing/settable-clock.ts";
import { FairTurns } from "./fair-turns.ts";

let clock: SettableClock;
let turns: FairTurns;
let begun: string[];

beforeEach(() => {
  clock = new SettableClock();
  turns = new FairTurns(clock);
  begun = [];
});

/** Reads a webhook, which takes `costMs` of the event loop. */
function read(tenantId: string, name = tenantId, costMs = 1, bytes = 1_000): Promise<string> {
  return turns.run(tenantId, bytes, async () => {
    begun.push(name);
    clock.pass(costMs);
    await Promise.resolve();
    return name;
  });
}

function nextRound(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("turns", () => {
  it("nothing waits while a round has time", () => {
    for (let i = 0; i < 5; i += 1) void read("a", `a${i}`);
    expect(begun).toEqual(["a0", "a1", "a2", "a3", "a4"]);
  });

  it("what a round has no time for is begun in the next ones, and each is answered with its own", async () => {
    const all = Array.from({ length: 23 }, (_, i) => read("a", `a${i}`));
    expect(begun).toHaveLength(5);
    await nextRound();
    expect(begun).toHaveLength(10);
    expect(await Promise.all(all)).toEqual(Array.from({ length: 23 }, (_, i) => `a${i}`));
  });

  it("I2 one webhook of a quiet tenant is begun in the next round, however many of another wait", async () => {
    for (let i = 0; i < 3_000; i += 1) void read("loud");
    await nextRound();
    await nextRound();
    const before = begun.length;
    const quiet = read("quiet");
    expect(begun).toHaveLength(before);
    await nextRound();
    expect(begun.slice(before)).toContain("quiet");
    await quiet;
  });

  it("a body that takes long to read costs the others one round, not one for each that its tenant sends", async () => {
    const slow = Array.from({ length: 10 }, () => read("heavy", "heavy", 100));
    const quiet = Array.from({ length: 10 }, (_, i) => read(`quiet ${i}`));
    await nextRound();
    await nextRound();
    await nextRound();
    expect(begun.filter((name) => name === "heavy").length).toBeLessThanOrEqual(3);
    await Promise.all([...slow, ...quiet]);
  });

  it("an error is the answer of its own webhook only", async () => {
    const fill = Array.from({ length: 8 }, () => read("a"));
    const failing = turns.run("a", 1, () => Promise.reject(new Error("broken")));
    const after = read("a", "after");
    await expect(failing).rejects.toThrow("broken");
    expect(await after).toBe("after");
    await Promise.all(fill);
  });

  it("I3 a flood of one is refused above its share while another finds room", async () => {
    turns = new FairTurns(clock, 100, 1_000_000);
    const loud = await Promise.allSettled([
      ...Array.from({ length: 200 }, () => read("loud")),
      read("quiet"),
    ]);
    const refused = loud.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(145);
    expect(refused[0]).toMatchObject({ reason: { code: "store_unavailable" } });
    expect(loud.at(-1)).toMatchObject({ status: "fulfilled", value: "quiet" });
    expect(await read("loud", "again")).toBe("again");
  });

  it("I3 bytes are bounded as well", async () => {
    turns = new FairTurns(clock, 100, 1_000_000);
    for (let i = 0; i < 5; i += 1) void read("loud");
    const large = await Promise.allSettled(
      Array.from({ length: 5 }, () => read("loud", "large", 1, 300_000)),
    );
    expect(large.map(({ status }) => status === "fulfilled")).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("I1 every webhook is begun once, each tenant's in order, for any arrivals", async () => {
    const arrivals = fc.array(
      fc.record({
        tenant: fc.constantFrom("a", "b", "c"),
        cost: fc.integer({ min: 0, max: 8 }),
        pause: fc.boolean(),
      }),
      { maxLength: 80 },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, async (list) => {
        turns = new FairTurns(clock);
        begun = [];
        const sent: string[] = [];
        const running: Promise<string>[] = [];
        for (const [i, { tenant, cost, pause }] of list.entries()) {
          const name = `${tenant}${i}`;
          sent.push(name);
          running.push(read(tenant, name, cost));
          if (pause) await nextRound();
        }
        expect(await Promise.all(running)).toEqual(sent);
        for (const tenant of ["a", "b", "c"]) {
          const of = (all: readonly string[]): readonly string[] =>
            all.filter((name) => name.startsWith(tenant));
          expect(of(begun)).toEqual(of(sent));
        }
      }),
      { numRuns: 50 },
    );
  });
});
