import { evolution } from "@recado/providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../../base/logger.ts";
import type { Store } from "../../../store/contract/index.ts";
import { createWatchStage, scope, type WatchStage } from "../testing/watch-stage.ts";
import { createNumberBook, type NumberBook } from "./number-book.ts";
import { numberRecord } from "./number-record.ts";

let stage: WatchStage;
let books: NumberBook[];
/** Writes of a record, by kind and key. */
let writes: Map<string, number>;

beforeEach(async () => {
  stage = await createWatchStage();
  books = [];
  writes = new Map();
});
afterEach(async () => {
  await Promise.all(books.map((book) => book.stop()));
  await stage.close();
});

function countingStore(): Pick<Store, "records" | "log" | "directory"> {
  const { records, log, directory } = stage.store;
  const counting = new Proxy(records, {
    get(from, name) {
      if (name !== "put") return Reflect.get(from, name) as unknown;
      return (...parameters: Parameters<typeof records.put>) => {
        const key = `${parameters[1]} ${parameters[2]}`;
        writes.set(key, (writes.get(key) ?? 0) + 1);
        return records.put(...parameters);
      };
    },
  });
  return { records: counting, log, directory };
}

async function book(): Promise<NumberBook> {
  const made = createNumberBook({
    store: countingStore(),
    tail: stage.writer,
    clock: stage.clock,
    logger: createLogger("silent"),
    onEvent: () => undefined,
  });
  books.push(made);
  await made.start();
  return made;
}

let sent = 0;
async function say(instanceId: string, data: object, event = "connection.update"): Promise<void> {
  sent++;
  const body = { event, instance: "loja", data, date_time: String(sent) };
  const receivedAt = stage.clock.now();
  await stage.writer.appendWebhook(scope, {
    provider: evolution,
    instance: { id: instanceId, name: "loja", provider: "evolution" },
    body: { text: JSON.stringify(body), meta: { headers: {} } },
    parsed: body,
    drafts: evolution.normalise(body, { receivedAt, bodyHash: `hash ${sent}` }),
    bodyHash: `hash ${sent}`,
    source: event,
    receivedAt,
  });
}

const states = ["connecting", "close", "connecting", "open"] as const;

describe("the book of numbers", () => {
  it("writes a storm of 2,000 changes down a few times, with the true state at its end", async () => {
    const kept = await book();
    for (let index = 0; index < 2_000; index += 50) {
      const part = Array.from({ length: 50 }, (_, one) =>
        say("ins_1", { state: states[(index + one) % 4], statusReason: 200 }),
      );
      await Promise.all(part);
      stage.clock.forward(1_000);
    }
    await kept.stop();
    expect(writes.get("number ins_1")).toBeLessThanOrEqual(42);
    const again = (await book()).of("ins_1");
    expect(again?.connection.state).toBe("open");
    expect(again?.connection.history).toMatchObject([{ changes: 2_000, state: "open" }]);
  });

  it("writes ordinary traffic once a minute", async () => {
    const kept = await book();
    for (let second = 0; second < 180; second++) {
      await say(
        "ins_1",
        {
          id: "5511900000001@s.whatsapp.net",
          presences: { "5511900000001@s.whatsapp.net": { lastKnownPresence: "available" } },
        },
        "presence.update",
      );
      stage.clock.forward(1_000);
    }
    await kept.stop();
    expect(writes.get("number ins_1")).toBeLessThanOrEqual(4);
  });

  it("knows after a crash what it knew before, out of records and log", async () => {
    const lost = await book();
    await say("ins_1", { state: "open", wuid: "5511900000001@s.whatsapp.net" });
    for (let second = 0; second < 90; second++) stage.clock.forward(1_000);
    await stage.forwardUntil(() => writes.has("number_watch position"), 120_000);
    await say("ins_1", { state: "connecting" });
    await say("ins_2", { state: "close", statusReason: 401 });
    const known = ["ins_1", "ins_2"].map((id) => numberRecord(lost.of(id) ?? fail()));
    stage.clock.dropTimers();
    books = [];
    const found = await book();
    expect(["ins_1", "ins_2"].map((id) => numberRecord(found.of(id) ?? fail()))).toEqual(known);
  });

  it("misses nothing and takes nothing twice while the log grows under its start", async () => {
    for (let index = 0; index < 700; index++) await say("ins_1", { state: states[index % 4] });
    const growing = Promise.all(
      Array.from({ length: 300 }, (_, index) => say("ins_1", { state: states[index % 4] })),
    );
    const kept = await book();
    await growing;
    const { counts } = kept.of("ins_1")?.connection ?? fail();
    expect(counts.changes + counts.repeats).toBe(1_000);
  });

  it("takes up a tenant that was made after its start", async () => {
    const kept = await book();
    await stage.store.directory.createTenant({
      id: "later",
      name: "Later",
      active: true,
      ingestToken: "later",
      createdAt: 1,
    });
    const identity = { key: "one" };
    const data = { state: "open", providerState: "open" } as const;
    const instance = { id: "ins_9", name: "nova", provider: "waha" } as const;
    const type = "instance.connection_changed";
    await stage.writer.appendOwn({ tenantId: "later" }, { type, data, identity, instance });
    await stage.forwardUntil(() => kept.of("ins_9") !== undefined, 10_000);
    expect(kept.of("ins_9")?.connection.state).toBe("open");
  });

  it("forgets a number with its records", async () => {
    const kept = await book();
    await say("ins_1", { state: "open" });
    stage.clock.forward(1_000);
    await stage.forwardUntil(() => writes.has("number ins_1"), 10_000);
    await kept.forget(kept.of("ins_1") ?? fail());
    expect(kept.of("ins_1")).toBeUndefined();
    expect(await stage.store.records.get(scope, "number", "ins_1")).toBeUndefined();
  });
});

function fail(): never {
  throw new Error("the number is not known");
}
