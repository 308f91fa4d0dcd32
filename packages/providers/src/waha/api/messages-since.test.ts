import { describe, expect, it } from "vitest";
import { wahaThatSays, type SeenRequest } from "../testing/answer-server.ts";
import { jsonAnswer, recordedAnswer, recordedCall } from "../testing/recorded-answer.ts";

const second = 1_795_561_000;
const span = { sinceMs: second * 1000, untilMs: (second + 1_000) * 1000 };

interface Kept {
  readonly id: string;
  readonly timestamp: number;
}

function kept(count: number): readonly Kept[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `false_5511900000009@c.us_ID${index}`,
    timestamp: second + Math.floor(index / 3),
  }));
}

/** A store that answers as WAHA does; `hidden` are counted but not shown. */
function store(messages: readonly Kept[], hidden: (message: Kept) => boolean = () => false) {
  return ({ url }: SeenRequest) => {
    const query = new URL(url, "http://waha").searchParams;
    const [gte, lte] = ["gte", "lte"].map((end) => Number(query.get(`filter.timestamp.${end}`)));
    const offset = Number(query.get("offset"));
    const page = messages
      .filter(({ timestamp }) => timestamp >= (gte ?? 0) && timestamp <= (lte ?? 0))
      .slice(offset, offset + Number(query.get("limit")))
      .filter((message) => !hidden(message));
    return jsonAnswer(page);
  };
}

const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);

describe("messages of a span of time", () => {
  it("are asked for without their media, oldest first, with both ends in seconds", async () => {
    const { api, requests } = await wahaThatSays([
      recordedAnswer("messages-list-filter-timestamp"),
      jsonAnswer([]),
    ]);
    const { records, nextOffset } = await api.messagesSince("default", {
      chatId: "5511900000009@c.us",
      sinceMs: 1_795_561_092_000,
      untilMs: 1_795_561_095_999,
    });
    const recorded = recordedCall("messages-list-filter-timestamp").response.body as Kept[];
    expect(ids(records)).toEqual(ids(recorded.toReversed()));
    expect(records[0]).toMatchObject({
      chatId: "5511900000009@s.whatsapp.net",
      fromMe: false,
      sentAt: (recorded.at(-1)?.timestamp ?? 0) * 1000,
      raw: recorded.at(-1),
    });
    expect(nextOffset).toBeUndefined();
    const url = new URL(requests[0]?.url ?? "", "http://waha");
    expect(url.pathname).toBe("/api/default/chats/5511900000009%40c.us/messages");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      limit: "100",
      offset: "0",
      downloadMedia: "false",
      sortOrder: "asc",
      "filter.timestamp.gte": "1795561092",
      "filter.timestamp.lte": "1795561095",
    });
  });

  it("of every chat come from the chat `all`", async () => {
    const { api, requests } = await wahaThatSays([
      recordedAnswer("messages-list-all-chats"),
      jsonAnswer([]),
    ]);
    const { records } = await api.messagesSince("default", span);
    expect(records.map(({ chatId }) => chatId)).toEqual([
      "222000000000009@lid",
      "5511900000009@s.whatsapp.net",
    ]);
    expect(requests[0]?.url).toMatch(/^\/api\/default\/chats\/all\/messages\?/);
  });

  it("of an unknown chat are none", async () => {
    const { api } = await wahaThatSays([recordedAnswer("messages-list-unknown-chat")]);
    expect(await api.messagesSince("default", span)).toEqual({ records: [] });
  });

  it("are walked page by page to the end, each once, in order", async () => {
    const all = kept(457);
    const { api, requests } = await wahaThatSays(store(all));
    const { records, nextOffset } = await api.messagesSince("default", span);
    expect(ids(records)).toEqual(ids(all));
    expect(nextOffset).toBeUndefined();
    expect(requests).toHaveLength(6);
  });

  it("are complete although a page shows fewer than it counted", async () => {
    const all = kept(250);
    const isHidden = ({ id }: Kept) => Number(id.split("ID")[1]) % 2 === 0;
    const { api } = await wahaThatSays(store(all, isHidden));
    const { records } = await api.messagesSince("default", span);
    expect(ids(records)).toEqual(ids(all.filter((message) => !isHidden(message))));
  });

  it("stop at the bound and go on from there", async () => {
    const all = kept(457);
    const { api } = await wahaThatSays(store(all));
    const collected: string[] = [];
    let offset: number | undefined = 0;
    let rounds = 0;
    while (offset !== undefined) {
      const part = await api.messagesSince("default", { ...span, offset, maxMessages: 200 });
      collected.push(...ids(part.records));
      expect(part.records.length).toBeLessThanOrEqual(200);
      offset = part.nextOffset;
      rounds += 1;
    }
    expect(collected).toEqual(ids(all));
    expect(rounds).toBe(3);
  });

  it("end on an old server that knows neither offset nor filter nor order", async () => {
    const all = [
      { id: "false_5511900000009@c.us_TOOOLD", timestamp: second - 1 },
      ...kept(30),
      { id: "false_5511900000009@c.us_TOONEW", timestamp: second + 1_001 },
    ];
    const { api, requests } = await wahaThatSays(() => jsonAnswer(all.toReversed()));
    const { records } = await api.messagesSince("default", { ...span, maxMessages: 1 });
    expect(ids(records)).toEqual(ids(kept(30)));
    expect(requests).toHaveLength(2);
  });

  it("leave out what is no message", async () => {
    const { api } = await wahaThatSays([
      jsonAnswer([
        null,
        5,
        {},
        { id: "x" },
        { timestamp: second },
        { id: "BARE", timestamp: second },
      ]),
      jsonAnswer([]),
    ]);
    const { records } = await api.messagesSince("default", span);
    expect(records).toEqual([
      {
        id: "BARE",
        waId: "BARE",
        fromMe: false,
        sentAt: second * 1000,
        raw: { id: "BARE", timestamp: second },
      },
    ]);
  });

  it("of an impossible span are not asked for", async () => {
    const { api, requests } = await wahaThatSays([]);
    expect(await api.messagesSince("default", { sinceMs: 5_000, untilMs: 1_000 })).toEqual({
      records: [],
    });
    const act = api.messagesSince("default", { sinceMs: Number.NaN, untilMs: 1_000 });
    await expect(act).rejects.toMatchObject({ code: "invalid_request" });
    expect(requests).toEqual([]);
  });

  it("stop when they are not wanted any more", async () => {
    const controller = new AbortController();
    const { api } = await wahaThatSays(() => {
      controller.abort(new Error("enough"));
      return jsonAnswer(kept(100));
    });
    const act = api.messagesSince("default", { ...span, signal: controller.signal });
    await expect(act).rejects.toThrow("enough");
  });
});
