import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../base/clock.ts";
import { createLogger } from "../../../base/logger.ts";
import { dayOne, tenantA, tenantB } from "../../testing/new-records.ts";
import { acked, joao, maria, received, sent, viewEvent } from "../../testing/view-events.ts";
import { openSqliteStore } from "../index.ts";
import { followAll, openViewsStage, type ViewsStage } from "./testing/views-stage.ts";
import type { ViewsReader } from "./views-reader.ts";

let stage: ViewsStage;
beforeEach(async () => {
  stage = await openViewsStage([tenantA, tenantB]);
});
afterEach(() => stage.close());

const append = (...events: readonly ReturnType<typeof received>[]) => stage.append(tenantA, events);

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => received(`M${n}`, "oi", { at: n }));

function ids(views: ViewsReader, position = stage.position): readonly string[] {
  const page = views.messages(tenantA.tenantId, { chat: maria, limit: 100 }, position);
  return page.items.map(({ id }) => id);
}

function rowsIn(name: string): Readonly<Record<string, number>> {
  const db = new DatabaseSync(stage.path(name));
  const tables = ["scopes", "places", "states", "mentions", "facts", "members"];
  const counts = tables.map((table) => {
    const row = db.prepare(`SELECT count(*) AS count FROM ${table}`).get();
    return [table, row?.["count"] as number] as const;
  });
  db.close();
  return Object.fromEntries(counts);
}

describe("the views' file", () => {
  it("is made when somebody asks, is its owner's only, and holds no text of a message", async () => {
    await append(received("M", "um-texto-secreto"));
    expect(existsSync(join(stage.directory, "views.db"))).toBe(false);
    const { items } = await stage.store.views.messages(tenantA, { chat: maria, limit: 1 });
    expect(items[0]?.content).toMatchObject({ text: "um-texto-secreto" });
    await stage.store.close();
    const path = join(stage.directory, "views.db");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "latin1")).not.toContain("um-texto-secreto");
  });

  it("I1 holds nothing above the position that is on disk", async () => {
    await append(received("A", "1", { at: 1 }), received("B", "2", { at: 2 }));
    const views = stage.views("v");
    expect(ids(views, 1)).toEqual(["A"]);
    expect(ids(views, 2)).toEqual(["B", "A"]);
  });

  it("goes on where it stood after a restart", async () => {
    await append(received("A", "1", { at: 1 }));
    const first = stage.views("v");
    expect(ids(first)).toEqual(["A"]);
    first.close();
    await append(received("B", "2", { at: 2 }));
    expect(ids(stage.views("v"))).toEqual(["B", "A"]);
    expect(rowsIn("v")["mentions"]).toBe(2);
  });

  it.each([
    ["is no database", (path: string) => writeFileSync(path, "x".repeat(9_000))],
    [
      "has broken pages",
      (path: string) => {
        const bytes = readFileSync(path);
        writeFileSync(path, bytes.fill(0xa5, 4_096));
      },
    ],
    [
      "is of another version",
      (path: string) => {
        const db = new DatabaseSync(path);
        db.exec("PRAGMA user_version = 999; DROP TABLE mentions");
        db.close();
      },
    ],
    [
      "is of a log before a restore",
      (path: string) => {
        const db = new DatabaseSync(path);
        db.exec("UPDATE progress SET epoch = 'older'; DELETE FROM mentions");
        db.close();
      },
    ],
    [
      "is ahead of its log",
      (path: string) => {
        const db = new DatabaseSync(path);
        db.exec(
          "UPDATE progress SET position = 1000; UPDATE states SET message_id = 'lost' || number",
        );
        db.close();
      },
    ],
  ])("I2 that %s is thrown away and made again from the log", async (_name, spoil) => {
    await append(...many(200));
    const first = stage.views("v");
    followAll(first, stage.position);
    first.close();
    spoil(stage.path("v"));
    const again = stage.views("v");
    const page = again.messages(tenantA.tenantId, { chat: maria, limit: 100 }, stage.position);
    expect([page.complete, page.items.length, page.items[0]?.id]).toEqual([true, 100, "M199"]);
  });

  it("that breaks while it is open is thrown away, and the question answered all the same", async () => {
    await append(...many(2_000));
    const views = stage.views("v");
    followAll(views, stage.position);
    views.close();
    const db = new DatabaseSync(stage.path("v"));
    const { page } = db
      .prepare("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'messages_by_place'")
      .get() as { page: number };
    db.close();
    const bytes = readFileSync(stage.path("v"));
    writeFileSync(stage.path("v"), bytes.fill(0, (page - 1) * 4_096, page * 4_096));
    expect(ids(stage.views("v"))[0]).toBe("M1999");
  });
});

describe("a long log", () => {
  it("is read in short steps, and an answer in between says that it is not complete", async () => {
    await append(...many(1_100));
    const views = stage.views("v");
    expect(ids(views, 400)[0]).toBe("M399");
    expect(ids(views)[0]).toBe("M1099");
    expect(stage.position).toBe(1_100);
  });
});

