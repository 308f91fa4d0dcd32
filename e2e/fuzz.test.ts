import { expect, test } from "vitest";
import { runFuzz } from "./fuzz/run-fuzz.ts";

const megabyte = 1_048_576;
/** To repeat a run: its seed, printed at its start. */
const seed = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));

test("whatever is sent to the door has a documented answer, harms nothing, and is in the log when it was accepted", async () => {
  process.stdout.write(`fuzz seed ${seed} (repeat: FUZZ_SEED=${seed})\n`);
  const report = await runFuzz({
    seed,
    requests: 3_000,
    connections: 12,
    warmUp: 1_000,
    block: 1_000,
  });
  expect(report.problems, `FUZZ_SEED=${seed}`).toEqual([]);
  expect(report.accepted).toBeGreaterThan(report.requests / 4);
  const [warm, end] = report.samples;
  expect(end.heapUsed - warm.heapUsed).toBeLessThan(16 * megabyte);
}, 180_000);
