// A process that compresses everything in the folder it is given, and says each step.
import { systemClock } from "../../../../base/clock.ts";
import { createLogger } from "../../../../base/logger.ts";
import { openSqliteStore } from "../../index.ts";

const [directory = ""] = process.argv.slice(2);
const store = await openSqliteStore({
  directory,
  clock: systemClock,
  logger: createLogger("silent"),
  newEpoch: () => "e1",
});
while (await store.log.compact(Number.MAX_SAFE_INTEGER)) process.stdout.write("step\n");
process.stdout.write("done\n");
await store.close();
