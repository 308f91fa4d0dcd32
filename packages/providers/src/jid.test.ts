import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contactFrom, parseJid, preferPhone } from "./jid.ts";

const phone = fc.stringMatching(/^[1-9][0-9]{7,14}$/);
const device = fc.constantFrom("", ":0", ":12", ".0:3", "_1", "_1:2");
const anyAddress = fc.oneof(
  fc
    .tuple(
      fc.string(),
      fc.constantFrom("s.whatsapp.net", "c.us", "lid", "g.us", "newsletter", "broadcast"),
    )
    .map(([user, server]) => `${user}@${server}`),
  fc
    .tuple(phone, device, fc.constantFrom("s.whatsapp.net", "C.US", "lid", "g.us", "bot"))
    .map(([user, suffix, server]) => `${user}${suffix}@${server}`),
  fc.string(),
);

describe("parseJid", () => {
  it.each([
    ["5511900000001@s.whatsapp.net", "5511900000001@s.whatsapp.net", "person", "5511900000001"],
    ["5511900000001:75@s.whatsapp.net", "5511900000001@s.whatsapp.net", "person", "5511900000001"],
    ["5511900000001.0:12@c.us", "5511900000001@s.whatsapp.net", "person", "5511900000001"],
    ["200000000000201@lid", "200000000000201@lid", "person", undefined],
    ["200000000000201:3@lid", "200000000000201@lid", "person", undefined],
    ["120363000000000201@g.us", "120363000000000201@g.us", "group", undefined],
    ["5511900000131-1512345678@g.us", "5511900000131-1512345678@g.us", "group", undefined],
    ["120363000000000901@newsletter", "120363000000000901@newsletter", "newsletter", undefined],
    ["status@broadcast", "status@broadcast", "status", undefined],
    ["1512345678@broadcast", "1512345678@broadcast", "broadcast", undefined],
    ["0@s.whatsapp.net", "0@s.whatsapp.net", "person", undefined],
    ["5511900000001:99@hosted", "5511900000001@hosted", "person", undefined],
    ["200000000000201:99@hosted.lid", "200000000000201@hosted.lid", "person", undefined],
    ["867051314767696@bot", "867051314767696@bot", "person", undefined],
  ])("reads %s", (text, id, kind, digits) => {
    const jid = parseJid(text);
    expect([jid?.id, jid?.kind, jid?.phone]).toEqual([id, kind, digits]);
  });

  it.each([
    "",
    "@s.whatsapp.net",
    ":5@s.whatsapp.net",
    "5511900000001",
    "a@example.com",
    "a b@lid",
    "a@b@g.us",
    null,
    5,
    {},
  ])("takes %j for no address", (value) => {
    expect(parseJid(value)).toBeUndefined();
  });

  it("invents nothing: user and phone are parts of the text, and only a phone address has a phone", () => {
    fc.assert(
      fc.property(anyAddress, (text) => {
        const jid = parseJid(text);
        if (jid === undefined) return;
        expect(text.startsWith(jid.user)).toBe(true);
        expect(
          jid.phone === undefined ||
            (jid.phone === jid.user && /@(?:s\.whatsapp\.net|c\.us)$/i.test(text)),
        ).toBe(true);
        expect(jid.isLid && jid.phone !== undefined).toBe(false);
      }),
    );
  });

  it("reads its own answer as the same address", () => {
    fc.assert(
      fc.property(anyAddress, (text) => {
        const jid = parseJid(text);
        if (jid !== undefined) expect(parseJid(jid.id)).toEqual(jid);
      }),
    );
  });

  it("cuts a device, in every spelling, and only from people", () => {
    fc.assert(
      fc.property(phone, device, (user, suffix) => {
        expect(parseJid(`${user}${suffix}@c.us`)?.phone).toBe(user);
        expect(parseJid(`${user}${suffix}@lid`)?.id).toBe(`${user}@lid`);
        expect(parseJid(`${user}-1512345678@g.us`)?.id).toBe(`${user}-1512345678@g.us`);
      }),
    );
  });
});

describe("people", () => {
  it("prefers the phone address, and keeps both when the pair is said", () => {
    const pair = ["200000000000201@lid", "5511900000201:4@s.whatsapp.net"];
    expect(preferPhone(...pair)?.id).toBe("5511900000201@s.whatsapp.net");
    expect(contactFrom(pair, "Maria")).toEqual({
      jid: "5511900000201@s.whatsapp.net",
      lid: "200000000000201@lid",
      phone: "5511900000201",
      name: "Maria",
    });
  });

  it("gives no person for a group, and no name for white space", () => {
    expect(contactFrom(["120363000000000201@g.us"], "Grupo")).toBeUndefined();
    expect(contactFrom(["200000000000201@lid"], " ")).toEqual({
      jid: "200000000000201@lid",
      lid: "200000000000201@lid",
    });
  });
});
