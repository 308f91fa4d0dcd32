import { describe, expect, test } from "vitest";
import { orderingKeyOf, wantsEvent } from "./endpoint-policy.ts";
import { planPage } from "./plan-page.ts";
import { sampleEndpoint, sampleEvent } from "./testing/sample.ts";

describe("which events go to an endpoint", () => {
  test("without types: everything but bulk history and presence", () => {
    const endpoint = sampleEndpoint();
    for (const type of ["message.received", "provider.event", "instance.qr_updated"]) {
      expect(wantsEvent(endpoint, sampleEvent(1, { type }))).toBe(true);
    }
    for (const type of ["history.synced", "presence.updated"]) {
      expect(wantsEvent(endpoint, sampleEvent(1, { type }))).toBe(false);
    }
  });

  test("with types: these and no others, bulk history included when named", () => {
    const endpoint = sampleEndpoint({ types: ["history.synced"] });
    expect(wantsEvent(endpoint, sampleEvent(1, { type: "history.synced" }))).toBe(true);
    expect(wantsEvent(endpoint, sampleEvent(1))).toBe(false);
    expect(wantsEvent(sampleEndpoint({ types: [] }), sampleEvent(1))).toBe(false);
  });

  test("with instances: theirs alone", () => {
    const endpoint = sampleEndpoint({ instances: ["in_1"] });
    expect(wantsEvent(endpoint, sampleEvent(1))).toBe(true);
    expect(wantsEvent(endpoint, sampleEvent(1, { instanceId: "in_2" }))).toBe(false);
    const { instanceId: _, ...ofNoInstance } = sampleEvent(1);
    expect(wantsEvent(endpoint, ofNoInstance)).toBe(false);
  });

  test.each(["endpoint.failing", "endpoint.recovered", "endpoint.disabled", "delivery.exhausted"])(
    "%s never goes to the destination it is about, also when named",
    (type) => {
      const about = sampleEvent(1, { type, json: `{"data":{"endpointId":"ep_1"}}` });
      expect(wantsEvent(sampleEndpoint({ types: [type] }), about)).toBe(false);
      expect(wantsEvent(sampleEndpoint({ id: "ep_2" }), about)).toBe(true);
    },
  );

  test("in the provider's format: only what has a provider's body", () => {
    const { bodyId: _, ...own } = sampleEvent(1);
    expect(wantsEvent(sampleEndpoint({ format: "provider" }), own)).toBe(false);
    expect(wantsEvent(sampleEndpoint(), own)).toBe(true);
  });
});

describe("what keeps its order", () => {
  const first = sampleEvent(1);
  const otherChat = sampleEvent(2, { chatId: "5522@s.whatsapp.net" });
  const otherInstance = sampleEvent(3, { instanceId: "in_2" });
  const { chatId: _, ...ofNoChat } = sampleEvent(4);

  test("by chat: each chat of each instance by itself", () => {
    const endpoint = sampleEndpoint();
    const keys = [first, otherChat, otherInstance, ofNoChat].map((event) =>
      orderingKeyOf(endpoint, event),
    );
    expect(new Set(keys).size).toBe(4);
    expect(orderingKeyOf(endpoint, sampleEvent(9))).toBe(keys[0]);
  });

  test("by instance: all of an instance together", () => {
    const endpoint = sampleEndpoint({ ordering: "instance" });
    expect(orderingKeyOf(endpoint, first)).toBe(orderingKeyOf(endpoint, otherChat));
    expect(orderingKeyOf(endpoint, first)).not.toBe(orderingKeyOf(endpoint, otherInstance));
  });

  test("none: nothing", () => {
    expect(orderingKeyOf(sampleEndpoint({ ordering: "none" }), first)).toBeUndefined();
  });
});

describe("planning a page", () => {
  let next = 0;
  const common = { now: 5, nextId: () => `dlv_${(next += 1)}` };

  test("moves to the last event, wanted or not", () => {
    const events = [sampleEvent(7), sampleEvent(8, { type: "presence.updated" })];
    const page = planPage({ endpoint: sampleEndpoint(), events, lastBodyId: undefined, ...common });
    expect(page.to).toBe(8);
    expect(page.deliveries).toMatchObject([{ eventId: "evt_7", eventOffset: 7, createdAt: 5 }]);
  });

  test("a body goes out once in the provider's format, across pages too", () => {
    const endpoint = sampleEndpoint({ format: "provider" });
    const events = [1, 2, 3].map((offset) => sampleEvent(offset, { bodyId: 40 }));
    const page = planPage({ endpoint, events, lastBodyId: undefined, ...common });
    expect(page.deliveries.map(({ eventOffset }) => eventOffset)).toEqual([1]);
    expect(page.lastBodyId).toBe(40);
    const more = [sampleEvent(4, { bodyId: 40 }), sampleEvent(5, { bodyId: 41 })];
    const second = planPage({ endpoint, events: more, lastBodyId: page.lastBodyId, ...common });
    expect(second.deliveries.map(({ eventOffset }) => eventOffset)).toEqual([5]);
  });

  test("a body whose first event is not wanted goes out with the first that is", () => {
    const endpoint = sampleEndpoint({ format: "provider", types: ["message.sent"] });
    const events = [
      sampleEvent(1, { bodyId: 40 }),
      sampleEvent(2, { bodyId: 40, type: "message.sent" }),
    ];
    const page = planPage({ endpoint, events, lastBodyId: undefined, ...common });
    expect(page.deliveries.map(({ eventOffset }) => eventOffset)).toEqual([2]);
  });
});
