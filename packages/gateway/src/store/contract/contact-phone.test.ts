import { expect, test } from "vitest";
import { lidWithoutPhone, withContactPhone } from "./contact-phone.ts";

const lid = "120000000000105@lid";
const phone = "5511900000105@s.whatsapp.net";

function eventWith(contact: object): string {
  return JSON.stringify({ id: "evt_1", contact, data: { contact: { jid: "7@lid" } } });
}

test.each([
  ["the LID twice, and a name", { jid: lid, lid, name: "Maria" }],
  ["the LID once", { jid: lid }],
  ["a LID of a hosted account", { jid: "77@hosted.lid", lid: "77@hosted.lid" }],
  ["a name that reads like a member", { jid: lid, lid, name: ',"phone":"1"' }],
])("a phone is written once into a contact with %s", (_, contact) => {
  const json = eventWith(contact);
  expect(lidWithoutPhone(json)).toBe(contact.jid);
  const filled = withContactPhone(json, phone);
  expect(JSON.parse(filled)).toEqual({
    ...(JSON.parse(json) as object),
    contact: { ...contact, phone: "5511900000105" },
  });
  expect(lidWithoutPhone(filled)).toBeUndefined();
  expect(withContactPhone(filled, "5511900000199@s.whatsapp.net")).toBe(filled);
});

test.each([
  ["a phone behind the LID", { jid: lid, phone: "1" }],
  ["a phone behind both", { jid: lid, lid, phone: "1", name: "Maria" }],
  ["a phone's address", { jid: phone, lid, phone: "5511900000105" }],
  ["a group's address", { jid: "1@g.us" }],
])("a contact with %s stays as it is", (_, contact) => {
  const json = eventWith(contact);
  expect(lidWithoutPhone(json)).toBeUndefined();
  expect(withContactPhone(json, phone)).toBe(json);
});
