import { describe, expect, test } from "vitest";
import {
  documentedProviders,
  evolutionEventAliases,
  EvolutionWebhookEvent,
  wahaEventAliases,
  WahaWebhookEvent,
} from "./documented.ts";

describe("documented event names keep their members and their order", () => {
  test("Evolution's 18 come first", () => {
    expect(Object.keys(EvolutionWebhookEvent).slice(0, 18)).toEqual([
      "CONNECTION_UPDATE",
      "QRCODE_UPDATED",
      "MESSAGES_UPSERT",
      "MESSAGES_UPDATE",
      "MESSAGES_DELETE",
      "CONTACTS_UPDATE",
      "CONTACTS_UPSERT",
      "CHATS_UPDATE",
      "CHATS_UPSERT",
      "CHATS_DELETE",
      "GROUPS_UPDATE",
      "GROUPS_UPSERT",
      "PRESENCE_UPDATE",
      "CALL",
      "STATUS_INSTANCE",
      "SEND_MESSAGE",
      "LABELS_EDIT",
      "LABELS_ASSOCIATION",
    ]);
  });

  test("WAHA's 9 come first", () => {
    expect(Object.keys(WahaWebhookEvent).slice(0, 9)).toEqual([
      "MESSAGE",
      "MESSAGE_ACK",
      "MESSAGE_REVOKED",
      "SESSION_STATUS",
      "STATE_CHANGED",
      "GROUP_JOIN",
      "GROUP_LEAVE",
      "POLL_VOTE",
      "POLL_VOTE_FAILED",
    ]);
  });

  test("what older documents lack is there", () => {
    expect(Object.values(EvolutionWebhookEvent)).toEqual(
      expect.arrayContaining([
        "APPLICATION_STARTUP",
        "MESSAGES_SET",
        "MESSAGES_EDITED",
        "SEND_MESSAGE_UPDATE",
        "CONTACTS_SET",
        "CHATS_SET",
        "GROUP_PARTICIPANTS_UPDATE",
        "TYPEBOT_START",
        "TYPEBOT_CHANGE_STATUS",
        "REMOVE_INSTANCE",
        "LOGOUT_INSTANCE",
        "INSTANCE_CREATE",
        "INSTANCE_DELETE",
      ]),
    );
    expect(Object.values(WahaWebhookEvent)).toEqual(
      expect.arrayContaining([
        "message.any",
        "message.reaction",
        "message.ack.group",
        "message.waiting",
        "message.edited",
        "presence.update",
        "chat.archive",
        "event.response",
        "event.response.failed",
        "engine.event",
      ]),
    );
  });
});

describe("a wrong spelling of older documents is sent right", () => {
  test("one wrong name would make the provider refuse the whole configuration", () => {
    expect(EvolutionWebhookEvent.GROUPS_UPDATE).toBe("GROUP_UPDATE");
    expect(evolutionEventAliases["GROUPS_UPDATE"]).toBe("GROUP_UPDATE");
    expect(WahaWebhookEvent.STATE_CHANGED).toBe("state.change");
    expect(wahaEventAliases["state.changed"]).toBe("state.change");
  });

  test("no alias is itself a name that the provider knows", () => {
    for (const alias of Object.keys(evolutionEventAliases)) {
      expect(Object.values(EvolutionWebhookEvent)).not.toContain(alias);
    }
    for (const alias of Object.keys(wahaEventAliases)) {
      expect(Object.values(WahaWebhookEvent)).not.toContain(alias);
    }
  });

  test("every name is there once", () => {
    for (const names of [EvolutionWebhookEvent, WahaWebhookEvent]) {
      expect(new Set(Object.values(names)).size).toBe(Object.values(names).length);
    }
  });
});

test("socket payloads spell providers in capitals", () => {
  expect(documentedProviders).toEqual({ evolution: "EVOLUTION", waha: "WAHA" });
});
