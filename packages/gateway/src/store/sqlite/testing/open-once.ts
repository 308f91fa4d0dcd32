import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import { openSqliteStore, StoreOpenError } from "../index.ts";

/** A process that opens a folder's store and closes it. Exit code 3: the folder was refused, stdout says why. */
const [directory = ""] = process.argv.slice(2);
try {
  const logger = createLogger("silent");
  const store = await openSqliteStore({
    directory,
    clock: systemClock,
    logger,
    newEpoch: () => "e",
  });
  await store.close();
} catch (error) {
  if (!(error instanceof StoreOpenError)) throw error;
  process.stdout.write(error.message);
  process.exitCode = 3;
}
