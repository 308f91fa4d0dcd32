import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createLogger } from "../../base/logger.ts";
import type { StoredEvent } from "../contract/index.ts";
import { entryOf, newEvent, newTenant, tenantA, tenantB } from "../testing/new-records.ts";
import { appendInTransaction } from "./append/append-transaction.ts";
import { connect } from "./database.ts";
import { openPostgresEventLog, type PostgresEventLogStore } from "./index.ts";
import { startAppending } from "./testing/appending-process.ts";
import { pauseCommits } from "./testing/paused-commits.ts";
import { startPostgres, type PostgresServer } from "./testing/postgres-server.ts";

/** So long that only a wake-up, not a poll, can bring an event in time. */
const neverMs = 600_000;

let server: PostgresServer;
let schema = "";
let schemas = 0;
let opened: PostgresEventLogStore[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

beforeEach(async () => {
  schema = `shared_${(schemas += 1)}`;
  opened = [];
  const first = await open();
  for (const { tenantId } of [tenantA, tenantB])
    await first.directory.createTenant(newTenant(tenantId));
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
});

/** One more process's store, as far as the database can tell. */
async function open(pollMs = neverMs): Promise<PostgresEventLogStore> {
  const logger = createLogger("silent");
  const options = { url: server.url, schema, clock: systemClock, logger, newEpoch: () => "e" };
  const store = await openPostgresEventLog({ ...options, pollMs });
  opened.push(store);
  return store;
}

/** Offsets of `tenantA` in the order in which they are heard; `reached` resolves with the last one. */
function hear(store: PostgresEventLogStore, last: number) {
  const offsets: number[] = [];
  const reached = new Promise<void>((resolve) => {
    store.log.subscribe((events: readonly StoredEvent[]) => {
      for (const { offset } of events) offsets.push(offset);
      if (offsets.at(-1) === last) resolve();
    });
  });
  return { offsets, reached };
}

function range(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe("a writer that stands between numbering and commit", () => {
  test("I2 no reader ever sees the event after it first, and every reader sees both", async () => {
    const [one, two, reader] = [await open(), await open(), await open()];
    const gate = await pauseCommits(server.url, schema);
    const heard = [one, two, reader].map((store) => hear(store, 4));
    let isOver = false;
    const reading = (async () => {
      while (!isOver) {
        const read = await reader.log.readAfter(tenantA, 0, 10);
        expect(read.map((event) => event.offset)).toEqual(range(read.length));
        expect(await reader.log.bounds(tenantA)).toMatchObject({ floor: 1 });
      }
    })();
    const paused = one.log.append(tenantA, entryOf(newEvent("before"), newEvent("paused")));
    await gate.standing();
    const next = two.log.append(tenantA, entryOf(newEvent("next"), newEvent("after")));
    await gate.othersWait(1);
    expect(await reader.log.bounds(tenantA)).toEqual({ head: 0, floor: 1 });
    await gate.letGo();
    expect((await paused).map(offsetOf)).toEqual([1, 2]);
    expect((await next).map(offsetOf)).toEqual([3, 4]);
    await Promise.all(heard.map(({ reached }) => reached));
    isOver = true;
    await reading;
    for (const { offsets } of heard) expect(offsets).toEqual([1, 2, 3, 4]);
    await gate.close();
  });

  test("I2 it leaves no gap when it dies there, and its append is rejected", async () => {
    const [one, two] = [await open(), await open()];
    const gate = await pauseCommits(server.url, schema);
    const paused = one.log.append(tenantA, entryOf(newEvent("paused")));
    const refusal = paused.catch((error: unknown) => error);
    const backend = await gate.standing();
    const next = two.log.append(tenantA, entryOf(newEvent("next")));
    await gate.othersWait(1);
    await gate.kill(backend);
    expect(await refusal).toMatchObject({ code: "store_unavailable" });
    expect((await next).map(offsetOf)).toEqual([1]);
    await gate.letGo();
    // What its sender sends again is a new event, since nothing of it was stored.
    expect((await one.log.append(tenantA, entryOf(newEvent("paused")))).map(offsetOf)).toEqual([2]);
    await gate.close();
  });

  test("I3 the copy of its event that another connection brings meanwhile is a duplicate", async () => {
    const [one, two] = [await open(), await open()];
    const gate = await pauseCommits(server.url, schema);
    const paused = one.log.append(tenantA, entryOf(newEvent("paused")));
    await gate.standing();
    const copy = newEvent("paused", { id: "evt_copy" });
    const next = two.log.append(tenantA, entryOf(copy));
    await gate.othersWait(1);
    await gate.letGo();
    expect((await paused).map(offsetOf)).toEqual([1]);
    expect(await next).toEqual([{ kind: "duplicate", of: "evt_paused", cause: "retry" }]);
    expect(await two.log.bounds(tenantA)).toEqual({ head: 1, floor: 1 });
    await gate.close();
  });
});

describe("several processes", () => {
  test("I3 one identity through many connections at once is one event", async () => {
    const stores = [await open(), await open(), await open()];
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        stores[n % 3]!.log.append(tenantA, entryOf(newEvent("x", { id: `evt_${n}` }))),
      ),
    );
    const kinds = outcomes.flat().map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === "appended")).toHaveLength(1);
    expect(await stores[0]!.log.duplicates(tenantA)).toMatchObject({ retry: 59 });
  });

  test("I2 two that append the same thousand events at once: dense offsets, each event once, one order for all", async () => {
    const count = 1_000;
    const processes = ["a", "b"].map((name) => startAppending([server.url, schema, name, count]));
    await Promise.all(processes.map(({ isOpen }) => isOpen));
    for (const one of processes) one.go();
    const lines = await Promise.all(processes.map(({ lines: said }) => said));
    const appended = lines.flat().filter((line) => /^ten_\w+ \d+ /.test(line));
    for (const { tenantId } of [tenantA, tenantB]) {
      const offsets = appended
        .filter((line) => line.startsWith(tenantId))
        .map((line) => Number(line.split(" ")[1]));
      expect(offsets.toSorted((a, b) => a - b)).toEqual(range(count / 2));
      for (const said of lines) {
        const heard = said.filter((line) => line.startsWith(`heard ${tenantId} `));
        expect(heard.map((line) => Number(line.split(" ")[2]))).toEqual(range(count / 2));
      }
    }
    const names = appended.map((line) => line.split(" ")[2]);
    expect(new Set(names).size).toBe(count);
    // Both stored some, or they did not meet at all.
    for (const said of lines) expect(said.some((line) => /^ten_\w+ \d/.test(line))).toBe(true);
  });

  test("an event of another process is heard by its wake-up", async () => {
    const [one, two] = [await open(), await open()];
    const { offsets, reached } = hear(two, 1);
    await one.log.append(tenantA, entryOf(newEvent("x")));
    await reached;
    expect(offsets).toEqual([1]);
  });

  test("an event whose wake-up was lost is heard by the next poll, in its place", async () => {
    const two = await open(20);
    const { offsets, reached } = hear(two, 1);
    const sql = connect(server.url, schema);
    await appendInTransaction(sql, [
      { tenantId: tenantA.tenantId, entry: entryOf(newEvent("silent")) },
    ]);
    await reached;
    expect(offsets).toEqual([1]);
    await sql.end();
  });

  test("what another process stored without a wake-up is heard before one's own next event", async () => {
    const one = await open();
    const { offsets, reached } = hear(one, 2);
    const sql = connect(server.url, schema);
    await appendInTransaction(sql, [
      { tenantId: tenantA.tenantId, entry: entryOf(newEvent("silent")) },
    ]);
    await one.log.append(tenantA, entryOf(newEvent("loud")));
    await reached;
    expect(offsets).toEqual([1, 2]);
    await sql.end();
  });

  test("the epoch is the same for whoever opens it, also at the same moment", async () => {
    schema = `shared_${(schemas += 1)}`;
    const stores = await Promise.all([open(), open(), open()]);
    expect(new Set(stores.map((store) => store.log.epoch)).size).toBe(1);
  });
});

function offsetOf(outcome: { readonly kind: string; readonly event?: StoredEvent }) {
  return outcome.event?.offset ?? outcome.kind;
}
