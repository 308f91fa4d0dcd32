import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { eventLogSuite } from "../testing/event-log-suite.ts";
import type { EventLogStore, StorePlace } from "../testing/store-place.ts";
import { openPostgresEventLog } from "./index.ts";
import { startPostgres, type PostgresServer } from "./testing/postgres-server.ts";

let server: PostgresServer | undefined;
let schemas = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

async function newSchema(): Promise<StorePlace<EventLogStore>> {
  const url = server?.url ?? "";
  const schema = `place_${(schemas += 1)}`;
  let epochs = 0;
  return {
    open: () =>
      openPostgresEventLog({
        url,
        schema,
        clock: systemClock,
        logger: createLogger("silent"),
        newEpoch: () => `epoch-${(epochs += 1)}`,
      }),
    // It goes with its server.
    remove: async () => {},
  };
}

eventLogSuite("postgres", newSchema);
