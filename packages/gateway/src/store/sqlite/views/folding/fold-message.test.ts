import type { EventData, EventType, MessageContent, RecadoEvent } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import type { Reported } from "./fold-acks.ts";
import { foldMessage, type Told } from "./fold-message.ts";

const second = 1_000;
let offset = 0;
const iso = (at: number): string => new Date(at).toISOString();

interface Place {
  /** Seconds. */
  readonly at?: number;
  readonly fromMe?: boolean;
  readonly by?: string;
  readonly group?: boolean;
}

function event<T extends EventType>(type: T, data: EventData[T], place: Place = {}): Told {
  offset += 1;
  const at = (place.at ?? offset) * second;
  const { fromMe, by } = place;
  const told = {
    id: `evt_${offset}`,
    type,
    tenantId: "t",
    offset,
    occurredAt: iso(at),
    receivedAt: iso(at),
    chat: place.group ? { id: "1@g.us", kind: "group" } : { id: "maria", kind: "person" },
    ...(fromMe === undefined ? {} : { fromMe }),
    ...(by === undefined ? {} : { contact: { jid: by } }),
    data,
  };
  return { offset, at, event: told as unknown as RecadoEvent };
}

const text = (words: string): MessageContent => ({ kind: "text", text: words });
const received = (content: MessageContent, place: Place = {}): Told =>
  event("message.received", { messageId: "M", content }, { by: "maria", ...place });
const edited = (content: MessageContent | undefined, place: Place = {}): Told =>
  event("message.edited", { messageId: "M", ...(content ? { content } : {}) }, place);
const reacted = (emoji: string, place: Place): Told =>
  event("message.reacted", { targetMessageId: "M", emoji }, { group: true, ...place });
const voted = (options: string[], place: Place, failed?: true): Told =>
  event(
    "poll.voted",
    { pollMessageId: "M", options, ...(failed ? { failed } : {}) },
    { group: true, ...place },
  );
const acked = (status: number | null, at: number, person?: string): Reported => ({
  offset: (offset += 1),
  at: at * second,
  status,
  ...(person === undefined ? {} : { person }),
});

function fold(
  originals: readonly Told[],
  changes: readonly Told[] = [],
  acks: readonly Reported[] = [],
): ReturnType<typeof foldMessage> {
  return foldMessage({ originals, changes, acks }, (jid) => ({ jid }));
}

describe("what a message says", () => {
  it("is the text of its last edit by its own time, and of one moment the later in the log", () => {
    const first = received(text("oi"));
    const late = edited(text("terceira"), { at: 30 });
    const early = edited(text("segunda"), { at: 20 });
    const same = edited(text("quarta"), { at: 30 });
    const folded = fold([first], [late, early, same]);
    expect(folded.content).toEqual(text("quarta"));
    expect(folded.originalContent).toEqual(text("oi"));
    expect(folded.edits.map((edit) => edit.content)).toEqual(
      ["segunda", "terceira", "quarta"].map(text),
    );
  });

  it("stays what it was at an edit whose text nobody says", () => {
    const folded = fold([received(text("oi"))], [edited(undefined)]);
    expect([folded.content, folded.originalContent, folded.edits.length]).toEqual([
      text("oi"),
      undefined,
      1,
    ]);
  });

  it("keeps the file when its caption is edited, in either form", () => {
    const image: MessageContent = { kind: "image", caption: "a", media: { mimetype: "image/png" } };
    const changed = { ...image, caption: "b" };
    expect(fold([received(image)], [edited({ kind: "image", caption: "b" })]).content).toEqual(
      changed,
    );
    expect(fold([received(image)], [edited(text("b"))]).content).toEqual(changed);
  });

  it("comes with a later copy where it was missing, and is never replaced by one", () => {
    const waiting = received({ kind: "unknown", unavailable: true });
    const complete = received(text("chegou"));
    const again = received(text("outra"));
    expect(fold([again, complete, waiting]).content).toEqual(text("chegou"));
    expect(fold([waiting]).content).toEqual({ kind: "unknown", unavailable: true });
  });

  it("is known from an edit or a deletion alone, and nothing is invented for what came before", () => {
    expect(fold([], [edited(text("só isto"))])).toMatchObject({ content: text("só isto") });
    expect(fold([], [edited(text("só isto"))])).not.toHaveProperty("originalContent");
    const told = event("message.deleted", { messageId: "M", content: text("apagada") });
    expect(fold([], [told]).content).toEqual(text("apagada"));
  });

  it("shows the newest fifty of many edits", () => {
    const edits = Array.from({ length: 80 }, (_, n) => edited(text(`${n}`), { at: 100 + n }));
    const { edits: shown, content } = fold([received(text("oi"))], edits);
    expect(shown).toHaveLength(50);
    expect(shown[0]?.content).toEqual(text("30"));
    expect(content).toEqual(text("79"));
  });
});

