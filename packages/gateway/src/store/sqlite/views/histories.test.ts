import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Message } from "@recado/protocol";
import type { NewEvent, TenantScope } from "../../contract/index.ts";
import { acked, group, joao, maria, received, sent, viewEvent } from "../../testing/view-events.ts";
import { followAll, openViewsStage, type ViewsStage } from "./testing/views-stage.ts";
import type { ViewsReader } from "./views-reader.ts";

/**
 * Generated histories of a few messages, as the log could contain them in any order: each change has a time
 * of its own, and an acknowledgement, an edit, a deletion or a reaction can come before its message.
 */
const runs = 40;
const tenants = Array.from({ length: 2 * runs }, (_, n): TenantScope => ({ tenantId: `ten_${n}` }));

let stage: ViewsStage;
beforeAll(async () => {
  stage = await openViewsStage(tenants);
});
afterAll(() => stage.close());

const step = fc.record({
  kind: fc.constantFrom("received", "sent", "waiting", "edit", "delete", "react", "vote", "ack"),
  message: fc.nat(3),
  person: fc.nat(1),
  version: fc.integer({ min: -1, max: 4 }),
  isOwn: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A message of a number is always in the same chat and of the same direction. */
function eventOf({ kind, message, person, version, isOwn }: Step, at: number): NewEvent {
  const messageId = `M${message}`;
  const isOurs = message % 2 === 0;
  const chat = message < 2 ? maria : group;
  const place = { at, receivedAt: 1_000_000, chat, by: [maria, joao][person] ?? maria };
  const own = isOwn ? { fromMe: true } : { fromMe: false };
  const content = { kind: "text" as const, text: `texto ${at}` };
  switch (kind) {
    case "received":
    case "sent":
      return isOurs
        ? sent(messageId, "primeiro", { ...place, by: maria, at: message })
        : received(messageId, "primeiro", { ...place, by: maria, at: message });
    case "waiting":
      return isOurs
        ? acked(messageId, 2, place)
        : viewEvent(
            "message.received",
            { messageId, content: { kind: "unknown", unavailable: true } },
            { ...place, by: maria, at: message },
          );
    case "edit":
      return viewEvent("message.edited", { messageId, content }, { ...place, ...own });
    case "delete":
      return viewEvent("message.deleted", { messageId }, { ...place, ...own });
    case "react": {
      const emoji = ["", "👍", "❤️"][(version + 1) % 3] ?? "";
      return viewEvent(
        "message.reacted",
        { targetMessageId: messageId, emoji },
        { ...place, ...own },
      );
    }
    case "vote": {
      const options = version > 1 ? ["sim"] : [];
      return viewEvent("poll.voted", { pollMessageId: messageId, options }, { ...place, ...own });
    }
    case "ack": {
      const jid = place.by;
      const data = { messageId, status: version, participant: { jid } };
      return viewEvent("message.acked", data, { ...place, fromMe: isOurs });
    }
  }
}

/** Everything that must not depend on the order in which the events arrived. */
function orderFree(message: Message): unknown {
  const { events: _events, ack, edits, deleted, reactions, votes, ...rest } = message;
  const untold = ({ eventId: _eventId, ...told }: { readonly eventId: string }): unknown => told;
  return {
    ...rest,
    ack: ack && {
      ...ack,
      history: ack.history.length,
      participants: ack.participants?.toSorted((a, b) => (a.jid < b.jid ? -1 : 1)),
    },
    edits: edits.map(untold),
    deleted: deleted && untold(deleted),
    reactions: reactions.map(untold),
    votes: votes.map(untold),
  };
}

function told(views: ViewsReader, { tenantId }: TenantScope): readonly Message[] {
  return [0, 1, 2, 3].flatMap(
    (n) => views.messages(tenantId, { messageId: `M${n}`, limit: 10 }, stage.position).items,
  );
}

function chatsOf(views: ViewsReader, { tenantId }: TenantScope): unknown {
  return views.chats(tenantId, { limit: 10 }, stage.position).items;
}

const seed = Math.floor(Math.random() * 0x7fffffff);

it(`any order of a history ends in the same messages, and a rebuild equals following with stops (seed ${seed})`, async () => {
  let run = 0;
  const history = fc.array(step, { minLength: 1, maxLength: 25 }).chain((steps) =>
    fc.record({
      steps: fc.constant(steps),
      order: fc.shuffledSubarray([...steps.keys()], {
        minLength: steps.length,
        maxLength: steps.length,
      }),
      // Positions up to which is followed before the views are closed as by a kill.
      stops: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(history, async ({ steps, order, stops }) => {
      const [one, other] = [tenants[2 * run], tenants[2 * run + 1]];
      run += 1;
      if (!one || !other) throw new Error("too few tenants for the runs");
      const events = (): NewEvent[] => steps.map((made, n) => eventOf(made, 10 + n));
      const shuffled = events();
      const before = stage.position;
      await stage.append(one, events());
      await stage.append(
        other,
        order.flatMap((n) => shuffled[n] ?? []),
      );
      for (const stop of stops.toSorted((a, b) => a - b)) {
        const views = stage.views("followed");
        views.follow(Math.min(before + stop, stage.position));
        views.close();
      }
      const views = stage.views("followed");
      followAll(views, stage.position);
      const [inOrder, mixed] = [told(views, one), told(views, other)];
      expect(mixed.map(orderFree)).toEqual(inOrder.map(orderFree));
      const fresh = stage.views(`fresh-${run}`);
      for (const scope of [one, other]) {
        expect(told(fresh, scope)).toEqual(told(views, scope));
        expect(chatsOf(fresh, scope)).toEqual(chatsOf(views, scope));
      }
      views.close();
      fresh.close();
    }),
    // Each run has tenants of its own: a smaller example would meet what the first left.
    { seed, numRuns: runs, endOnFailure: true },
  );
});
