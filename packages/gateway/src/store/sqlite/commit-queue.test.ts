import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CommitQueue, type Job } from "./commit-queue.ts";

interface Numbered extends Job {
  readonly number: number;
}

let next = 0;
function job(tenantId: string | undefined, rows = 1, bytes = 100): Numbered {
  const nothing = (): void => {};
  next += 1;
  const owner = tenantId === undefined ? {} : { tenantId };
  return { number: next, rows, bytes, ...owner, run: nothing, settle: nothing, reject: nothing };
}

function fill(queue: CommitQueue, tenantId: string, rows = 1, bytes = 100): number {
  let pushed = 0;
  for (; queue.hasRoomFor(bytes, tenantId); pushed += 1) queue.push(job(tenantId, rows, bytes));
  return pushed;
}

describe("the queue of commits", () => {
  it("gives everything at once, in order of arrival, while it fits into one commit", () => {
    const queue = new CommitQueue();
    const jobs = ["a", "b", undefined, "a", "b"].map((tenant) => job(tenant));
    for (const one of jobs) queue.push(one);
    expect(queue.take()).toEqual(jobs);
    expect(queue.isEmpty).toBe(true);
  });

  it("puts a tenant with one write into the next commit, however much another has waiting", () => {
    const queue = new CommitQueue();
    fill(queue, "loud");
    const quiet = job("quiet");
    queue.push(quiet);
    expect(queue.take()).toContain(quiet);
    expect(queue.take().every(({ tenantId }) => tenantId === "loud")).toBe(true);
  });

  it("does not let a write of many rows hold up another tenant's", () => {
    const queue = new CommitQueue();
    for (let i = 0; i < 20; i += 1) queue.push(job("loud", 500));
    for (let i = 0; i < 20; i += 1) queue.push(job("quiet"));
    const first = queue.take();
    expect(first.filter(({ tenantId }) => tenantId === "loud")).toHaveLength(1);
    expect(first.filter(({ tenantId }) => tenantId === "quiet")).toHaveLength(12);
  });

  it("leaves room for others when one floods, and stays bounded when all do", () => {
    const queue = new CommitQueue();
    expect(fill(queue, "loud")).toBe(CommitQueue.maxJobs / 2);
    expect(queue.hasRoomFor(100, "loud")).toBe(false);
    expect(queue.hasRoomFor(100, "quiet")).toBe(true);
    for (let i = 0; i < 200; i += 1) fill(queue, `flood ${i}`);
    expect(queue.length).toBeLessThanOrEqual(CommitQueue.maxJobs);
  });

  it("bounds what a tenant holds in bytes, and takes any one body when it is empty", () => {
    const queue = new CommitQueue();
    const mebibyte = 1_048_576;
    expect(queue.hasRoomFor(100 * mebibyte, "loud")).toBe(true);
    expect(fill(queue, "loud", 1, mebibyte)).toBe(32);
    expect(queue.hasRoomFor(mebibyte, "quiet")).toBe(true);
    queue.push(job("quiet", 1, mebibyte));
    expect(queue.take()).toHaveLength(8);
  });

  it("takes one body larger than all of the room while half is free, and no second one", () => {
    const queue = new CommitQueue();
    const mebibyte = 1_048_576;
    queue.push(job("other", 1, mebibyte));
    queue.push(job("slow", 1, mebibyte));
    const large = job("slow", 1, 200 * mebibyte);
    expect(queue.hasRoomFor(large.bytes, "slow")).toBe(true);
    queue.push(large);
    for (const tenantId of ["slow", "other", "third"])
      expect(queue.hasRoomFor(100 * mebibyte, tenantId)).toBe(false);
    expect(queue.hasRoomFor(100, "third")).toBe(false);
    expect(queue.take()).not.toContain(large);
    expect(queue.take()).toEqual([large]);
    fill(queue, "loud", 1, mebibyte);
    expect(queue.hasRoomFor(100 * mebibyte, "slow")).toBe(true);
    queue.push(job("third", 1, mebibyte));
    expect(queue.hasRoomFor(100 * mebibyte, "slow")).toBe(false);
  });

  it("gives every write exactly once, each tenant's in order, in commits that are bounded", () => {
    const arrivals = fc.array(
      fc.record({
        tenant: fc.constantFrom("a", "b", "c", undefined),
        rows: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 700 })),
        bytes: fc.oneof(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 9_000_000 })),
        takeAfter: fc.boolean(),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(arrivals, (list) => {
        const queue = new CommitQueue();
        const pushed: Numbered[] = [];
        const taken: Numbered[] = [];
        const take = (): void => {
          const batch = queue.take() as readonly Numbered[];
          const rows = batch.reduce((sum, one) => sum + one.rows, 0);
          const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
          if (batch.length > 1) expect([rows <= 512, bytes <= 8 * 1_048_576]).toEqual([true, true]);
          taken.push(...batch);
        };
        for (const { tenant, rows, bytes, takeAfter } of list) {
          const one = job(tenant, rows, bytes);
          pushed.push(one);
          queue.push(one);
          if (takeAfter) take();
        }
        while (!queue.isEmpty) {
          const before = queue.length;
          take();
          expect(queue.length).toBeLessThan(before);
        }
        expect(taken.toSorted((a, b) => a.number - b.number)).toEqual(pushed);
        for (const tenant of ["a", "b", "c", undefined]) {
          const of = (all: readonly Numbered[]): readonly Numbered[] =>
            all.filter(({ tenantId }) => tenantId === tenant);
          expect(of(taken)).toEqual(of(pushed));
        }
      }),
    );
  });
});
