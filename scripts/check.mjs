// `npm run check`: the gate. Every step runs even when one before it failed, so that one run shows all.
import { join } from "node:path";
import { ensureInstalled, main, root, runPinned } from "./setup.mjs";
import { runTests } from "./test.mjs";

const bin = (...path) => join(root, "node_modules", ...path);

const steps = [
  {
    name: "format",
    fix: "npm run format",
    run: () => runPinned([bin("oxfmt", "bin", "oxfmt"), "--check"]),
  },
  {
    name: "lint",
    run: () => runPinned([bin("oxlint", "bin", "oxlint"), "--type-aware", "--deny-warnings"]),
  },
  { name: "types", run: () => runPinned([bin("typescript", "bin", "tsc"), "-p", "tsconfig.json"]) },
  { name: "architecture", run: () => runTests(["scripts"]) },
  // What starts processes and kills them takes long; it belongs to `npm test`, as e2e does.
  {
    name: "unit tests",
    run: () => runTests(["packages", "--exclude=**/*.process.test.ts"]),
  },
  { name: "dead code", run: () => runPinned([bin("knip", "bin", "knip.js"), "--no-progress"]) },
];

await main(async () => {
  await ensureInstalled();
  const only = process.argv.slice(2);
  const chosen = steps.filter((step) => only.length === 0 || only.includes(step.name));
  const lines = [];
  let failed = 0;
  const begun = performance.now();
  for (const step of chosen) {
    process.stdout.write(`\n── ${step.name}\n`);
    const started = performance.now();
    const code = await step.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
    const hint = code !== 0 && step.fix ? `   (try: ${step.fix})` : "";
    if (code !== 0) failed += 1;
    lines.push(`${code === 0 ? "ok    " : "FAILED"} ${seconds} s  ${step.name}${hint}`);
  }
  const total = ((performance.now() - begun) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`\n${lines.join("\n")}\n       ${total} s  in all\n`);
  return failed > 0 ? 1 : 0;
});
