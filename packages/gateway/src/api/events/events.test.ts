import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEvent, startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

interface Page {
  readonly data: readonly {
    readonly id: string;
    readonly offset: number;
    readonly raw?: unknown;
  }[];
  readonly nextCursor?: string;
}

async function list(query: string, as?: string): Promise<Page> {
  const response = await server.call("GET", `/events${query}`, as === undefined ? {} : { as });
  expect([response.statusCode, response.json().details]).toEqual([200, undefined]);
  return response.json<Page>();
}

async function ids(query: string, as?: string): Promise<readonly string[]> {
  return (await list(query, as)).data.map((event) => event.id);
}

async function refusal(query: string): Promise<readonly [number, string, readonly string[]]> {
  const response = await server.call("GET", `/events${query}`);
  const body = response.json();
  return [response.statusCode, body.code, body.details];
}

describe("reading the log", () => {
  it("is newest first, and the pages meet without gap or repeat while events arrive", async () => {
    const key = await tenantWithKey(server, "pages");
    for (let n = 0; n < 7; n++) await appendEvent(server, { tenantId: "pages" });
    const offsets: number[] = [];
    let page = await list("?limit=3", key);
    offsets.push(...page.data.map((event) => event.offset));
    await appendEvent(server, { tenantId: "pages" });
    while (page.nextCursor !== undefined) {
      page = await list(`?limit=3&after=${encodeURIComponent(page.nextCursor)}`, key);
      offsets.push(...page.data.map((event) => event.offset));
    }
    expect(offsets).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it("behind a log cursor is oldest first, and goes on with log cursors", async () => {
    const key = await tenantWithKey(server, "follow");
    for (let n = 0; n < 5; n++) await appendEvent(server, { tenantId: "follow" });
    const first = await list(`?limit=2&after=${server.options.cursorOf("follow", 1)}`, key);
    expect(first.data.map((event) => event.offset)).toEqual([2, 3]);
    expect(first.nextCursor).toBe(server.options.cursorOf("follow", 3));
    const rest = await list(`?limit=2&after=${first.nextCursor}`, key);
    expect(rest.data.map((event) => event.offset)).toEqual([4, 5]);
    expect(rest.nextCursor).toBeUndefined();
    expect((await list(`?after=${server.options.cursorOf("follow", 5)}`, key)).data).toEqual([]);
  });

  it("at the store's own page limit still says whether there is more", async () => {
    const key = await tenantWithKey(server, "thousand");
    await Promise.all(
      Array.from({ length: 1_000 }, () => appendEvent(server, { tenantId: "thousand" })),
    );
    expect((await list("?limit=1000", key)).nextCursor).toBeUndefined();
    await appendEvent(server, { tenantId: "thousand" });
    const page = await list("?limit=1000", key);
    expect(page.data).toHaveLength(1_000);
    expect(
      (await list(`?limit=1000&after=${page.nextCursor}`, key)).data.map((event) => event.offset),
    ).toEqual([1]);
  });
});

describe("filters", () => {
  it("each finds its events and no others", async () => {
    const key = await tenantWithKey(server, "filters");
    const made = await server.call("POST", "/instances", {
      as: key,
      body: { name: "loja/centro ☕", provider: "waha" },
    });
    const instanceId = made.json().id as string;
    const tenantId = "filters";
    const day = (n: number): number => Date.UTC(2026, 0, n);
    const a = await appendEvent(server, {
      tenantId,
      instanceId,
      chatId: "5511900000001@s.whatsapp.net",
      phone: "5511900000001",
      fromMe: false,
      messageId: "A",
      receivedAt: day(1),
    });
    const b = await appendEvent(server, {
      tenantId,
      type: "message.sent",
      chatId: "1@g.us",
      fromMe: true,
      messageId: "B",
      receivedAt: day(2),
    });
    const c = await appendEvent(server, {
      tenantId,
      type: "provider.event",
      instanceId: "ins_gone",
      receivedAt: day(3),
      data: { reason: "unknown_event" },
    });
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["", [c.id, b.id, a.id]],
      [`?instance=${instanceId}`, [a.id]],
      [`?instance=${encodeURIComponent("loja/centro ☕")}`, [a.id]],
      ["?instance=ins_gone", [c.id]],
      ["?instance=nobody", []],
      ["?type=message.received", [a.id]],
      ["?type=message.sent,provider.event", [c.id, b.id]],
      ["?type=message.*", [b.id, a.id]],
      ["?type=*", [c.id, b.id, a.id]],
      ["?chat=1@g.us", [b.id]],
      ["?chat=5511900000001:3@c.us", [a.id]],
      ["?phone=5511900000001", [a.id]],
      ["?phone=%2B55%2011%2090000-0001", [a.id]],
      ["?phone=551190000", []],
      ["?messageId=B", [b.id]],
      ["?direction=in", [a.id]],
      ["?direction=out", [b.id]],
      ["?unrecognised=true", [c.id]],
      ["?unrecognised=false", [b.id, a.id]],
      ["?since=2026-01-02", [c.id, b.id]],
      ["?until=2026-01-02", [a.id]],
      ["?since=2026-01-01T21:00:00-03:00&until=2026-01-03T00:00:00Z", [b.id]],
      ["?direction=in&type=message.sent", []],
    ];
    for (const [query, expected] of cases)
      expect([query, await ids(query, key)]).toEqual([query, expected]);
  });

  it.each([
    ["?type=message.recieved", 'type[0]: there is no event type "message.recieved"'],
    ["?type=", "type: "],
    ["?typ=message.received", "typ: unknown field"],
    ["?token=abc", "token: unknown field"],
    ["?limit=0", "limit: "],
    ["?limit=1001", "limit: "],
    ["?limit=ten", "limit: "],
    ["?direction=sideways", "direction: "],
    ["?unrecognised=1", "unrecognised: "],
    ["?since=yesterday", "since: must be an ISO-8601 time"],
    ["?include=secrets", "include[0]: "],
    ["?chat=a&chat=b", "chat: "],
  ])("%s is refused naming the field", async (query, start) => {
    const [status, code, details] = await refusal(query);
    expect([status, code]).toEqual([400, "invalid_request"]);
    expect(details[0]?.startsWith(start), details[0]).toBe(true);
  });

  it.each([
    ["a word", () => "hello"],
    ["another tenant's log cursor", () => server.options.cursorOf("follow", 3)],
    [
      "a log cursor of before a restore",
      () => server.options.cursorOf("default", 3).replace(/\.[^.]+\.3$/, ".old.3"),
    ],
    [
      "a cursor of another list",
      async () => {
        for (const name of ["x1", "x2"])
          await server.call("POST", "/instances", { body: { name, provider: "waha" } });
        return (await server.call("GET", "/instances?limit=1")).json().nextCursor as string;
      },
    ],
    [
      "a cursor of another tenant's events",
      async () => (await list("?limit=3", await tenantWithKey(server, "pages"))).nextCursor,
    ],
    [
      "a cursor with another position type",
      () => Buffer.from(JSON.stringify([1, "events", "x", {}])).toString("base64url"),
    ],
  ])("%s is no cursor of this list", async (_name, cursor) => {
    const text = await cursor();
    expect(typeof text).toBe("string");
    const response = await server.call("GET", `/events?after=${encodeURIComponent(text ?? "")}`);
    expect([response.statusCode, response.json().code]).toEqual([400, "cursor_invalid"]);
  });
});

describe("the provider's own body", () => {
  const raw = '{"event":"x","n":12345678901234567890,"f":1.0,"half":"\\ud83d"}';

  it("is left out of lists, and byte for byte in single events and where it is asked for", async () => {
    const key = await tenantWithKey(server, "raw");
    const event = await appendEvent(server, { tenantId: "raw", raw });
    expect((await list("", key)).data[0]).not.toHaveProperty("raw");
    for (const path of [`/events/${event.id}`, "/events?include=raw"]) {
      const response = await server.call("GET", path, { as: key });
      expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
      expect(response.body).toContain(`,"raw":${raw}}`);
      expect(() => response.json<unknown>()).not.toThrow();
    }
  });

  it("does not let a page grow without bound", async () => {
    const key = await tenantWithKey(server, "large");
    const large = JSON.stringify({ media: "a".repeat(9 * 1_048_576) });
    for (let n = 0; n < 2; n++) await appendEvent(server, { tenantId: "large", raw: large });
    const offsets: number[] = [];
    let next: string | undefined = "";
    let pages = 0;
    while (next !== undefined) {
      const page: Page = await list(`?include=raw${next}`, key);
      offsets.push(...page.data.map((event) => event.offset));
      next = page.nextCursor === undefined ? undefined : `&after=${page.nextCursor}`;
      pages++;
    }
    expect(offsets).toEqual([2, 1]);
    expect(pages).toBe(2);
  });
});
