import { chatSchema, messageSchema } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEvent, startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await startApi();
});
afterAll(() => server.close());

const maria = "5511900000001@s.whatsapp.net";

interface Page {
  readonly data: readonly { readonly id: string; readonly instanceId: string }[];
  readonly nextCursor?: string;
  readonly complete: boolean;
}

async function list(path: string, as: string): Promise<Page> {
  const response = await server.call("GET", path, { as });
  expect([response.statusCode, response.json().details]).toEqual([200, undefined]);
  return response.json<Page>();
}

async function ids(path: string, as: string): Promise<readonly string[]> {
  return (await list(path, as)).data.map(({ id }) => id);
}

/** A tenant with two numbers, each with messages of one chat. */
async function furnished(tenantId: string): Promise<{
  readonly key: string;
  readonly instances: readonly string[];
}> {
  const key = await tenantWithKey(server, tenantId);
  const instances: string[] = [];
  for (const name of ["loja um", "loja dois"]) {
    const made = await server.call("POST", "/instances", {
      as: key,
      body: { name, provider: "waha" },
    });
    instances.push(made.json().id as string);
  }
  for (const [n, instanceId] of instances.entries()) {
    for (const [k, type] of ["message.received", "message.sent"].entries())
      await appendEvent(server, {
        tenantId,
        instanceId,
        type,
        chatId: maria,
        messageId: `${tenantId}-${n}-${k}`,
        receivedAt: Date.UTC(2026, 0, 1, 0, n * 10 + k),
      });
  }
  return { key, instances };
}

describe("GET /messages", () => {
  it("shows a chat's messages, newest first, in the form that the contract says", async () => {
    const { key } = await furnished("form");
    const page = await list(`/messages?chat=${maria}`, key);
    expect(page.data.map(({ id }) => id)).toEqual(["form-1-1", "form-1-0", "form-0-1", "form-0-0"]);
    expect(page.complete).toBe(true);
    for (const message of page.data) {
      expect(messageSchema.parse(message)).toEqual(message);
      expect(message).toMatchObject({ content: { text: "olá 👋🏽" }, chat: { id: maria } });
    }
  });

  it("filters each find their messages, addresses and phones however they are spelt", async () => {
    const { key, instances } = await furnished("filters");
    const all = [1, 0].flatMap((n) => [1, 0].map((k) => `filters-${n}-${k}`));
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["chat=5511900000001:7@c.us", all],
      ["phone=%2B55%2011%2090000-0001", all],
      ["phone=551190000", []],
      ["id=filters-0-1", ["filters-0-1"]],
      [`chat=${maria}&instance=${instances[0]}`, ["filters-0-1", "filters-0-0"]],
      [`chat=${maria}&instance=loja%20dois`, ["filters-1-1", "filters-1-0"]],
      [`chat=${maria}&instance=nobody`, []],
      [`chat=${maria}&direction=in`, ["filters-1-0", "filters-0-0"]],
      [`chat=${maria}&since=2026-01-01T00:10:00Z`, ["filters-1-1", "filters-1-0"]],
      [`chat=${maria}&until=2026-01-01T00:01:00Z`, ["filters-0-0"]],
    ];
    for (const [query, expected] of cases)
      expect([query, await ids(`/messages?${query}`, key)]).toEqual([query, expected]);
  });

  it("pages meet without gap or repeat", async () => {
    const { key } = await furnished("pages");
    const walked: string[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: Page = await list(`/messages?chat=${maria}&limit=1${next}`, key);
      walked.push(...page.data.map(({ id }) => id));
      next = page.nextCursor === undefined ? undefined : `&after=${page.nextCursor}`;
    }
    expect(walked).toEqual(["pages-1-1", "pages-1-0", "pages-0-1", "pages-0-0"]);
  });

  it.each([
    ["", "chat: one of chat, phone, id or text is needed"],
    ["instance=x", "chat: one of chat, phone, id or text is needed"],
    ["chat=a&status=3", "status: unknown field"],
    ["chat=", "chat: "],
    ["chat=a&limit=201", "limit: "],
    ["chat=a&direction=sideways", "direction: "],
    ["chat=a&since=yesterday", "since: must be an ISO-8601 time"],
  ])("?%s is refused naming the field", async (query, start) => {
    const response = await server.call("GET", `/messages?${query}`);
    expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
    const [detail = ""] = response.json().details as readonly string[];
    expect(detail.startsWith(start), detail).toBe(true);
  });

  it("a search for words is refused with its own code while it is turned off", async () => {
    const response = await server.call("GET", "/messages?text=ol%C3%A1");
    expect([response.statusCode, response.json().code]).toEqual([400, "text_search_off"]);
  });

  it("another list's, tenant's or invented cursor is refused", async () => {
    const { key } = await furnished("cursors");
    const { key: other } = await furnished("others");
    const own = (await list(`/messages?chat=${maria}&limit=1`, key)).nextCursor ?? "";
    const chats = (await list("/chats?limit=1", key)).nextCursor ?? "";
    const wrong = Buffer.from('[1,"messages","x","1:1"]').toString("base64url");
    const parts = JSON.parse(Buffer.from(own, "base64url").toString()) as unknown[];
    const moved = Buffer.from(JSON.stringify([...parts.slice(0, 3), "1:1"])).toString("base64url");
    for (const [as, after] of [
      [other, own],
      [key, chats],
      [key, wrong],
      [key, moved],
      [key, "hello"],
    ] as const) {
      const response = await server.call("GET", `/messages?chat=${maria}&after=${after}`, { as });
      expect([response.statusCode, response.json().code]).toEqual([400, "cursor_invalid"]);
    }
  });
});

