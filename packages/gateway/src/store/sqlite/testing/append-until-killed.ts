import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import { entryOf, newEvent, newTenant } from "../../testing/new-records.ts";
import { openSqliteStore } from "../index.ts";

/**
 * A process that appends until it is killed, for several tenants at once, and prints each
 * acknowledgement as `<tenant> <offset> <event id>`. Every seventh event is sent twice.
 */
const [directory = "", run = "0"] = process.argv.slice(2);
const writers = 16;
const logger = createLogger("silent");
const store = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch: () => "e" });

for (const id of ["ten_0", "ten_1", "ten_2"]) {
  if (!(await store.directory.tenant(id))) await store.directory.createTenant(newTenant(id));
}

async function writeForever(writer: number): Promise<never> {
  const scope = { tenantId: `ten_${writer % 3}` };
  for (let n = 0; ; n += 1) {
    const name = `${run}-${writer}-${n}`;
    const entry = entryOf(
      newEvent(name, { chatId: `${n % 20}`, data: `{"text":"${"x".repeat(n % 3000)}"}` }),
    );
    const copies =
      n % 7 === 0 ? [entry, entryOf(newEvent(name, { id: `evt_${name}-copy` }))] : [entry];
    const outcomes = await Promise.all(copies.map((copy) => store.log.append(scope, copy)));
    const stored = outcomes.flat().filter((outcome) => outcome.kind === "appended");
    for (const { event } of stored)
      process.stdout.write(`${scope.tenantId} ${event.offset} ${event.id}\n`);
  }
}

process.stdout.write("open\n");
await Promise.all(Array.from({ length: writers }, (_, writer) => writeForever(writer)));
