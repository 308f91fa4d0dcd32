// `npm run bench -- <name> [options]`: installs what is missing and runs bench/<name>/index.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, main, root, runPinned } from "./setup.mjs";

const folder = join(root, "bench");

function available() {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "index.ts")))
    .map((entry) => entry.name);
}

function usage(names) {
  const list = names.map((name) => `  npm run bench -- ${name}`);
  return ["Usage: npm run bench -- <name> [options]", "", "Benches:", ...list, ""].join("\n");
}

await main(async () => {
  const [name, ...rest] = process.argv.slice(2);
  const names = available();
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(usage(names));
    return name === undefined ? 2 : 0;
  }
  if (!names.includes(name)) {
    process.stderr.write(`There is no bench called "${name}".\n${usage(names)}`);
    return 2;
  }
  await ensureInstalled();
  return runPinned([
    "--conditions=@recado/source",
    "--disable-warning=ExperimentalWarning",
    join(folder, name, "index.ts"),
    ...rest,
  ]);
});
