// The `recado` command from a clone: installs what is missing, then runs the sources on the pinned Node.
import { join } from "node:path";
import { ensureInstalled, main, root, runPinned } from "./setup.mjs";

await main(async () => {
  await ensureInstalled();
  return runPinned([
    "--conditions=@recado/source",
    // Type stripping and node:sqlite are what we build on; their notices say nothing to an operator.
    "--disable-warning=ExperimentalWarning",
    // A webhook lives for one commit: room for a few hundred of them spares the collector most copies.
    "--max-semi-space-size=16",
    join(root, "packages", "gateway", "src", "cli", "main.ts"),
    ...process.argv.slice(2),
  ]);
});
