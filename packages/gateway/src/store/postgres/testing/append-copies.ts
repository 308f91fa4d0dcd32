import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import { entryOf, newEvent, tenantA, tenantB } from "../../testing/new-records.ts";
import { openPostgresEventLog } from "../index.ts";

/**
 * A process that appends `count` events for two tenants, several at a time, and prints each outcome as
 * `<tenant> <offset or "duplicate"> <event name>`. Every process appends the same names in its own order:
 * who comes second has a duplicate. Then it prints in which order it heard of all events, its own and
 * the others', as `heard <tenant> <offset>`.
 */
const [url = "", schema = "", name = "", count = "0"] = process.argv.slice(2);
const logger = createLogger("silent");
const options = { url, schema, clock: systemClock, logger, newEpoch: () => "e" };
const store = await openPostgresEventLog(options);
const heard: string[] = [];
const everything = new Promise<void>((resolve) => {
  store.log.subscribe((events) => {
    for (const { tenantId, offset } of events) heard.push(`heard ${tenantId} ${offset}`);
    if (heard.length >= Number(count)) resolve();
  });
});

process.stdout.write("open\n");
await new Promise((resolve) => process.stdin.once("data", resolve));
process.stdin.destroy();

const names = Array.from({ length: Number(count) }, (_, n) => n);
// Half of the processes begin at the other end, so that they meet in the middle.
if (name === "b") names.reverse();
const inFlight = 24;
async function appendSome(): Promise<void> {
  for (let n = names.shift(); n !== undefined; n = names.shift()) {
    const scope = n % 2 === 0 ? tenantA : tenantB;
    const event = newEvent(`${n}`, { id: `evt_${name}_${n}` });
    for (const outcome of await store.log.append(scope, entryOf(event))) {
      const result = outcome.kind === "appended" ? outcome.event.offset : "duplicate";
      process.stdout.write(`${scope.tenantId} ${result} ${n}\n`);
    }
  }
}
await Promise.all(Array.from({ length: inFlight }, appendSome));
await everything;
process.stdout.write(`${heard.join("\n")}\n`);
await store.close();