describe("a deleted message", () => {
  it("stays deleted whatever is reported afterwards, and readable", () => {
    const deletion = event("message.deleted", { messageId: "M" }, { at: 50, by: "maria" });
    const folded = fold(
      [received(text("oi"))],
      [deletion, edited(text("tarde"), { at: 60 })],
      [acked(3, 70)],
    );
    expect(folded.deleted).toEqual({
      at: iso(50 * second),
      eventId: deletion.event.id,
      by: { jid: "maria" },
    });
    expect([folded.content, folded.ack?.name]).toEqual([text("tarde"), "read"]);
  });

  it("was deleted by its writer in a direct chat, whoever the provider's view makes of them", () => {
    const deletion = event("message.deleted", { messageId: "M" }, { fromMe: true, by: "eu" });
    expect(fold([received(text("oi"))], [deletion]).deleted).toMatchObject({
      by: { jid: "maria" },
    });
    const sent = event("message.sent", { messageId: "M", content: text("oi") });
    const other = event("message.deleted", { messageId: "M" }, { fromMe: false, by: "maria" });
    expect(fold([sent], [other]).deleted).toMatchObject({ fromMe: true });
  });

  it("was deleted by whoever did it in a group, an administrator too", () => {
    const deletion = event("message.deleted", { messageId: "M" }, { by: "joao", group: true });
    expect(fold([received(text("oi"), { group: true })], [deletion]).deleted).toMatchObject({
      by: { jid: "joao" },
    });
  });

  it("was deleted when it was first deleted", () => {
    const again = event("message.deleted", { messageId: "M" }, { at: 90 });
    const first = event("message.deleted", { messageId: "M" }, { at: 80 });
    expect(fold([received(text("oi"))], [again, first]).deleted?.eventId).toBe(first.event.id);
  });
});

describe("reactions and votes", () => {
  it("are one for each person, the last by its own time; one that arrives late does not win", () => {
    const folded = fold(
      [],
      [
        reacted("❤️", { at: 20, by: "maria" }),
        reacted("👍", { at: 10, by: "maria" }),
        reacted("😂", { at: 15, by: "joao" }),
        reacted("🙏", { at: 16, fromMe: true, by: "joao" }),
      ],
    );
    expect(folded.reactions.map(({ emoji, by, fromMe }) => [emoji, by?.jid ?? fromMe])).toEqual([
      ["❤️", "maria"],
      ["😂", "joao"],
      ["🙏", true],
    ]);
  });

  it("are gone when they are taken back, also when that arrives first", () => {
    const taken = reacted("", { at: 20, by: "maria" });
    expect(fold([], [taken, reacted("👍", { at: 10, by: "maria" })]).reactions).toEqual([]);
    expect(
      fold([], [voted([], { at: 2, by: "maria" }), voted(["a"], { at: 1, by: "maria" })]).votes,
    ).toEqual([]);
  });

  it("say when the newest vote could not be read", () => {
    const votes = fold(
      [],
      [voted(["sim"], { at: 1, by: "maria" }), voted([], { at: 2, by: "maria" }, true)],
    ).votes;
    expect(votes).toMatchObject([{ by: { jid: "maria" }, options: [], failed: true }]);
  });
});

describe("how far a message is", () => {
  const statusOf = (...statuses: readonly (number | null)[]) =>
    fold(
      [],
      [],
      statuses.map((status, n) => acked(status, n)),
    ).ack?.status;

  it.each<readonly [readonly (number | null)[], number]>([
    [[0, 1, 2, 3, 4], 4],
    [[4, 3, 2, 1, 0], 4],
    [[3, 2, 4, 1, 3, null], 4],
    [[1, 3, 1], 3],
    [[0, -1], -1],
    [[-1, 1], -1],
    [[2, -1], 2],
    [[-1, 2], 2],
    [[-1, 3, -1], 3],
    [[null, 1], 1],
  ])("%j is %i: it only rises, and fails only while it is not delivered", (statuses, status) => {
    expect(statusOf(...statuses)).toBe(status);
  });

  it("is unknown while only words are reported that are no state", () => {
    expect(statusOf(null)).toBeUndefined();
  });

  it("counts the state with which it was reported", () => {
    const sent = event("message.sent", { messageId: "M", content: text("oi"), status: 0 });
    expect(fold([sent]).ack).toMatchObject({ name: "pending", history: [] });
    expect(fold([sent], [], [acked(-1, 1)]).ack?.name).toBe("error");
  });

  it("is told for each person of a group, and by whoever is furthest as a whole", () => {
    const { ack } = fold(
      [],
      [],
      [acked(3, 1, "maria"), acked(2, 2, "joao"), acked(2, 3, "maria"), acked(null, 4, "ana")],
    );
    expect(ack?.name).toBe("read");
    expect(ack?.participants?.map(({ jid, name }) => [jid, name])).toEqual([
      ["maria", "read"],
      ["joao", "delivered"],
    ]);
    expect(ack?.history.map(({ status, outOfOrder }) => [status, outOfOrder])).toEqual([
      [3, undefined],
      [2, undefined],
      [2, true],
      [null, undefined],
    ]);
  });

  it("was reached at the earliest time that is reported for it", () => {
    expect(fold([], [], [acked(3, 9), acked(3, 5)]).ack?.at).toBe(iso(5 * second));
  });
});