describe("what the log does not keep", () => {
  it("leaves no row behind, in small steps, and what is kept stays whole", async () => {
    const events = Array.from({ length: 1_200 }, (_, n) =>
      received(`M${n}`, "oi", { at: n, chat: joao, name: "João" }),
    );
    await append(...events);
    await append(
      sent("S", "velha", { at: 1_300 }),
      received("K", "nova", { at: 3_000 }),
      acked("S", 3, { at: 3_001 }),
    );
    const views = stage.views("v");
    followAll(views, stage.position);
    await stage.store.log.expire(dayOne + 2_000_000, dayOne + 4_000_000, 10_000);
    followAll(views, stage.position);
    expect(rowsIn("v")).toEqual({
      scopes: 1,
      places: 1,
      states: 2,
      mentions: 2,
      facts: 0,
      members: 0,
    });
    expect(ids(views)).toEqual(["K"]);
    const fresh = stage.views("fresh");
    followAll(fresh, stage.position);
    expect(rowsIn("fresh")).toEqual(rowsIn("v"));
  });

  it("of a deleted tenant goes as a whole, and does not come back", async () => {
    await append(received("M", "oi"), viewEvent("contact.updated", { name: "Maria" }));
    await stage.append(tenantB, [received("M", "oi")]);
    const views = stage.views("v");
    followAll(views, stage.position);
    await stage.store.directory.deleteTenant(tenantA.tenantId);
    followAll(views, stage.position);
    expect(rowsIn("v")).toMatchObject({ scopes: 1, places: 1, states: 1, mentions: 1, facts: 0 });
    expect(ids(views)).toEqual([]);
  });
});

describe("text search", () => {
  const find = (views: ViewsReader, text: string, more = {}): readonly string[] =>
    views
      .messages(tenantA.tenantId, { text, limit: 100, ...more }, stage.position)
      .items.map(({ id }) => id);

  beforeEach(async () => {
    await append(
      received("A", "Olá, o orçamento ficou pronto?", { at: 1 }),
      sent("B", "Sim: R$ 1.200,50 à vista", { at: 2, chat: joao }),
      viewEvent(
        "message.received",
        {
          messageId: "C",
          content: { kind: "image", caption: "orçamento em anexo quixotesco" },
        },
        { at: 3 },
      ),
      viewEvent(
        "message.edited",
        {
          messageId: "A",
          content: { kind: "text", text: "Olá, o ORCAMENTO final ficou pronto?" },
        },
        { at: 4 },
      ),
    );
    await stage.append(tenantB, [received("X", "orçamento de outro", { at: 5 })]);
  });

  it("finds all words in any case and accent, also their beginnings, each message once", () => {
    const views = stage.views("v", true);
    expect(find(views, "orcamento")).toEqual(["A", "C"]);
    expect(find(views, "PRONTO olá")).toEqual(["A"]);
    expect(find(views, "orça anexo")).toEqual(["C"]);
    expect(find(views, "final")).toEqual(["A"]);
    expect(find(views, "1.200,50")).toEqual(["B"]);
    expect(find(views, "orçamento", { chat: joao })).toEqual([]);
    expect(find(views, "orçamento", { phone: "5511900000001", since: dayOne + 2_000 })).toEqual([
      "C",
    ]);
    expect(find(views, "orçamento", { limit: 1 })).toEqual(["A"]);
  });

  it("pages meet, and a message that several of its texts match is in one of them", () => {
    const views = stage.views("v", true);
    const first = views.messages(tenantA.tenantId, { text: "orcamento", limit: 1 }, stage.position);
    const { next = "" } = first;
    expect(find(views, "orcamento", { after: next })).toEqual(["C"]);
  });

  it.each([
    '"',
    "' OR 1=1 --",
    "texto: x",
    "NEAR(a b)",
    "a AND",
    "*",
    "t1",
    "t2",
    "-",
    "\ud83d",
    "{}()^",
  ])("%j is words to look for and nothing else", (text) => {
    expect(find(stage.views("v", true), text)).toEqual([]);
  });

  it("words go with their events, and all of them when it is turned off", async () => {
    const views = stage.views("v", true);
    expect(find(views, "anexo")).toEqual(["C"]);
    views.close();
    expect(readFileSync(stage.path("v"), "latin1")).toContain("quixotesco");
    await stage.store.log.expire(dayOne + 3_500, dayOne + 9_000, 100);
    followAll(views, stage.position);
    expect(find(views, "anexo")).toEqual([]);
    views.close();
    expect(readFileSync(stage.path("v"), "latin1")).not.toContain("quixotesco");
    const off = stage.views("v");
    followAll(off, stage.position);
    off.close();
    const db = new DatabaseSync(stage.path("v"));
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'texts%'").all()).toEqual([]);
    db.close();
  });

  it("is a setting of the store: on, it reads in what is stored; off, the file has no words", async () => {
    await stage.store.close();
    const open = (textSearch: boolean) =>
      openSqliteStore({
        directory: stage.directory,
        clock: systemClock,
        logger: createLogger("silent"),
        newEpoch: () => "never",
        textSearch,
      });
    const on = await open(true);
    const page = await on.views.messages(tenantA, { text: "quixotesco", limit: 5 });
    expect([page.complete, page.items.map(({ id }) => id)]).toEqual([true, ["C"]]);
    await on.close();
    const off = await open(false);
    await expect(off.views.messages(tenantA, { text: "x", limit: 5 })).rejects.toMatchObject({
      code: "text_search_off",
    });
    const { items } = await off.views.messages(tenantA, { messageId: "C", limit: 5 });
    expect(items).toHaveLength(1);
    await off.close();
    const bytes = readFileSync(join(stage.directory, "views.db"), "latin1");
    expect(bytes).not.toContain("quixotesco");
  });
});
