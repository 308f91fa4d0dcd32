import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tenantA } from "../../testing/new-records.ts";
import { received, viewEvent } from "../../testing/view-events.ts";
import { openViewsStage, type ViewsStage } from "./testing/views-stage.ts";
import type { ViewsReader } from "./views-reader.ts";

/** WhatsApp's id is chosen by whoever sends: what it costs must not grow with the square of its messages. */

let stage: ViewsStage;
beforeEach(async () => {
  stage = await openViewsStage([tenantA]);
});
afterEach(() => stage.close());

const count = 1_500;
const chatOf = (n: number): string => `55119${String(10_000_000 + n)}@s.whatsapp.net`;

/** What all pages hold, with how many pages there were. */
function walked(
  page: (after: { after?: string }) => { items: readonly unknown[]; next?: string },
): readonly unknown[] {
  const items: unknown[] = [];
  for (let after = {}; ;) {
    const { items: more, next } = page(after);
    items.push(...more);
    if (next === undefined) return items;
    after = { after: next };
  }
}

describe("an id that thousands of messages have", () => {
  it("is read once for each question, and its pages meet", async () => {
    await stage.append(
      tenantA,
      Array.from({ length: count }, (_, n) => received("M", "igual", { at: n, chat: chatOf(n) })),
    );
    const views: ViewsReader = stage.views("v", true);
    const list = (filter: object): readonly unknown[] =>
      walked((after) =>
        views.messages(
          tenantA.tenantId,
          { text: "igual", limit: 200, ...filter, ...after },
          stage.position,
        ),
      );
    expect(list({})).toHaveLength(count);
    expect(list({ fromMe: true })).toEqual([]);
    const chats = walked((after) =>
      views.chats(tenantA.tenantId, { limit: 200, ...after }, stage.position),
    );
    expect(chats).toHaveLength(count);
  });

  it("an edit that was made again and again is found once", async () => {
    const edits = Array.from({ length: 200 }, (_, n) =>
      viewEvent(
        "message.edited",
        { messageId: "M", content: { kind: "text", text: `igual ${n}` } },
        { at: n + 1 },
      ),
    );
    await stage.append(tenantA, [received("M", "outra", { at: 0 }), ...edits]);
    const views = stage.views("v", true);
    const found = walked((after) =>
      views.messages(tenantA.tenantId, { text: "igual", limit: 200, ...after }, stage.position),
    );
    expect(found).toHaveLength(1);
  });
});
