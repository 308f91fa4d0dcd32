import { describe, expect, test } from "vitest";
import { DiskModel, type CutMode } from "./disk-model.ts";
import { seededRandom } from "./seeded-random.ts";
import { folderName, type DiskOperation } from "./trace.ts";

const write = (name: string, at: number, text: string): DiskOperation => ({
  kind: "write",
  name,
  at,
  bytes: Buffer.from(text),
});

function synced(name: string): readonly DiskOperation[] {
  return [
    { kind: "syncBegins", call: "1", name },
    { kind: "syncEnds", call: "1" },
  ];
}

function left(operations: readonly DiskOperation[], mode: CutMode, seed = 1) {
  const disk = new DiskModel();
  for (const operation of operations) disk.apply(operation);
  const files = disk.afterCut(mode, seededRandom(seed));
  return Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString()]));
}

const created: readonly DiskOperation[] = [{ kind: "create", name: "a" }];

describe("a disk after a power cut", () => {
  test("has no file whose folder was not synced, though the file was", () => {
    const operations = [...created, write("a", 0, "abc"), ...synced("a")];
    expect(left(operations, "drop")).toEqual({});
    expect(left([...operations, ...synced(folderName)], "drop")).toEqual({ a: "abc" });
    expect(left(operations, "keep")).toEqual({ a: "abc" });
  });

  test("still has a file whose removal was not synced", () => {
    const operations = [...created, ...synced(folderName), write("a", 0, "abc"), ...synced("a")];
    const removed = [...operations, { kind: "remove", name: "a" } as const];
    expect(left(removed, "drop")).toEqual({ a: "abc" });
    expect(left([...removed, ...synced(folderName)], "keep")).toEqual({});
  });

  test("keeps what came before a sync began, not what came while it ran", () => {
    const operations: readonly DiskOperation[] = [
      ...created,
      ...synced(folderName),
      write("a", 0, "abc"),
      { kind: "syncBegins", call: "1", name: "a" },
      write("a", 3, "def"),
      { kind: "syncEnds", call: "1" },
    ];
    expect(left(operations, "drop")).toEqual({ a: "abc" });
    expect(left(operations.slice(0, -1), "drop")).toEqual({ a: "" });
    expect(left(operations, "keep")).toEqual({ a: "abcdef" });
  });

  test("may have some of what was not synced, and parts of a write, by sector", () => {
    const big = "x".repeat(4_096);
    const operations = [...created, ...synced(folderName), write("a", 0, big)];
    const sizes = Array.from({ length: 200 }, (_, seed) => {
      const text = left(operations, "some", seed)["a"] ?? "";
      return text.replaceAll("\0", "").length;
    });
    expect(sizes).toContain(0);
    expect(sizes).toContain(4_096);
    expect(sizes.some((size) => size > 0 && size < 4_096)).toBe(true);
    expect(sizes.filter((size) => size % 512 !== 0)).toEqual([]);
  });

  test("a hole reads as zeroes, and so does what lies behind a cut end", () => {
    const operations: readonly DiskOperation[] = [
      ...created,
      ...synced(folderName),
      write("a", 0, "abcd"),
      { kind: "truncate", name: "a", size: 1 },
      write("a", 3, "z"),
    ];
    expect(left(operations, "keep")).toEqual({ a: "a\0\0z" });
  });
});
