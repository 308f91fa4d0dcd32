// `npm run build`: compiles every package to its dist/, puts the SQL migrations beside the code that
// reads them, and checks that what would be published can be imported.
import { cpSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { mkdirSync } from "node:fs";
import { ensureInstalled, main, root, runPinned } from "./setup.mjs";

const packages = join(root, "packages");

function withSources() {
  return readdirSync(packages)
    .map((name) => join(packages, name))
    .filter((path) => existsSync(join(path, "tsconfig.json")) && existsSync(join(path, "src")));
}

/** The compiler leaves SQL where it is; the compiled store reads it from its own folder. */
function copySql(path) {
  const source = join(path, "src");
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".sql")) continue;
    const from = join(entry.parentPath ?? entry.path, entry.name);
    const to = join(path, "dist", relative(source, from));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}

await main(async () => {
  await ensureInstalled();
  const paths = withSources();
  // A file that was deleted or renamed must not live on in dist.
  for (const path of paths) rmSync(join(path, "dist"), { recursive: true, force: true });
  const code = await runPinned([
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "-b",
    ...paths,
  ]);
  if (code !== 0) return code;
  for (const path of paths) copySql(path);
  for (const path of paths) {
    if (JSON.parse(readFileSync(join(path, "package.json"), "utf8")).private) continue;
    const publint = join(root, "node_modules", "publint", "src", "cli.js");
    const linted = await runPinned([publint, "run", path, "--strict"]);
    if (linted !== 0) return linted;
  }
  return 0;
});
