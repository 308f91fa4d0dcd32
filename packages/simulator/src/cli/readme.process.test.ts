import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { type RunningCommand, runToEnd, startCommand } from "./testing/command.ts";
import { curl, wordsOf } from "./testing/curl.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** Every line of every shell block, from top to bottom. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap((match) =>
  (match[1] ?? "").trim().split("\n"),
);

/** Where the README says that each server is, and where it really is: ports here are free ones. */
const usual = { receiver: [4_000], evolution: [8_080, 8_090], waha: [3_000, 3_010] } as const;

test("every command of the README does what it says", { timeout: 120_000 }, async () => {
  const places = new Map<string, string>();
  const started: RunningCommand[] = [];
  const helps: Promise<{ code: number | null }>[] = [];
  onTestFinished(async () => void (await Promise.all(started.map((one) => one.stop()))));
  const placed = (command: string): string =>
    [...places].reduce((text, [said, real]) => text.replaceAll(said, real), command);

  async function start(args: readonly string[]): Promise<void> {
    const running = await startCommand([...args, "--port", "0"]);
    started.push(running);
    const { url, control } = running.ready;
    const [own, steering] = usual[args[0] as keyof typeof usual];
    places.set(`http://127.0.0.1:${own}`, url);
    if (steering !== undefined) places.set(`http://127.0.0.1:${steering}`, control);
  }

  for (const command of commands) {
    const [program, ...words] = wordsOf(placed(command));
    if (program === "curl") {
      const { status, text } = await curl(words);
      expect([command, status < 300 ? "done" : text]).toEqual([command, "done"]);
      continue;
    }
    expect([program, words[0]]).toEqual(["npx", "@recado/simulator"]);
    const args = words.slice(1);
    if (args.includes("--help")) helps.push(runToEnd(args));
    else await start(args);
  }

  expect((await Promise.all(helps)).map(({ code }) => code)).toEqual([0, 0, 0]);
  const [receiver, evolution, waha, older] = started;
  if (!receiver || !evolution || !waha || !older) throw new Error("four servers were expected");
  await receiver.line((line) => line.type === "received" && line.event === "messages.upsert");
  await receiver.line((line) => line.type === "received" && line.event === "message");
  await older.line((line) => line.type === "webhook" && line.outcome === 200);
  expect(older.ready.numbers).toHaveLength(30);
  const told = started.flatMap(({ lines }) => lines);
  expect(JSON.stringify(told)).not.toMatch(/Chegou|55119|\/hook|simulator-key|another-key/);
});

test("the README says which event comes first and how the retries go", () => {
  expect(readme).toContain("`received  POST messages.upsert`");
  expect(commands.length).toBeGreaterThan(20);
});
