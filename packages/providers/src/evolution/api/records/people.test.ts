import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnsweringServer } from "../../../api/testing/answering-server.ts";
import { apiFor, recording, replay, startEvolution } from "../../testing/recordings.ts";
import { lidPairOf } from "./people.ts";

let server: AnsweringServer;
beforeEach(async () => {
  server = await startEvolution();
});
afterEach(() => server.close());

const path = "/chat/findContacts/rec-evo";
const phone = "5511900000009@s.whatsapp.net";
const lid = "123456789012345@lid";

test("contacts are read as recorded", async () => {
  replay(server, "findContacts");
  expect(await apiFor(server).contacts("rec-evo")).toEqual([
    {
      jid: phone,
      kind: "person",
      phone: "5511900000009",
      name: "Maria Teste",
      pictureUrl: "http://127.0.0.1:18291/pic.jpg",
    },
    { jid: "120363000000000001@g.us", kind: "group", name: "Maria Teste" },
  ]);
  expect(server.requests.at(-1)?.body).toEqual(recording("findContacts").request.body);
});

test("a made-up name is none, and a row without an address is left out", async () => {
  server.on("POST", path, {
    body: [
      { remoteJid: phone, pushName: "5511900000009" },
      { remoteJid: lid, pushName: "Você" },
      { id: "5511900000001@s.whatsapp.net", pushName: " Ana " },
      { id: "row-without-address" },
      null,
      "x",
    ],
  });
  expect(await apiFor(server).contacts("rec-evo")).toEqual([
    { jid: phone, kind: "person", phone: "5511900000009" },
    { jid: lid, kind: "person", lid },
    { jid: "5511900000001@s.whatsapp.net", kind: "person", phone: "5511900000001", name: "Ana" },
  ]);
});

test("a list that is none is an unexpected answer", async () => {
  server.on("POST", path, { body: { contacts: [] } });
  await expect(apiFor(server).contacts("rec-evo")).rejects.toMatchObject({
    code: "unexpected_answer",
  });
});

test("pairs are those that a row holds whole, each LID once", async () => {
  server.on("POST", path, {
    body: [
      { remoteJid: phone },
      { remoteJid: lid, remoteJidAlt: phone },
      { remoteJid: phone, lid },
    ],
  });
  expect(await apiFor(server).lidPairs("rec-evo")).toEqual([
    { lid, jid: phone, phone: "5511900000009" },
  ]);
});

describe("the LID and the phone of one person", () => {
  const pair = { lid, jid: phone, phone: "5511900000009" };
  test.each([
    { remoteJid: lid, remoteJidAlt: phone, fromMe: false },
    { remoteJid: phone, remoteJidAlt: lid, fromMe: true },
    { remoteJid: phone, previousRemoteJid: lid },
    { remoteJid: lid, senderPn: phone, fromMe: false },
    { remoteJid: "120363000000000001@g.us", participant: lid, participantAlt: phone },
    {
      remoteJid: "120363000000000001@g.us",
      participant: "123456789012345:7@lid",
      participantAlt: "5511900000009:3@s.whatsapp.net",
    },
    { key: { remoteJid: lid, remoteJidAlt: phone } },
  ])("is read from %j", (key) => {
    expect(lidPairOf(key)).toEqual(pair);
  });

  test.each([
    { remoteJid: lid },
    { remoteJid: lid, senderPn: phone, fromMe: true },
    { remoteJid: "120363000000000001@g.us", remoteJidAlt: lid, participant: phone },
    { remoteJid: lid, participant: phone },
    {},
    null,
  ])("is not made up from %j", (key) => {
    expect(lidPairOf(key)).toBeUndefined();
  });
});
