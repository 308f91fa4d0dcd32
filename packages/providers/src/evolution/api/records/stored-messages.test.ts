import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer, SeenRequest } from "../../../api/testing/answering-server.ts";
import { instantTiming } from "../../../api/testing/instant-timing.ts";
import { apiFor, recording, startEvolution } from "../../testing/recordings.ts";
import type { MessagesSinceOptions, StoredMessage, StoredMessages } from "./stored-messages.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

const path = "/chat/findMessages/rec-evo";

interface Query {
  readonly where: {
    readonly messageTimestamp?: { readonly gte: string; readonly lte: string };
    readonly key?: { readonly remoteJid: string };
  };
  readonly page: number;
  readonly offset: number;
  readonly limit?: number;
}

interface Row {
  readonly id: string;
  readonly key: { readonly id: string; readonly fromMe: boolean; readonly remoteJid: string };
  readonly messageTimestamp: number;
  readonly message?: unknown;
}

function row(number: number, second: number, text = ""): Row {
  return {
    id: `row-${number}`,
    key: { id: `M${number}`, fromMe: number % 2 === 0, remoteJid: "5511900000009@s.whatsapp.net" },
    messageTimestamp: second,
    message: { conversation: text },
  };
}

/** A generator with a seed, so that a failure can be made again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/**
 * Answers as 2.3 does: newest first, both bounds as ISO texts, `offset` as the size of a page, and rows
 * of one second in another order each time.
 */
function keepMessages(
  rows: readonly Row[],
  random: () => number,
): { readonly longest: () => number } {
  let longest = 0;
  server.on("POST", path, ({ body }: SeenRequest) => {
    const { where, page, offset } = body as Query;
    const from = Math.floor(Date.parse(where.messageTimestamp?.gte ?? "") / 1000);
    const to = Math.floor(Date.parse(where.messageTimestamp?.lte ?? "") / 1000);
    const found = rows
      .filter((entry) => entry.messageTimestamp >= from && entry.messageTimestamp <= to)
      .map((entry) => ({ entry, order: random() }))
      .toSorted(
        (left, right) =>
          right.entry.messageTimestamp - left.entry.messageTimestamp || left.order - right.order,
      )
      .map(({ entry }) => entry);
    const records = found.slice((page - 1) * offset, page * offset);
    longest = Math.max(longest, records.length);
    return {
      body: {
        messages: {
          total: found.length,
          pages: Math.ceil(found.length / offset),
          currentPage: page,
          records,
        },
      },
    };
  });
  return { longest: () => longest };
}

async function partsOf(options: MessagesSinceOptions, version?: string): Promise<StoredMessages[]> {
  const api = apiFor(server, version === undefined ? {} : { version });
  const parts: StoredMessages[] = [];
  for await (const part of api.messagesSince("rec-evo", options)) parts.push(part);
  return parts;
}

async function allOf(options: MessagesSinceOptions): Promise<readonly StoredMessage[]> {
  return (await partsOf(options)).flatMap(({ messages }) => messages);
}

