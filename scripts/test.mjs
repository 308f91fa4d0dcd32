// `npm test`: installs what is missing, runs every test, and ends with "N passed, N failed" on a line.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, ensureInstalled, isEntry, main, root, runPinned } from "./setup.mjs";

/** The closing line's numbers. A test file that could not be loaded counts as one failure. */
export function countResults(report) {
  const broken = report.testResults.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

/** Runs vitest with `args`; resolves to its exit code, never 0 when something failed or nothing ran. */
export async function runTests(args) {
  mkdirSync(cacheDirectory, { recursive: true });
  const output = join(cacheDirectory, `tests-${process.pid}.json`);
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${output}`];
  const code = await runPinned([vitest, "run", ...reporters, ...args]);
  let counts;
  try {
    counts = countResults(JSON.parse(readFileSync(output, "utf8")));
  } catch {
    process.stderr.write("the test runner ended without a report\n");
    return code || 1;
  } finally {
    rmSync(output, { force: true });
  }
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
  return code || (counts.failed > 0 ? 1 : 0);
}

if (isEntry(import.meta.url)) {
  await main(async () => {
    await ensureInstalled();
    return runTests(process.argv.slice(2));
  });
}
