import type { ChatSummary, Message } from "@recado/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDoor, type DoorStage, type Number } from "./testing/door-stage.ts";

/** Situations from public reports, with made-up people: what became of the messages that the door stored. */

let door: DoorStage;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const scope = { tenantId: "acme" };
const maria = "5511900000113@s.whatsapp.net";

const evolution = (event: string, second: number, data: object): object => ({
  event,
  instance: "loja",
  data,
  date_time: `2026-03-09T10:15:${String(second).padStart(2, "0")}.000Z`,
  sender: "5511900000001@s.whatsapp.net",
  server_url: "https://evo.example.com",
});
const upsert = (id: string, more: object): object =>
  evolution("messages.upsert", 0, {
    key: { remoteJid: maria, fromMe: false, id },
    pushName: "Maria Teste",
    messageTimestamp: 1_773_051_300,
    ...more,
  });
const update = (id: string, second: number, status: string, fromMe = true): object =>
  evolution("messages.update", second, { keyId: id, remoteJid: maria, fromMe, status });
const waha = (event: string, payload: object): object => ({
  event,
  session: "loja",
  me: { id: "5511900000001@c.us" },
  payload,
  engine: "NOWEB",
});

async function sendAll(number: Number, ...bodies: readonly object[]): Promise<void> {
  for (const body of bodies) await number.send(body);
}
async function message(number: Number, messageId: string): Promise<Message | undefined> {
  const filter = { messageId, instanceIds: [number.id], limit: 10 };
  const { items } = await door.store.views.messages(scope, filter);
  expect(items.length).toBeLessThan(2);
  return items[0];
}
async function chats(number: Number): Promise<readonly ChatSummary[]> {
  return (await door.store.views.chats(scope, { instanceIds: [number.id], limit: 10 })).items;
}

it("an edit that names its editor's view belongs to the message and makes no chat with ourselves", async () => {
  const number = await door.number("edited", "evolution");
  await sendAll(
    number,
    upsert("E1", { message: { conversation: "oi" }, messageType: "conversation" }),
    evolution("messages.edited", 5, {
      key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: true, id: "E1" },
      type: "MESSAGE_EDIT",
      editedMessage: { conversation: "olá" },
      timestampMs: "1773051305000",
    }),
  );
  expect(await message(number, "E1")).toMatchObject({
    direction: "in",
    content: { text: "olá" },
    originalContent: { text: "oi" },
  });
  expect((await chats(number)).map(({ id }) => id)).toEqual([maria]);
});

it("acknowledgements that come backwards and before the message leave it read", async () => {
  const number = await door.number("acks", "evolution");
  await sendAll(
    number,
    update("A1", 1, "READ"),
    update("A1", 2, "DELIVERY_ACK"),
    update("A1", 3, "SERVER_ACK"),
    evolution("send.message", 4, {
      key: { remoteJid: maria, fromMe: true, id: "A1" },
      status: "PENDING",
      message: { conversation: "Seu pedido saiu" },
      messageType: "conversation",
      messageTimestamp: 1_773_051_300,
    }),
  );
  const found = await message(number, "A1");
  expect([found?.content?.text, found?.ack?.name]).toEqual(["Seu pedido saiu", "read"]);
  expect(found?.ack?.history.map(({ status }) => status)).toEqual([3, 2, 1]);
});

it("an update that says DELETED and then READ is an edit without text of a message that was read", async () => {
  const number = await door.number("deleted", "evolution");
  await sendAll(
    number,
    upsert("D1", { message: { conversation: "oi" }, messageType: "conversation" }),
    update("D1", 1, "DELETED", false),
    update("D1", 2, "READ", false),
  );
  const found = await message(number, "D1");
  expect(found).toMatchObject({ content: { text: "oi" }, ack: { name: "read" } });
  expect([found?.edits.length, found?.deleted, found?.edits[0]?.content]).toEqual([
    1,
    undefined,
    undefined,
  ]);
  expect((await chats(number))[0]?.unread).toBe(0);
});

it("a message that came without content is completed by the copy that has it, and is one message", async () => {
  const number = await door.number("waiting", "evolution");
  await sendAll(
    number,
    upsert("W1", { broadcast: false }),
    upsert("W1", { message: { conversation: "chegou depois" }, messageType: "conversation" }),
  );
  expect((await message(number, "W1"))?.content).toEqual({ kind: "text", text: "chegou depois" });
  expect((await chats(number))[0]).toMatchObject({ unread: 1, name: "Maria Teste" });
});

it("WAHA's acknowledgements in any order and form end in the highest that is known", async () => {
  const number = await door.number("waha-acks", "waha");
  const ack = (value: number | string, ackName?: string): object =>
    waha("message.ack", {
      id: "true_5511900000113@c.us_K1",
      from: "5511900000113@c.us",
      fromMe: true,
      ack: value,
      ...(ackName === undefined ? {} : { ackName }),
    });
  await sendAll(
    number,
    ack(3, "READ"),
    ack(4, "PLAYED"),
    ack("2"),
    ack(1, "SERVER"),
    ack(5, "NEW"),
  );
  expect((await message(number, "K1"))?.ack).toMatchObject({ status: 4, name: "played" });
});

it("a reaction that is changed and taken back is gone, and old ones keep their own time", async () => {
  const number = await door.number("reactions", "waha");
  const reaction = (id: string, text: string, timestamp: number): object =>
    waha("message.reaction", {
      id: `false_5511900000113@c.us_${id}`,
      from: "5511900000113@c.us",
      fromMe: false,
      timestamp,
      reaction: { text, messageId: "true_5511900000113@c.us_T1" },
    });
  await sendAll(number, reaction("R2", "❤️", 1_773_051_302), reaction("R1", "👍", 1_771_000_000));
  const { reactions } = (await message(number, "T1")) ?? {};
  expect(reactions?.map(({ emoji, by }) => [emoji, by?.jid])).toEqual([["❤️", maria]]);
  await sendAll(number, reaction("R3", "", 1_773_051_305));
  expect((await message(number, "T1"))?.reactions).toEqual([]);
});

it("one person under phone and LID is one chat once the pair was said", async () => {
  const number = await door.number("one-person", "waha");
  const lid = "120000000000113@lid";
  const said = (id: string, from: string, fromMe: boolean, key: object, body: string): object =>
    waha("message.any", {
      id: `${fromMe}_${from}_${id}`,
      timestamp: 1_773_051_300,
      from,
      fromMe,
      body,
      hasMedia: false,
      _data: { key: { fromMe, id, ...key }, message: { conversation: body } },
    });
  await sendAll(number, said("P2", lid, true, { remoteJid: lid }, "Oi, aqui é da loja"));
  expect((await chats(number)).map(({ id }) => id)).toEqual([lid]);
  const key = { remoteJid: maria, remoteJidAlt: lid };
  await sendAll(number, said("P1", "5511900000113@c.us", false, key, "a"));
  expect((await chats(number)).map(({ id }) => id)).toEqual([maria]);
  const { items } = await door.store.views.messages(scope, {
    chat: lid,
    instanceIds: [number.id],
    limit: 10,
  });
  expect(items.map(({ id }) => id).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(["P1", "P2"]);
  expect(items.every(({ chat }) => chat?.id === maria)).toBe(true);
});