it.each(["/messages?chat=5511900000001@s.whatsapp.net", "/chats?"])(
  "the cursor of %s does not say how much other tenants have",
  async (path) => {
    const { key } = await furnished(path.startsWith("/chats") ? "quiet-c" : "quiet-m");
    const { nextCursor = "" } = await list(`${path}&limit=1`, key);
    const parts = JSON.parse(Buffer.from(nextCursor, "base64url").toString()) as unknown[];
    expect(parts.at(-1)).toMatch(/^v1\./);
  },
);

describe("GET /chats", () => {
  it("lists each number's chats in the form that the contract says", async () => {
    const { key, instances } = await furnished("chats");
    const page = await list("/chats", key);
    expect(page.data.map(({ instanceId }) => instanceId)).toEqual(instances.toReversed());
    for (const chat of page.data) {
      expect(chatSchema.parse(chat)).toEqual(chat);
      expect(chat).toMatchObject({
        id: maria,
        phone: "5511900000001",
        unread: 0,
        lastMessage: { direction: "out", text: "olá 👋🏽" },
      });
    }
    expect((await list(`/chats?instance=${instances[0]}`, key)).data).toHaveLength(1);
    expect((await list("/chats?unread=true", key)).data).toEqual([]);
    expect((await server.call("GET", "/chats?unread=1", { as: key })).statusCode).toBe(400);
  });
});

describe("a credential for some numbers", () => {
  it("sees their messages and chats and no others, whatever it names", async () => {
    const { instances } = await furnished("limited");
    const [own = "", foreign = ""] = instances;
    const { token } = await server.access.issueToken({
      tenantId: "limited",
      role: "USER",
      ttlSeconds: 600,
      instances: [own],
    });
    expect(await ids(`/messages?chat=${maria}`, token)).toEqual(["limited-0-1", "limited-0-0"]);
    expect(await ids("/messages?id=limited-1-0", token)).toEqual([]);
    expect(await ids(`/messages?chat=${maria}&instance=${foreign}`, token)).toEqual([]);
    expect((await list("/chats", token)).data.map(({ instanceId }) => instanceId)).toEqual([own]);
    expect((await list(`/chats?instance=${foreign}`, token)).data).toEqual([]);
  });
});
