import type { ProviderName, RecadoEvent } from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDoor, situation, type DoorStage } from "./testing/door-stage.ts";

/** Situations from public reports, as far as they are about what is told twice and who somebody is. */

let door: DoorStage;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

interface Told {
  /** Events that each body was, in order of the bodies. */
  readonly news: readonly number[];
  readonly events: readonly RecadoEvent[];
}

let made = 0;

/** Sends the bodies one after the other to one number. */
async function tell(file: string, order?: readonly number[]): Promise<Told> {
  const provider: ProviderName = file.includes("-evo-") ? "evolution" : "waha";
  const number = await door.number(`n${(made += 1)}`, provider);
  const bodies = situation(provider, file);
  const news: number[] = [];
  for (const index of order ?? bodies.keys()) news.push((await number.send(bodies[index])).events);
  return { news, events: await door.events(number.id) };
}

const types = ({ events }: Told): readonly string[] => events.map(({ type }) => type);

describe("what was told before is stored once", () => {
  test.each([
    ["005-evo-same-id-lid-and-phone", [0, 1]],
    ["005-evo-same-id-lid-and-phone", [1, 0]],
    ["051-waha-same-message-two-events", [0, 1]],
    ["051-waha-same-message-two-events", [1, 0]],
    ["053-waha-gows-duplicate-jobs", [0, 1]],
    ["040-evo-cloud-api-wamid", [0, 1]],
  ])("%s, bodies %j", async (file, order) => {
    const told = await tell(file, order);
    expect(told.news).toEqual([1, 0]);
    expect(types(told)).toEqual(["message.received"]);
  });

  test.each([
    ["009-evo-repeat-hours-later", [1, 1, 0, 0]],
    ["075-waha-old-messages-after-reconnect", [1, 0, 1]],
    ["070-waha-labels-burst-null-label", [1, 0, 1, 1]],
  ])("%s", async (file, news) => {
    expect((await tell(file)).news).toEqual(news);
  });

  test("also without an id of the envelope (055)", async () => {
    expect((await tell("055-waha-noweb-no-to-old-envelope", [0, 0])).news).toEqual([1, 0]);
  });

  test("and what lacked its content is completed, once (078)", async () => {
    const told = await tell("078-evo-upsert-without-message-key", [0, 0, 1, 1, 0]);
    expect(told.news).toEqual([1, 0, 1, 0, 0]);
    const [first, second] = told.events;
    expect(second).toMatchObject({ data: { completes: first?.id, content: { kind: "text" } } });
  });
});

describe("what is another thing is stored as well", () => {
  test.each([
    ["003-evo-lid-with-senderpn", ["message.received", "message.received"]],
    ["007-evo-update-deleted-then-read", ["message.edited", "message.acked"]],
    ["056-waha-group-broken-composed-id", ["message.sent", "message.sent"]],
    ["038-evo-forwarded-burst-order", Array.from({ length: 5 }, () => "message.received")],
    ["072-waha-reactions-old-and-removed", Array.from({ length: 4 }, () => "message.reacted")],
    ["095-evo-same-document-twice", ["message.received", "message.received"]],
    ["010-evo-connection-storm", Array.from({ length: 12 }, () => "instance.connection_changed")],
  ])("%s", async (file, expected) => {
    expect(types(await tell(file))).toEqual(expected);
  });

  test("and of two numbers each has its own (093)", async () => {
    const bodies = situation("evolution", "093-evo-same-number-two-instances");
    for (const body of bodies) {
      const number = await door.number(String(body["instance"]), "evolution");
      expect(await number.send(body)).toEqual({ events: 1, duplicates: 0 });
      expect(await number.send(body)).toEqual({ events: 0, duplicates: 1 });
    }
  });
});

describe("who somebody is", () => {
  const contacts = ({ events }: Told) => events.map(({ contact }) => contact);

  test("one conversation whichever member has the phone (003)", async () => {
    const told = await tell("003-evo-lid-with-senderpn");
    const maria = { lid: "120000000000103@lid", phone: "5511900000103" };
    expect(contacts(told)).toMatchObject([maria, maria]);
    expect(new Set(told.events.map(({ chat }) => chat?.id)).size).toBe(1);
  });

  test("the copy that was a duplicate completes the contact of the one that is stored (005)", async () => {
    expect(contacts(await tell("005-evo-same-id-lid-and-phone"))).toMatchObject([
      { jid: "120000000000105@lid", phone: "5511900000105" },
    ]);
  });

  test("a device is no part of a phone (006)", async () => {
    expect(contacts(await tell("006-evo-update-device-suffix"))).toMatchObject([
      { jid: "5511900000001@s.whatsapp.net", phone: "5511900000001" },
    ]);
  });

  test("who was named by phone once is known by LID afterwards, and before (048)", async () => {
    const maria = { phone: "5511900000202" };
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [2, 0],
    ])
      expect(contacts(await tell("048-waha-noweb-lid-with-alts", order))).toMatchObject(
        order.map(() => maria),
      );
    // Alone it says no phone, and nothing is made of the LID's digits.
    const [alone] = contacts(await tell("048-waha-noweb-lid-with-alts", [2]));
    expect(alone).toMatchObject({ jid: "120000000000202@lid" });
    expect(alone).not.toHaveProperty("phone");
  });

  test("the answers to somebody are to the same contact (091)", async () => {
    const told = await tell("091-waha-one-person-two-chats");
    expect(types(told)).toEqual(["message.received", "message.sent"]);
    expect(contacts(told)).toMatchObject([
      { phone: "5511900000314" },
      { jid: "120000000000314@lid", phone: "5511900000314" },
    ]);
    // Live readers are told the same.
    expect(door.live.slice(-2)).toEqual(told.events);
  });

  test("what one number learnt says nothing about another's", async () => {
    const [first, second] = situation("waha", "091-waha-one-person-two-chats");
    const [one, other] = [await door.number("one", "waha"), await door.number("other", "waha")];
    await one.send(first);
    await other.send(second);
    const [event] = await door.events(other.id);
    expect(event?.contact).toMatchObject({ jid: "120000000000314@lid" });
    expect(event?.contact).not.toHaveProperty("phone");
  });

  test("an edit does not make us its author or our chat its place (017)", async () => {
    const { events } = await tell("017-evo-edited-wrong-author");
    const edits = events.filter(({ type }) => type === "message.edited");
    expect(edits.length).toBeGreaterThan(0);
    for (const { contact, chat } of edits) {
      expect(contact?.phone).not.toBe("5511900000001");
      expect(chat?.id).not.toBe("5511900000001@s.whatsapp.net");
    }
  });
});