describe("stored messages since a moment", () => {
  test("are asked for with both bounds as ISO texts, and come oldest first as recorded", async () => {
    const { request, response } = recording("findMessages-ts-iso");
    server.on("POST", path, response);
    const { gte, lte } = (request.body as Query).where.messageTimestamp ?? { gte: "", lte: "" };
    const messages = await allOf({ sinceMs: Date.parse(gte), untilMs: Date.parse(lte) });
    expect(server.requests.at(-1)?.body).toEqual({
      // The server cuts to the second as well.
      where: {
        messageTimestamp: { gte: gte.replace(/\.\d+/, ".000"), lte: lte.replace(/\.\d+/, ".000") },
      },
      page: 1,
      offset: 200,
    });
    const records = (response.body as { messages: { records: Row[] } }).messages.records;
    expect(messages.map(({ record }) => record)).toEqual(records.toReversed());
    expect(messages[0]).toMatchObject({
      id: "3EB0REC0001",
      chat: "5511900000009@s.whatsapp.net",
      fromMe: false,
      sentAt: 1_795_512_187_000,
    });
    // One id twice is two rows: the server keeps both.
    expect(messages).toHaveLength(7);
  });

  test.each([1, 2, 3, 4, 5, 6])(
    "are complete, in order and each once, for any spread and size of page (seed %i)",
    async (seed) => {
      const random = randomFrom(seed);
      const start = 1_795_500_000;
      const span = [10, 600, 86_400, 30 * 86_400][seed % 4] ?? 10;
      const count = 150 + Math.floor(random() * 500);
      const rows = Array.from({ length: count }, (_, number) =>
        // Half of them in bursts.
        row(
          number,
          start + Math.floor(random() * (random() < 0.5 ? span : Math.max(1, span / 100))),
        ),
      );
      const pageSize = 20 + Math.floor(random() * 60);
      const kept = keepMessages(rows, random);
      const until = (start + span) * 1000;
      const messages = await allOf({ sinceMs: start * 1000, untilMs: until, pageSize });
      const times = messages.map(({ sentAt }) => sentAt);
      expect(times).toEqual(times.toSorted((left, right) => (left ?? 0) - (right ?? 0)));
      expect(messages.every(({ sentAt }) => sentAt !== undefined)).toBe(true);
      const ids = messages.map(({ rowId }) => rowId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBe(count);
      const perSecond = Object.values(Object.groupBy(rows, (entry) => entry.messageTimestamp));
      const busiest = Math.max(...perSecond.map((entries) => entries?.length ?? 0));
      expect(kept.longest()).toBeLessThanOrEqual(Math.max(pageSize, busiest));
      expect(server.requests.length).toBeLessThan(count);
    },
  );

  test("go on from where a failure left them, losing and repeating nothing", async () => {
    const start = 1_795_500_000;
    const rows = Array.from({ length: 100 }, (_, number) => row(number, start + number * 60));
    keepMessages(rows, randomFrom(7));
    const parts = await partsOf({
      sinceMs: start * 1000,
      untilMs: (start + 6_000) * 1000,
      pageSize: 10,
    });
    expect(parts.length).toBeGreaterThan(5);
    const [first, second] = parts;
    const rest = await allOf({
      sinceMs: (second?.untilMs ?? 0) + 1,
      untilMs: (start + 6_000) * 1000,
      pageSize: 10,
    });
    const ids = [...(first?.messages ?? []), ...(second?.messages ?? []), ...rest].map(
      ({ id }) => id,
    );
    expect(ids).toEqual(rows.map(({ key }) => key.id));
    expect(parts.every(({ complete }) => complete)).toBe(true);
  });

  test("of a quiet month are a handful of calls", async () => {
    const start = 1_795_500_000;
    keepMessages([row(1, start + 5), row(2, start + 2_000_000)], randomFrom(8));
    await allOf({ sinceMs: start * 1000, untilMs: (start + 2_592_000) * 1000 });
    expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("of one second with more than a page are asked for at once, and a gap is told", async () => {
    const second = 1_795_500_000;
    const options = { sinceMs: second * 1000, untilMs: second * 1000, pageSize: 10 };
    const rows = Array.from({ length: 2_500 }, (_, number) => row(number, second));
    keepMessages(rows.slice(0, 25), randomFrom(9));
    const [small] = await partsOf(options);
    expect(small).toMatchObject({ complete: true, untilMs: second * 1000 + 999 });
    expect(small?.messages).toHaveLength(25);
    // More than any page holds, in an order that does not hold still.
    keepMessages(rows, randomFrom(10));
    const [large] = await partsOf(options);
    expect(large?.complete).toBe(false);
    expect(new Set(large?.messages.map(({ rowId }) => rowId)).size).toBe(large?.messages.length);
  });

  test("that are too long for one answer are asked for in narrower windows", async () => {
    const start = 1_795_500_000;
    const big = "x".repeat(10_000);
    server.on("POST", path, ({ body }: SeenRequest) => {
      const { gte, lte } = (body as Query).where.messageTimestamp ?? { gte: "", lte: "" };
      const records = Array.from({ length: 8 }, (_, number) =>
        row(number, start + number, big),
      ).filter(
        (entry) =>
          entry.messageTimestamp * 1000 >= Date.parse(gte) &&
          entry.messageTimestamp * 1000 <= Date.parse(lte),
      );
      return { body: { messages: { total: records.length, records: records.toReversed() } } };
    });
    const messages = await allOf({
      sinceMs: start * 1000,
      untilMs: (start + 7) * 1000,
      maxPageBytes: 25_000,
    });
    expect(messages.map(({ id }) => id)).toEqual(
      Array.from({ length: 8 }, (_, number) => `M${number}`),
    );
  });

  test("of one chat are asked for by its address", async () => {
    server.on("POST", path, recording("findMessages-where").response);
    const chat = "5511900000009@s.whatsapp.net";
    await allOf({ sinceMs: 1_795_500_000_000, untilMs: 1_795_600_000_000, chat });
    expect(server.requests.at(-1)?.body).toMatchObject({ where: { key: { remoteJid: chat } } });
  });

  test("are asked for until a little after now, and a time that has not begun is empty", async () => {
    server.on("POST", path, recording("findMessages-ts-seconds").response);
    expect(await allOf({ sinceMs: 1_799_999_000_000 })).toEqual([]);
    const { now } = instantTiming();
    expect(server.requests.at(-1)?.body).toMatchObject({
      where: { messageTimestamp: { lte: new Date(now() + 300_000).toISOString() } },
    });
    const before = server.requests.length;
    expect(await allOf({ sinceMs: 2_000, untilMs: 1_000 })).toEqual([]);
    expect(await allOf({ sinceMs: Number.NaN, untilMs: 1_000 })).toEqual([]);
    expect(server.requests.length).toBe(before);
  });

  test("without a total, and with odd rows, are read as far as they go", async () => {
    const good = row(1, 1_795_500_001);
    server.on("POST", path, {
      body: {
        messages: {
          records: [null, 5, {}, { key: {} }, { ...good, messageTimestamp: "1795500001" }],
        },
      },
    });
    expect(await allOf({ sinceMs: 1_795_500_000_000, untilMs: 1_795_500_009_000 })).toMatchObject([
      { id: "M1", sentAt: 1_795_500_001_000 },
    ]);
    for (const body of [{ messages: 3 }, {}, "x", null]) {
      server.on("POST", path, { body });
      await expect(allOf({ sinceMs: 0, untilMs: 1_000 })).rejects.toMatchObject({
        code: "unexpected_answer",
      });
    }
  });

  test.each([3, 450, 5_000])(
    "of %i on a server that does not look at the time are the newest, cut to the time, in few calls",
    async (count) => {
      const rows = Array.from({ length: count }, (_, index) => row(index, 1_700_000_000 + index));
      let calls = 0;
      server.on("POST", path, ({ body }: SeenRequest) => {
        const { page, offset } = body as Query;
        calls += 1;
        const newestFirst = rows.toReversed();
        const records = newestFirst.slice(offset * (page - 1), offset * page);
        return { body: { messages: { total: count, currentPage: page, records } } };
      });
      const [sinceMs, untilMs] = [1_700_000_000_000 + (count - 2) * 1_000, 1_800_000_000_000];
      const parts = await partsOf({ sinceMs, untilMs });
      expect(parts.map(({ complete }) => complete)).toEqual([true]);
      expect(parts[0]?.messages.map(({ id }) => id)).toEqual([`M${count - 2}`, `M${count - 1}`]);
      const all = await partsOf({ sinceMs: 1_700_000_001_000, untilMs });
      const found = all.flatMap(({ messages }) => messages);
      expect(found.length).toBe(Math.min(count - 1, 2_000));
      expect(all.every(({ complete }) => complete)).toBe(count < 2_000);
      expect(calls).toBeLessThan(20);
    },
  );

  test("of a server that looks neither at the time nor at the page end, and say that they are not all", async () => {
    const records = Array.from({ length: 200 }, (_, index) => row(index, 1_700_000_900 + index));
    server.on("POST", path, { body: { messages: { records } } });
    const parts = await partsOf({ sinceMs: 1_700_000_000_000, untilMs: 1_700_001_050_000 });
    expect(parts.map(({ complete, messages }) => [complete, messages.length])).toEqual([
      [false, 151],
    ]);
  });

  test("of version 1 are the newest, cut to the time, and it is told when older ones are out of reach", async () => {
    const rows = Array.from({ length: 4 }, (_, number) => row(number, 1_795_500_000 + number));
    server.on("POST", path, { body: rows.toReversed() });
    const options = { sinceMs: 1_795_500_001_000, untilMs: 1_795_500_002_500 };
    expect(await partsOf(options, "1.8.2")).toMatchObject([
      { complete: true, messages: [{ id: "M1" }, { id: "M2" }] },
    ]);
    expect(server.requests.at(-1)?.body).toEqual({ where: {}, limit: 1_000 });
    server.on("POST", path, {
      body: Array.from({ length: 1_000 }, (_, number) => row(number, 1_795_500_002)),
    });
    expect(await partsOf(options, "1.8.2")).toMatchObject([{ complete: false }]);
  });
});
