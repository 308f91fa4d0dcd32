import { join } from "node:path";
import { createLogger } from "../base/logger.ts";
import { loadSecrets, processEnvironment, type Config } from "../config/index.ts";
import { createGateway, type Gateway } from "../gateway.ts";
import { finishInterruptedRestore } from "../store/sqlite/backup/index.ts";
import { giveBackMemory } from "./give-back-memory.ts";
import { logDestination } from "./log-destination.ts";
import { welcomeText } from "./welcome.ts";

/** Time for requests and deliveries in flight to end before the process does. */
const graceMs = 20_000;

/** After the first requests that follow a start, before anything is idle for long. */
const giveBackAfterMs = 2_000;

/** Stops the gateway at the first signal and the process at the second. */
function stopOnSignal(gateway: Gateway, beforeStop: () => Promise<void>): void {
  let asked = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1);
    asked = true;
    gateway.logger.info({ signal }, "stopping");
    setTimeout(() => process.exit(1), graceMs).unref();
    const stopped = beforeStop().then(() => gateway.close());
    stopped.then(
      () => process.exit(0),
      (error: unknown) => {
        gateway.logger.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

/** A store that failed cannot acknowledge any more: end, so that a supervisor starts afresh. */
function endOnFailure(gateway: Gateway): void {
  void gateway.failed.then((error) => {
    gateway.logger.fatal(
      { err: error },
      "the store failed: nothing more is acknowledged, the process ends",
    );
    process.exit(1);
  });
}

/**
 * `recado serve`: resolves once the server listens; the process then lives until it is stopped.
 * `beforeStop` runs at the first signal, while the gateway still answers.
 */
export async function serve(
  config: Config,
  beforeStop: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly gateway: Gateway; readonly adminKey: string }> {
  const destination = await logDestination(
    process.stdout,
    processEnvironment()["NO_COLOR"] !== undefined,
  );
  const logger = createLogger(config.logLevel, destination);
  // Before the keys are read: those of the restored state may still be on their way to their place.
  finishInterruptedRestore(config.dataDir);
  const secrets = await loadSecrets(config);
  const gateway = await createGateway({ config, secrets, logger });
  stopOnSignal(gateway, beforeStop);
  endOnFailure(gateway);
  try {
    await gateway.listen();
  } catch (error) {
    await gateway.close();
    throw error;
  }
  setTimeout(giveBackMemory, giveBackAfterMs).unref();
  const welcome = await gateway.welcome();
  // On stderr, so that stdout stays JSON lines where it is not a terminal; never through the log.
  process.stderr.write(
    welcomeText({
      ...welcome,
      ...(secrets.adminKeyIsNew ? { newAdminKey: secrets.adminKey } : {}),
      secretsPath: join(config.dataDir, "secrets.json"),
      notices: config.notices,
      now: Date.now(),
    }),
  );
  return { gateway, adminKey: secrets.adminKey };
}
