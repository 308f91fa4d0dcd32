import { EvolutionWebhookEvent, WahaWebhookEvent } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { evolutionEventList, wahaEventList } from "./event-lists.ts";
import { readWish } from "./wish.ts";

describe("the lists of the documented description", () => {
  it("Evolution's eighteen come first, in its order", () => {
    expect(evolutionEventList.slice(0, 18).map(({ name }) => name)).toEqual(
      (
        "CONNECTION_UPDATE QRCODE_UPDATED MESSAGES_UPSERT MESSAGES_UPDATE MESSAGES_DELETE " +
        "CONTACTS_UPDATE CONTACTS_UPSERT CHATS_UPDATE CHATS_UPSERT CHATS_DELETE GROUPS_UPDATE " +
        "GROUPS_UPSERT PRESENCE_UPDATE CALL STATUS_INSTANCE SEND_MESSAGE LABELS_EDIT LABELS_ASSOCIATION"
      ).split(" "),
    );
    expect(evolutionEventList[2]).toEqual({
      name: "MESSAGES_UPSERT",
      description: "Nova mensagem recebida",
    });
  });

  it("WAHA's nine come first, in its order, lower-case and dotted", () => {
    expect(wahaEventList.slice(0, 9).map(({ name }) => name)).toEqual([
      "message",
      "message.ack",
      "message.revoked",
      "session.status",
      "state.changed",
      "group.join",
      "group.leave",
      "poll.vote",
      "poll.vote.failed",
    ]);
  });

  it("each name is taken back by the routes, and every event of the provider is there", () => {
    const takenBack = (provider: "evolution" | "waha", events: readonly string[]) =>
      new Set(readWish(provider, { events }).events);
    expect(
      takenBack(
        "evolution",
        evolutionEventList.map(({ name }) => name),
      ),
    ).toEqual(new Set(Object.values(EvolutionWebhookEvent)));
    expect(
      takenBack(
        "waha",
        wahaEventList.map(({ name }) => name),
      ),
    ).toEqual(new Set(Object.values(WahaWebhookEvent)));
    expect([...evolutionEventList, ...wahaEventList].every(({ description }) => description)).toBe(
      true,
    );
  });
});
