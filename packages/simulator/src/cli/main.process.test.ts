import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { runToEnd, startCommand } from "./testing/command.ts";

// Whole processes: on a busy machine one takes some seconds to begin.
vi.setConfig({ testTimeout: 60_000 });

test("a command that is called wrongly ends with 2 and says what is wrong", async () => {
  const calls = [
    { args: ["evolution", "--port", "eighty"], says: "--port" },
    { args: ["evolution", "--version", "3"], says: "--version" },
    { args: ["waha", "--engine", "VENOM"], says: "--engine" },
    { args: ["receiver", "--host", "here"], says: "--host" },
    { args: ["evolution", "--dance"], says: "--dance" },
    { args: ["dance"], says: "dance" },
  ];
  const ends = await Promise.all(calls.map(({ args }) => runToEnd(args)));
  for (const [index, { code, stdout, stderr }] of ends.entries()) {
    expect([calls[index]?.args, code, stdout]).toEqual([calls[index]?.args, 2, ""]);
    expect(stderr).toContain(calls[index]?.says);
    expect(stderr).not.toContain("    at ");
  }
});

test.each(["evolution", "waha", "receiver"])(
  "a port that is taken ends %s with a sentence and 1",
  async (name) => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
    const port = String((other.address() as AddressInfo).port);
    const { code, stderr } = await runToEnd([name, "--port", port]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `recado-simulator: port ${port} is taken; choose another with --port (and --control-port)\n`,
    );
  },
);

test.each(["SIGINT", "SIGTERM"] as const)("%s ends it cleanly, traffic and all", async (signal) => {
  const target = ["--webhook", "http://127.0.0.1:9/"];
  const running = await startCommand(["evolution", "--port", "0", "--rate", "50", ...target]);
  const failed = await running.line((line) => line.type === "webhook");
  expect(failed).toMatchObject({ to: "127.0.0.1:9", outcome: "network", next: "retry" });
  expect(await running.stop(signal)).toBe(0);
  expect(running.lines.at(-1)).toMatchObject({ type: "stopped" });
});
