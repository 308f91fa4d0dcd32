import { systemClock } from "../../../../base/clock.ts";
import { createLogger } from "../../../../base/logger.ts";
import type { NewEvent, Store } from "../../../contract/index.ts";
import { entryOf, newEvent, newTenant } from "../../../testing/new-records.ts";
import { openSqliteStore, type SyncFile } from "../../index.ts";
import { endpointId, keptTenants, oldTenant, recordKind } from "./places.ts";
import { sayLine } from "./say-line.ts";

/**
 * A process that does everything a store is asked for, all at once, until it is killed or has stored enough,
 * and prints a line for each thing that was acknowledged, right after it was (see `ledger.ts`).
 * What only may happen from now on (events expiring, a tenant going) is printed before it is asked for.
 *
 * Parameters: folder, a number that makes names unique, events to store (0: until killed), `unsynced` for a
 * store whose sync does nothing.
 */
const [directory = "", run = "0", wanted = "0", syncing = "synced"] = process.argv.slice(2);
const enough = Number(wanted) === 0 ? Infinity : Number(wanted);
const writers = 12;
const noSync: SyncFile = (_fd, done) => setImmediate(done, null);
/** Events of the old tenant count milliseconds from here: long before those of the others. */
const oldTime = Date.UTC(2020, 0, 1);

sayLine("opening");
const store = await openSqliteStore({
  directory,
  clock: systemClock,
  logger: createLogger("silent"),
  newEpoch: () => "e",
  ...(syncing === "unsynced" ? { sync: noSync } : {}),
});
let stored = 0;
const isGoingOn = (): boolean => stored < enough;

function say(...words: readonly (string | number)[]): void {
  sayLine(words.join(" "));
}

async function append(tenantId: string, events: readonly NewEvent[]): Promise<void> {
  const outcomes = await store.log.append({ tenantId }, entryOf(...events));
  for (const outcome of outcomes) {
    if (outcome.kind !== "appended") continue;
    stored += 1;
    say("event", tenantId, outcome.event.offset, outcome.event.id, outcome.event.receivedAt);
  }
}

/** Every seventh event comes twice at the same moment; some teach who is behind a LID. */
async function keepWriting(writer: number): Promise<void> {
  const tenantId = keptTenants[writer % keptTenants.length] ?? "";
  for (let n = 0; isGoingOn(); n += 1) {
    const name = `${run}-${writer}-${n}`;
    const data = `{"text":"${"x".repeat((n * 397) % 3_000)}"}`;
    // Of fixed width: no two people have the same digits.
    const person = `${run.padStart(4, "0")}${String(writer).padStart(2, "0")}${String(n).padStart(6, "0")}`;
    const pair = { lid: `9${person}@lid`, phone: `55${person}@s.whatsapp.net` };
    const pairs = n % 5 === 0 ? [pair] : undefined;
    const more = { chatId: `${n % 20}`, data, ...(pairs === undefined ? {} : { pairs }) };
    const events = [newEvent(name, more)];
    if (n % 7 === 0) events.push(newEvent(name, { id: `evt_${name}-copy` }));
    await Promise.all(events.map((event) => append(tenantId, [event])));
    for (const pair of pairs ?? []) say("pair", tenantId, "ins_1", pair.lid, pair.phone);
  }
}

/** A log whose beginning goes while its end grows. */
async function keepExpiring(): Promise<void> {
  const { head } = await store.log.bounds({ tenantId: oldTenant });
  for (let n = head; isGoingOn(); n += 60) {
    const events = Array.from({ length: 60 }, (_, index) =>
      newEvent(`${run}-old-${n + index}`, { index, receivedAt: oldTime + n + index }),
    );
    await append(oldTenant, events);
    const before = oldTime + n - 200;
    say("expires", oldTenant, before);
    await store.log.expire(before, Date.UTC(2030, 0, 1), 100);
  }
}

/** Tenants that come, fill a log and go with it, which is then removed in the background. */
async function keepDeleting(): Promise<void> {
  for (let n = 0; isGoingOn(); n += 1) {
    const id = `gone_${run}_${n}`;
    await store.directory.createTenant(newTenant(id));
    say("tenant", id);
    for (let batch = 0; batch < 4; batch += 1) {
      const names = Array.from({ length: 50 }, (_, index) => `${run}-${n}-${batch}-${index}`);
      await append(
        id,
        names.map((name, index) => newEvent(name, { index, id: `evt_${id}_${name}` })),
      );
    }
    say("leaving", id);
    await store.directory.deleteTenant(id);
    say("left", id);
  }
}

/** Plans every event of one tenant for an endpoint, and records an attempt of each. */
async function keepDelivering(): Promise<void> {
  const scope = { tenantId: keptTenants[0] ?? "" };
  if (!(await store.deliveries.cursor(scope, endpointId)))
    await store.deliveries.startAt(scope, endpointId, 0);
  while (isGoingOn()) {
    const from = (await store.deliveries.cursor(scope, endpointId))?.offset ?? 0;
    const events = await store.log.readAfter(scope, from, 20);
    const to = events.at(-1)?.offset;
    if (to === undefined) {
      await new Promise(setImmediate);
      continue;
    }
    const deliveries = events.map((event) => ({
      id: `dlv_${event.offset}`,
      eventId: event.id,
      eventOffset: event.offset,
      eventType: event.type,
      createdAt: systemClock.now(),
    }));
    await store.deliveries.plan(scope, { endpointId, from, to, deliveries });
    say("planned", scope.tenantId, to);
    for (const { id } of deliveries.slice(0, 3)) await deliver(scope, id);
  }
}

async function deliver(scope: { readonly tenantId: string }, deliveryId: string): Promise<void> {
  await store.deliveries.record(scope, {
    deliveryId,
    attempt: { startedAt: systemClock.now(), durationMs: 1, outcome: "succeeded", statusCode: 200 },
    next: { status: "succeeded" },
  });
  say("delivered", scope.tenantId, deliveryId);
}

async function keepNoting(): Promise<void> {
  const scope = { tenantId: keptTenants[1] ?? "" };
  for (let n = 0; isGoingOn(); n += 1) {
    const key = `key_${n % 10}`;
    await store.records.put(scope, recordKind, key, { run, n });
    const version = (await store.records.get(scope, recordKind, key))?.version ?? 0;
    say("record", scope.tenantId, key, version);
  }
}

async function createTenants(opened: Store): Promise<void> {
  for (const id of [...keptTenants, oldTenant]) {
    if (!(await opened.directory.tenant(id))) await opened.directory.createTenant(newTenant(id));
    say("tenant", id);
  }
}

await createTenants(store);
await Promise.all([
  ...Array.from({ length: writers }, (_, writer) => keepWriting(writer)),
  keepExpiring(),
  keepDeleting(),
  keepDelivering(),
  keepNoting(),
]);
await store.close();
