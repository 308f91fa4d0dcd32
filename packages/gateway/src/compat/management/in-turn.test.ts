import { expect, it } from "vitest";
import { InTurn } from "./in-turn.ts";
import { Refusal } from "./refusal.ts";

it("runs the work of one key one after the other, whatever becomes of it, and others beside it", async () => {
  const turns = new InTurn();
  const told: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.run("a", async () => {
    await gate.promise;
    told.push("first");
    throw new Error("it failed");
  });
  const second = turns.run("a", async () => void told.push("second"));
  await turns.run("b", async () => void told.push("other"));
  gate.resolve();
  await expect(first).rejects.toThrow("it failed");
  await second;
  expect(told).toEqual(["other", "first", "second"]);
});

it("takes only so many that wait, and as many again once they are done", async () => {
  const turns = new InTurn();
  for (let round = 0; round < 3; round++) {
    const gate = Promise.withResolvers<void>();
    const taken = Array.from({ length: 33 }, () => turns.run("a", () => gate.promise));
    await expect(turns.run("a", async () => undefined)).rejects.toBeInstanceOf(Refusal);
    gate.resolve();
    await Promise.all(taken);
  }
  for (let times = 0; times < 100; times++) await turns.run("a", async () => undefined);
});

it("a steady overlap of two never fills the line", async () => {
  const turns = new InTurn();
  let last = turns.run("a", async () => undefined);
  for (let times = 0; times < 100; times++) {
    const next = turns.run("a", async () => undefined);
    await last;
    last = next;
  }
  await expect(last).resolves.toBeUndefined();
});
