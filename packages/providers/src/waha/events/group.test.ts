import { describe, expect, it } from "vitest";
import { draftsOf } from "../testing/fixture.ts";

const group = "120363000000000001@g.us";

function only(event: string, payload: object) {
  const drafts = draftsOf(JSON.stringify({ id: "evt_1", event, session: "s", payload }));
  expect(drafts).toHaveLength(1);
  return drafts[0]!;
}

describe("members of a group", () => {
  it.each([
    ["join", "add"],
    ["leave", "remove"],
    ["promote", "promote"],
    ["demote", "demote"],
    ["a_new_word", "a_new_word"],
  ])("%s is WhatsApp's %s", (type, action) => {
    const payload = { group: { id: group }, type, participants: [{ id: "222000000000021@lid" }] };
    expect(only("group.v2.participants", payload)).toMatchObject({
      type: "group.participants_changed",
      chat: { id: group, kind: "group" },
      data: { action },
    });
  });

  it.each([
    [
      "an address",
      "222000000000021@lid",
      { jid: "222000000000021@lid", lid: "222000000000021@lid" },
    ],
    [
      "a LID with its phone",
      { id: "222000000000021@lid", pn: "5511900000021@c.us" },
      { jid: "5511900000021@s.whatsapp.net", phone: "5511900000021" },
    ],
    [
      "the engine's member",
      { id: "222000000000021@lid", phoneNumber: "5511900000021@s.whatsapp.net" },
      { phone: "5511900000021" },
    ],
    [
      "GOWS's member",
      { JID: "222000000000021@lid", PhoneNumber: "5511900000021@s.whatsapp.net" },
      { lid: "222000000000021@lid", phone: "5511900000021" },
    ],
    [
      "WhatsApp Web's object",
      { id: { _serialized: "5511900000021@c.us" } },
      { phone: "5511900000021" },
    ],
    [
      "a LID whose phone is not known",
      { id: "222000000000021@lid", pn: null },
      { jid: "222000000000021@lid" },
    ],
  ])("may be written as %s", (_what, participant, person) => {
    const payload = {
      group: { id: group },
      type: "join",
      participants: [participant, null, "nobody"],
    };
    const { data } = only("group.v2.participants", payload);
    expect(data).toMatchObject({ participants: [person] });
  });

  it("without a list is kept whole, with its group", () => {
    expect(only("group.v2.participants", { group: { id: group }, type: "join" })).toMatchObject({
      type: "provider.event",
      chat: { id: group },
      data: { reason: "missing_participants" },
    });
  });
});

describe("the group itself", () => {
  it("keeps an emptied description, which is a change", () => {
    expect(only("group.v2.update", { group: { id: group, description: "" } }).data).toEqual({
      description: "",
      action: "updated",
    });
  });

  it.each([
    ["created", "requested"],
    ["rejected", "rejected"],
    ["approved", "approved"],
  ])("a request to join that was %s is %s by the one who asks", (action, expected) => {
    const draft = only("group.v2.participants.join-request", {
      group: { id: group },
      action,
      requesterId: "222000000000021@lid",
      requesterPn: "5511900000021@c.us",
    });
    expect(draft).toMatchObject({
      contact: { phone: "5511900000021" },
      data: { action: expected },
    });
  });

  it.each(["group.join", "group.leave", "group.v2.join", "group.v2.participants"])(
    "is missing: %s is kept whole",
    (event) => {
      expect(only(event, { type: "join", participants: [] })).toMatchObject({
        type: "provider.event",
        data: { reason: "missing_group" },
      });
    },
  );
});
