import { expect, test } from "vitest";
import type { StoredEvent } from "../../contract/index.ts";
import { entryOf, newEvent, tenantA, tenantB } from "../new-records.ts";
import { useStore, type EventLogStore, type NewPlace } from "../store-place.ts";

export function describeSubscribing(newPlace: NewPlace<EventLogStore>): void {
  const use = useStore(newPlace, [tenantA, tenantB]);

  test("I4 subscribers hear every event of every tenant once, in offset order, as it is stored", async () => {
    const { log } = use.store;
    const heard: StoredEvent[] = [];
    log.subscribe((events) => heard.push(...events));
    const names = Array.from({ length: 300 }, (_, n) => n);
    await Promise.all(
      names.map((n) =>
        log.append(n % 3 === 0 ? tenantB : tenantA, entryOf(newEvent(`${n % 250}`))),
      ),
    );
    for (const scope of [tenantA, tenantB]) {
      const mine = heard.filter((event) => event.tenantId === scope.tenantId);
      expect(mine).toEqual(await log.readAfter(scope, 0, 1_000));
      expect(mine.length).toBeGreaterThan(50);
    }
  });

  test("I4 what a subscriber hears can be read, and its append has been answered or is being answered", async () => {
    const { log } = use.store;
    const read = new Promise<StoredEvent | undefined>((resolve, reject) => {
      log.subscribe(([event]) => {
        log.byId(tenantA, event?.id ?? "").then(resolve, reject);
      });
    });
    await log.append(tenantA, entryOf(newEvent("x")));
    expect((await read)?.id).toBe("evt_x");
  });

  test("duplicates are not heard", async () => {
    const { log } = use.store;
    await log.append(tenantA, entryOf(newEvent("x")));
    let calls = 0;
    log.subscribe(() => {
      calls += 1;
    });
    await log.append(tenantA, entryOf(newEvent("x", { id: "evt_2" })));
    expect(calls).toBe(0);
  });

  test("one that stopped hears nothing more; one that throws keeps nothing from the others", async () => {
    const { log } = use.store;
    const heard: string[] = [];
    const stop = log.subscribe(() => heard.push("stopped"));
    log.subscribe(() => {
      throw new Error("a mistake");
    });
    log.subscribe((events) => heard.push(...events.map((event) => event.id)));
    stop();
    await log.append(tenantA, entryOf(newEvent("x")));
    expect(heard).toEqual(["evt_x"]);
  });

  test("an append from inside a subscriber is stored and heard in its turn", async () => {
    const { log } = use.store;
    const heard: string[] = [];
    const second = new Promise<void>((resolve) => {
      log.subscribe((events) => {
        heard.push(...events.map((event) => event.id));
        if (heard.length === 1) void log.append(tenantA, entryOf(newEvent("y")));
        else resolve();
      });
    });
    await log.append(tenantA, entryOf(newEvent("x")));
    await second;
    expect(heard).toEqual(["evt_x", "evt_y"]);
  });
}
