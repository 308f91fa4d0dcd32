import { describe, expect, it } from "vitest";
import type { ChatFilter, MessageFilter, NewEvent } from "../contract/index.ts";
import { dayOne, tenantA, tenantB } from "./new-records.ts";
import { useStore, type NewPlace } from "./store-place.ts";
import {
  acked,
  group,
  joao,
  maria,
  mariaLid,
  mariaPair,
  received,
  sent,
  viewEvent,
} from "./view-events.ts";

/** What every store's views promise (`store/contract/views.ts`). */
export function viewsSuite(name: string, newPlace: NewPlace): void {
  describe(`views: ${name}`, () => {
    const use = useStore(newPlace, [tenantA, tenantB]);
    const append = async (...events: readonly NewEvent[]): Promise<void> => {
      for (const event of events) await use.store.log.append(tenantA, { events: [event] });
    };
    const messages = async (filter: Partial<MessageFilter>, scope = tenantA) => {
      const page = await use.store.views.messages(scope, { limit: 100, ...filter });
      expect(page.complete).toBe(true);
      return page.items;
    };
    const ids = async (filter: Partial<MessageFilter>) =>
      (await messages(filter)).map(({ id }) => id);
    const chats = async (filter: Partial<ChatFilter> = {}, scope = tenantA) =>
      (await use.store.views.chats(scope, { limit: 100, ...filter })).items;

    it("I1 an answer knows every event that was acknowledged before the question", async () => {
      for (let n = 1; n <= 10; n++) {
        await append(received(`M${n}`, "oi"));
        expect((await ids({ chat: maria }))[0]).toBe(`M${n}`);
        await append(acked(`M${n}`, 3, { fromMe: false }));
        expect((await messages({ messageId: `M${n}` }))[0]?.ack?.name).toBe("read");
      }
    });

    it("what precedes its message is kept, and joined when the message comes", async () => {
      await append(
        acked("M", 3),
        viewEvent("message.edited", {
          messageId: "M",
          content: { kind: "text", text: "editada" },
        }),
        viewEvent("message.reacted", { targetMessageId: "M", emoji: "👍" }, { by: maria }),
      );
      const [stub] = await messages({ messageId: "M" });
      expect(stub).toMatchObject({ ack: { name: "read" }, reactions: [{ emoji: "👍" }] });
      expect(stub).not.toHaveProperty("direction");
      expect(await ids({ chat: maria })).toEqual([]);
      await append(sent("M", "primeira"));
      const [message] = await messages({ chat: maria });
      expect(message).toMatchObject({
        direction: "out",
        content: { text: "editada" },
        originalContent: { text: "primeira" },
        ack: { name: "read" },
        reactions: [{ emoji: "👍" }],
      });
      expect(message?.events.map(({ type }) => type)).toEqual([
        "message.acked",
        "message.edited",
        "message.reacted",
        "message.sent",
      ]);
    });

    it("filters each find their messages, and pages meet without gap or repeat", async () => {
      for (let n = 0; n < 7; n++) await append(received(`R${n}`, "oi", { at: n * 10 }));
      await append(
        sent("S", "eu", { at: 35 }),
        received("G", "no grupo", { at: 36, chat: group, by: maria }),
        received("J", "outro", { at: 37, chat: joao }),
        received("I", "outra instância", { at: 38, instanceId: "ins_2" }),
      );
      const all = ["R6", "R5", "R4", "I", "S", "R3", "R2", "R1", "R0"];
      expect(await ids({ chat: maria })).toEqual(all);
      expect(await ids({ phone: "5511900000001" })).toEqual(all.toSpliced(4, 0, "G"));
      expect(await ids({ chat: group })).toEqual(["G"]);
      expect(await ids({ chat: maria, fromMe: true })).toEqual(["S"]);
      expect(await ids({ chat: maria, instanceIds: ["ins_2"] })).toEqual(["I"]);
      expect(await ids({ chat: maria, instanceIds: [] })).toEqual([]);
      expect(await ids({ messageId: "I", instanceIds: ["ins_1"] })).toEqual([]);
      const times = { since: dayOne + 30_000, until: dayOne + 40_000 };
      expect(await ids({ chat: maria, ...times })).toEqual(["I", "S", "R3"]);
      expect(await ids({ messageId: "R1", since: dayOne + 10_001 })).toEqual([]);
      const walked: string[] = [];
      let after: string | undefined;
      do {
        const page = await use.store.views.messages(tenantA, {
          chat: maria,
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        walked.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(walked).toEqual(all);
    });

    it("messages of one id in several chats stay apart, each with its own state", async () => {
      await append(
        sent("B", "lista", { chat: maria }),
        sent("B", "lista", { chat: joao }),
        acked("B", 3, { chat: joao }),
        acked("B", 2, { chat: maria }),
      );
      const found = await messages({ messageId: "B" });
      expect(new Map(found.map(({ chat, ack }) => [chat?.id, ack?.name]))).toEqual(
        new Map([
          [maria, "delivered"],
          [joao, "read"],
        ]),
      );
    });

    it("I4 one person is one chat once the pair is known, and two again when it was wrong", async () => {
      await append(
        received("A", "por telefone", { at: 1, name: "Maria" }),
        received("B", "por lid", { at: 2, chat: mariaLid }),
        sent("C", "resposta", { at: 3, chat: mariaLid }),
        received("D", "de novo", { at: 4, chat: mariaLid }),
      );
      expect((await chats()).map(({ id, unread }) => [id, unread])).toEqual([
        [mariaLid, 1],
        [maria, 1],
      ]);
      await append(received("E", "outra", { at: 5, chat: joao, pairs: [mariaPair] }));
      const merged = (await chats())[1];
      expect(merged).toMatchObject({
        id: maria,
        phone: "5511900000001",
        name: "Maria",
        unread: 1,
        lastMessage: { id: "D" },
      });
      expect(await chats()).toHaveLength(2);
      for (const chat of [maria, mariaLid]) {
        const found = await messages({ chat });
        expect(found.map(({ id }) => id)).toEqual(["D", "C", "B", "A"]);
        expect(new Set(found.map((message) => message.chat?.id))).toEqual(new Set([maria]));
      }
      await append(
        received("F", "correção", { at: 6, chat: joao, pairs: [{ lid: mariaLid, phone: joao }] }),
      );
      expect((await chats()).map(({ id }) => id)).toEqual([joao, maria]);
      expect(await ids({ chat: maria })).toEqual(["A"]);
    });

    it("pairs of one number say nothing about another's chats", async () => {
      await append(
        received("A", "oi", { chat: mariaLid, instanceId: "ins_2" }),
        received("B", "oi", { chat: joao, pairs: [mariaPair] }),
      );
      expect(await ids({ chat: maria })).toEqual([]);
      expect(await ids({ chat: mariaLid })).toEqual(["A"]);
    });

    it("unread are the incoming since our last message or reading, whatever arrives late", async () => {
      const unread = async () => (await chats())[0]?.unread;
      await append(received("A", "1", { at: 10 }), received("B", "2", { at: 20 }));
      expect(await unread()).toBe(2);
      await append(acked("B", 3, { at: 25, fromMe: false }));
      expect(await unread()).toBe(0);
      await append(received("C", "3", { at: 30 }));
      expect(await unread()).toBe(1);
      // Sent from the phone, told late: it was written before C.
      await append(sent("S", "antes", { at: 27, receivedAt: 40 }));
      expect(await unread()).toBe(1);
      await append(sent("T", "depois", { at: 35, receivedAt: 41 }));
      expect(await unread()).toBe(0);
      // Recovered afterwards: it stood there when we answered.
      await append(received("D", "recuperada", { at: 33, receivedAt: 50 }));
      expect(await unread()).toBe(0);
      await append(received("E", "5", { at: 60 }), received("F", "6", { at: 61 }));
      expect((await chats({ unread: true })).map(({ lastMessage }) => lastMessage.id)).toEqual([
        "F",
      ]);
      await append(viewEvent("chat.updated", { unread: 0 }, { at: 70 }));
      expect([await unread(), await chats({ unread: true })]).toEqual([0, []]);
    });

    it("a chat's unread is not reset by the zero that Evolution writes after every update", async () => {
      await append(
        received("A", "1", { at: 1 }),
        viewEvent("chat.updated", { unread: 0, warnings: ["unread_may_be_a_filler"] }, { at: 2 }),
      );
      expect((await chats())[0]?.unread).toBe(1);
      await append(viewEvent("chat.updated", { unread: 7 }, { at: 3 }));
      expect((await chats())[0]?.unread).toBe(7);
    });

    it("chats show names, archive, deletion and groups as they are now, and no empty name erases one", async () => {
      await append(
        received("A", "oi", { at: 1, name: "Maria" }),
        received("G", "no grupo", { at: 2, chat: group, by: joao, name: "João" }),
        viewEvent("contact.updated", { name: "Maria Teste" }, { at: 5 }),
        viewEvent("contact.updated", { name: "" }, { at: 6 }),
        received("B", "antiga", { at: 3, name: "Maria de antes" }),
        viewEvent("chat.updated", { archived: true }, { at: 7 }),
        viewEvent(
          "group.updated",
          { subject: "Família", participants: [{ jid: maria }, { jid: joao }] },
          { at: 8, chat: group },
        ),
        viewEvent(
          "group.participants_changed",
          { action: "add", participants: [{ jid: "5511900000003@s.whatsapp.net" }] },
          { at: 9, chat: group },
        ),
        viewEvent(
          "group.participants_changed",
          { action: "remove", participants: [{ jid: joao }] },
          { at: 10, chat: group },
        ),
      );
      expect(await chats()).toMatchObject([
        { id: maria, name: "Maria Teste", archived: true, lastMessage: { id: "B" } },
        { id: group, kind: "group", name: "Família", participants: 2 },
      ]);
      expect((await messages({ chat: group }))[0]?.contact).toEqual({
        jid: joao,
        phone: "5511900000002",
        name: "João",
      });
      await append(viewEvent("chat.deleted", {}, { at: 11 }));
      expect((await chats()).map(({ id }) => id)).toEqual([group]);
      await append(received("C", "voltou", { at: 12 }));
      expect((await chats()).map(({ id }) => id)).toEqual([maria, group]);
    });

    it("our own name, which providers write beside our messages, is nobody else's", async () => {
      await append(sent("S", "oi", { name: "Você" }));
      expect((await chats())[0]).not.toHaveProperty("name");
    });

    it("pages of chats meet without gap or repeat while nothing new is written", async () => {
      const people = Array.from({ length: 9 }, (_, n) => `551190000010${n}@s.whatsapp.net`);
      for (const [n, chat] of people.entries())
        await append(received(`M${n}`, "oi", { chat, at: 5 }));
      const walked: string[] = [];
      let after: string | undefined;
      do {
        const page = await use.store.views.chats(tenantA, {
          limit: 2,
          ...(after === undefined ? {} : { after }),
        });
        walked.push(...page.items.map(({ id }) => id));
        after = page.next;
      } while (after !== undefined);
      expect(walked.toSorted()).toEqual(people);
    });

    it("a time in the future does not put a message above all that follow", async () => {
      await append(
        received("wrong", "relógio", { at: 1_000_000_000, receivedAt: 1 }),
        received("right", "depois", { at: 2 }),
      );
      expect(await ids({ chat: maria })).toEqual(["right", "wrong"]);
    });

    it("I2 holds nothing of what the log does not keep any more", async () => {
      await append(
        sent("M", "velha", { at: 1 }),
        received("N", "velha também", { at: 2, chat: joao, name: "João" }),
        acked("M", 3, { at: 100 }),
      );
      expect((await messages({ messageId: "M" }))[0]?.content).toBeDefined();
      await use.store.log.expire(dayOne + 50_000, dayOne + 200_000, 100);
      const [rest] = await messages({ messageId: "M" });
      expect([rest?.content, rest?.direction, rest?.ack?.name]).toEqual([
        undefined,
        undefined,
        "read",
      ]);
      expect([await messages({ messageId: "N" }), await chats()]).toEqual([[], []]);
    });

    it("another tenant's are not there, and a deleted tenant's are gone for the next of its name", async () => {
      await append(received("M", "segredo"));
      expect(await messages({ messageId: "M" }, tenantB)).toEqual([]);
      expect(await chats({}, tenantB)).toEqual([]);
      await use.store.directory.deleteTenant(tenantA.tenantId);
      expect([await messages({ chat: maria }), await chats()]).toEqual([[], []]);
    });

    it("a search for words is refused where they are not kept", async () => {
      await append(received("M", "palavra"));
      await expect(
        use.store.views.messages(tenantA, { text: "palavra", limit: 1 }),
      ).rejects.toMatchObject({ code: "text_search_off" });
    });
  });
}
