import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import { deliveryStoreSuite } from "../testing/delivery-store-suite.ts";
import { directorySuite } from "../testing/directory-suite.ts";
import { eventLogSuite } from "../testing/event-log-suite.ts";
import { peopleSuite } from "../testing/people-suite.ts";
import { recordsSuite } from "../testing/records-suite.ts";
import type { StorePlace } from "../testing/store-place.ts";
import { viewsSuite } from "../testing/views-suite.ts";
import { openSqliteStore } from "./index.ts";

async function newFolder(): Promise<StorePlace> {
  const directory = await mkdtemp(join(tmpdir(), "recado-store-"));
  let epochs = 0;
  return {
    open: () =>
      openSqliteStore({
        directory,
        clock: systemClock,
        logger: createLogger("silent"),
        newEpoch: () => `epoch-${(epochs += 1)}`,
      }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

eventLogSuite("sqlite", newFolder);
deliveryStoreSuite("sqlite", newFolder);
directorySuite("sqlite", newFolder);
recordsSuite("sqlite", newFolder);
peopleSuite("sqlite", newFolder);
viewsSuite("sqlite", newFolder);
