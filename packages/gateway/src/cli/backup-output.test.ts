import { describe, expect, test } from "vitest";
import { longOutput } from "./backup-output.ts";

function outputTo(isTTY: boolean) {
  let text = "";
  let nowMs = 0;
  const stdout = { isTTY, write: (part: string) => (text += part) };
  return {
    output: longOutput(stdout, () => nowMs),
    forward: (ms: number) => (nowMs += ms),
    text: () => text,
  };
}

describe("where the output is no terminal", () => {
  test("every line is JSON, and a long step is told at its begin and every two seconds", () => {
    const { output, forward, text } = outputTo(false);
    output.progress({ step: "database" });
    for (let n = 1; n <= 50; n += 1) {
      forward(100);
      output.progress({ step: "database", done: n, total: 50 });
    }
    output.progress({ step: "integrity" });
    output.done("made", { backup: "/b" });
    output.notice("keep the key");
    const lines = text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { step: "database" },
      { step: "database", done: 20, total: 50 },
      { step: "database", done: 40, total: 50 },
      { step: "integrity" },
      { step: "done", backup: "/b" },
      { notice: "keep the key" },
    ]);
  });
});

describe("at a terminal", () => {
  test("one line changes while it works, and what stays is words", () => {
    const { output, forward, text } = outputTo(true);
    output.progress({ step: "database", done: 0, total: 104_857_600 });
    forward(50);
    output.progress({ step: "database", done: 1, total: 104_857_600 });
    forward(50);
    output.progress({ step: "database", done: 52_428_800, total: 104_857_600 });
    output.progress({ step: "media", done: 2_097_152 });
    output.done("/b: 100 MB", { backup: "/b" });
    output.notice("keep the key");
    const shown = text().split("\r\u001B[K");
    expect(shown).toEqual([
      "",
      "copying the database 0 % of 100 MB",
      "copying the database 50 % of 100 MB",
      "copying media files 2.0 MB",
      "/b: 100 MB\n",
      "Note: keep the key\n",
    ]);
  });

  test("a backup of nothing is complete, not undefined", () => {
    const { output, text } = outputTo(true);
    output.progress({ step: "stage", done: 0, total: 0 });
    expect(text()).toContain("100 % of 0.0 MB");
  });
});
