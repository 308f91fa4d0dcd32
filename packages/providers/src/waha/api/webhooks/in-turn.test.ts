import { describe, expect, it } from "vitest";
import { InTurn } from "./in-turn.ts";

const full = () => new Error("full");

/** Work that ends when it is told to. */
function held(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = () => {
    log.push(name);
    return promise;
  };
  return { work, end: () => resolve(name), fail: () => reject(new Error(name)) };
}

describe("work on one name", () => {
  it("runs in the order in which it came, after failures too", async () => {
    const line = new InTurn(10);
    const log: string[] = [];
    const [first, second, third] = ["1", "2", "3"].map((name) => held(log, name));
    const results = [first, second, third].map((held) => line.run("a", held!.work, full));
    await Promise.resolve();
    expect(log).toEqual(["1"]);
    first?.fail();
    await expect(results[0]).rejects.toThrow("1");
    second?.end();
    expect(await results[1]).toBe("2");
    third?.end();
    expect(await results[2]).toBe("3");
    expect(log).toEqual(["1", "2", "3"]);
  });

  it("does not wait for another name", async () => {
    const line = new InTurn(10);
    const slow = held([], "slow");
    const first = line.run("a", slow.work, full);
    expect(await line.run("b", () => Promise.resolve("b"), full)).toBe("b");
    slow.end();
    expect(await first).toBe("slow");
  });

  it("is refused when the line is full, and taken again when it is not", async () => {
    const line = new InTurn(2);
    const slow = held([], "slow");
    const taken = [line.run("a", slow.work, full), line.run("a", () => Promise.resolve("x"), full)];
    await expect(line.run("a", () => Promise.resolve("y"), full)).rejects.toThrow("full");
    slow.end();
    expect(await Promise.all(taken)).toEqual(["slow", "x"]);
    expect(await line.run("a", () => Promise.resolve("y"), full)).toBe("y");
  });
});
