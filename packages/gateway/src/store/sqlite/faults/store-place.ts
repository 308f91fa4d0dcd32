import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import type { OpenDatabase } from "../database.ts";
import type { GroupCommit } from "../group-commit.ts";
import { damagedReason } from "../sqlite-error.ts";
import { markDamaged } from "./damage-mark.ts";
import { DiskWatch } from "./disk-watch.ts";

/** Where a store's files are, and how to see that they still are. */
export interface StorePlace {
  readonly directory: string;
  readonly guards: OpenDatabase["guards"];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Time between two looks at the free space and at the database's files. */
const watchEveryMs = 5_000;

/** Looks at the free space, and whether the files are where the next start will look for them, until stopped. */
export function watchPlace(writer: GroupCommit, place: StorePlace): DiskWatch {
  const { directory, guards, clock, logger } = place;
  return new DiskWatch({
    directory,
    clock,
    logger,
    everyMs: watchEveryMs,
    looked() {
      if (!guards.database.isInPlace())
        writer.fail("the database file was removed or replaced", new Error("not in its place"));
      else if (!guards.wal.isInPlace()) writer.checkWal();
    },
  });
}

/** The writer's failure, with damage noted first: the next process must look before it stores anything. */
export async function failedOf(writer: GroupCommit, place: StorePlace): Promise<Error> {
  const failure = await writer.failed;
  if (writer.health(undefined).reason !== damagedReason) return failure;
  try {
    markDamaged(place.directory, damagedReason, new Date(place.clock.now()));
  } catch (error) {
    place.logger.error({ err: error }, "the damage could not be noted for the next start");
  }
  return failure;
}
