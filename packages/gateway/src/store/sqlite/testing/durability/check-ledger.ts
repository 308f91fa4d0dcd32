import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../../base/clock.ts";
import { createLogger } from "../../../../base/logger.ts";
import type { Store, StoredEvent } from "../../../contract/index.ts";
import { openSqliteStore } from "../../index.ts";
import { FindingsCount, type Findings } from "./findings.ts";
import type { Ledger } from "./ledger.ts";
import { endpointId, recordKind } from "./places.ts";

async function checkLog(
  store: Store,
  ledger: Ledger,
  tenantId: string,
  found: FindingsCount,
): Promise<void> {
  const acknowledged = ledger.events.get(tenantId) ?? [];
  found.checked += acknowledged.length;
  const isLeaving = ledger.leaving.has(tenantId);
  if ((await store.directory.tenant(tenantId)) === undefined) {
    if (!isLeaving) found.add("lost", `tenant ${tenantId} is gone`);
    if (!isLeaving)
      for (const { id } of acknowledged)
        found.add("lost", `${tenantId} ${id} went with its tenant`);
    return;
  }
  if (ledger.left.has(tenantId)) found.add("lost", `tenant ${tenantId} is back`);
  const { head, floor } = await store.log.bounds({ tenantId });
  const ids = await readLog(store, tenantId, floor, found);
  if (floor + ids.length - 1 !== head)
    found.add("gaps", `${tenantId} ends at ${floor + ids.length - 1}, its head says ${head}`);
  const mayBeGone = ledger.expires.get(tenantId) ?? -Infinity;
  for (const { id, offset, receivedAt } of acknowledged) {
    if (ids[offset - floor] === id || (offset < floor && receivedAt < mayBeGone)) continue;
    found.add("lost", `${tenantId} ${offset} ${id} is not there (${ids[offset - floor] ?? "-"})`);
  }
}

/** The ids from the floor on; counts gaps and copies. */
async function readLog(
  store: Store,
  tenantId: string,
  floor: number,
  found: FindingsCount,
): Promise<readonly string[]> {
  const ids: string[] = [];
  const occurrences = new Set<string>();
  let page: readonly StoredEvent[];
  do {
    page = await store.log.readAfter({ tenantId }, floor - 1 + ids.length, 1_000);
    for (const event of page) {
      const expected = floor + ids.length;
      if (event.offset !== expected)
        found.add("gaps", `${tenantId} has ${event.offset} where ${expected} belongs`);
      if (!event.json.startsWith(`{"offset":${event.offset},`))
        found.add("lost", `${tenantId} ${event.offset} says ${event.json.slice(0, 30)}`);
      ids.push(event.id);
      const occurrence = event.id.replace("-copy", "");
      if (occurrences.has(occurrence)) found.add("doubled", `${tenantId} has ${occurrence} twice`);
      occurrences.add(occurrence);
    }
  } while (page.length > 0);
  return ids;
}

async function checkPeople(store: Store, ledger: Ledger, found: FindingsCount): Promise<void> {
  const byPlace = Map.groupBy(ledger.pairs, (pair) => `${pair.tenantId} ${pair.instanceId}`);
  for (const pairs of byPlace.values()) {
    for (let first = 0; first < pairs.length; first += 1_000) {
      const some = pairs.slice(first, first + 1_000);
      const [{ tenantId, instanceId } = { tenantId: "", instanceId: "" }] = some;
      const lids = some.map(({ lid }) => lid);
      const phones = await store.people.phonesOf({ tenantId }, instanceId, lids);
      found.checked += some.length;
      for (const { lid, phone } of some)
        if (phones.get(lid) !== phone) found.add("lost", `${tenantId} ${lid} is not ${phone}`);
    }
  }
}

/** Every offset up to the cursor was planned once, and the cursor stands at least where it was said. */
async function checkDeliveries(store: Store, ledger: Ledger, found: FindingsCount): Promise<void> {
  for (const [tenantId, planned] of ledger.planned) {
    const scope = { tenantId };
    const cursor = (await store.deliveries.cursor(scope, endpointId))?.offset ?? 0;
    found.checked += planned;
    if (cursor < planned)
      found.add("lost", `${tenantId} was planned up to ${planned}, its cursor is at ${cursor}`);
    const offsets = new Set<number>();
    for (let beforeId: string | undefined; ;) {
      const page = { endpointId, limit: 1_000, ...(beforeId === undefined ? {} : { beforeId }) };
      const deliveries = await store.deliveries.list(scope, page);
      for (const { eventOffset } of deliveries) {
        if (offsets.has(eventOffset))
          found.add("doubled", `${tenantId} ${eventOffset} is planned twice`);
        offsets.add(eventOffset);
      }
      beforeId = deliveries.at(-1)?.id;
      if (deliveries.length < 1_000) break;
    }
    for (let offset = 1; offset <= cursor; offset += 1)
      if (!offsets.has(offset)) found.add("lost", `${tenantId} ${offset} has no delivery`);
  }
  found.checked += ledger.delivered.length;
  for (const { tenantId, id } of ledger.delivered) {
    const delivery = await store.deliveries.byId({ tenantId }, id);
    if (delivery?.status !== "succeeded" || delivery.totalAttempts !== 1)
      found.add("lost", `${tenantId} ${id} is ${delivery?.status ?? "gone"}`);
  }
}

async function checkRecords(store: Store, ledger: Ledger, found: FindingsCount): Promise<void> {
  for (const [place, version] of ledger.records) {
    const [tenantId = "", key = ""] = place.split(" ");
    found.checked += 1;
    const record = await store.records.get({ tenantId }, recordKind, key);
    if ((record?.version ?? 0) < version) found.add("lost", `${place} has not version ${version}`);
  }
}

function checkIntegrity(directory: string, found: FindingsCount): void {
  const db = new DatabaseSync(join(directory, "recado.db"), { readOnly: true });
  const answer = db.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
  db.close();
  if (answer !== "ok") found.add("lost", `integrity_check: ${String(answer)}`);
}

/**
 * Opens the folder with the real store and looks up everything that the ledger says, through the store's
 * contract. A folder that cannot be opened has lost all of it.
 */
export async function checkLedger(directory: string, ledger: Ledger): Promise<Findings> {
  const found = new FindingsCount();
  const logger = createLogger("silent");
  let store: Store;
  try {
    store = await openSqliteStore({ directory, clock: systemClock, logger, newEpoch: () => "e" });
  } catch (error) {
    found.checked = ledger.acknowledged;
    found.lost = Math.max(1, ledger.acknowledged);
    found.note(`the folder cannot be opened: ${String(error)}`);
    return found;
  }
  try {
    for (const tenantId of ledger.tenants) await checkLog(store, ledger, tenantId, found);
    await checkPeople(store, ledger, found);
    await checkDeliveries(store, ledger, found);
    await checkRecords(store, ledger, found);
  } catch (error) {
    found.add("lost", `the folder cannot be read: ${String(error)}`);
  } finally {
    await store.close();
  }
  checkIntegrity(directory, found);
  return found;
}
