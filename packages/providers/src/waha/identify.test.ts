import { describe, expect, it } from "vitest";
import { isWahaEvent } from "./event-names.ts";
import { identify, recognises } from "./identify.ts";
import { recordedEvents, reportedRequests } from "./testing/fixture.ts";

describe("identify", () => {
  it("names the session and the event", () => {
    expect(identify({ event: "message.any", session: "loja-02" })).toEqual({
      instanceName: "loja-02",
      eventName: "message.any",
    });
  });

  it("reads a number as the same name without quotes", () => {
    expect(identify({ event: "message", session: 200001 })).toMatchObject({
      instanceName: "200001",
    });
  });

  it("joins accents, so that one name is one name", () => {
    expect(identify({ session: "Cafe\u0301" })).toEqual({ instanceName: "Caf\u00e9" });
  });

  it.each([undefined, null, "", {}, [], true, Number.NaN])(
    "never makes a name out of %j",
    (session) => {
      expect(identify({ event: "message", session })).toEqual({ eventName: "message" });
    },
  );
});

describe("recognises", () => {
  it.each([
    ["the envelope of 2023", { event: "message", session: "s", engine: "NOWEB", payload: {} }],
    ["an event this version does not know", { event: "message.pinned", session: "s", payload: {} }],
    ["a known event without anything else", { event: "session.status", session: "s" }],
    [
      "a payload beside the engine, without a session",
      { event: "message", payload: {}, engine: "GOWS" },
    ],
  ])("takes %s", (_what, body) => {
    expect(recognises(body)).toBe(true);
  });

  it.each([
    ["Evolution's", { event: "messages.upsert", instance: "s", data: {}, apikey: "k" }],
    [
      "Evolution's under a name that WAHA has too",
      { event: "presence.update", instance: "s", data: {} },
    ],
    ["WPPConnect's status", { event: "status-find", status: "isLogged" }],
    ["WPPConnect's flattened message", { event: "onmessage", session: "s", body: "oi", id: "x" }],
    ["nothing", {}],
    ["no event", { session: "s", payload: {} }],
    ["an event that is no text", { event: 1, session: "s", payload: {} }],
  ])("leaves %s", (_what, body) => {
    expect(recognises(body)).toBe(false);
  });

  it("takes every reported WAHA body and none of WPPConnect's", () => {
    for (const { name, body } of reportedRequests()) {
      expect(recognises(body), name).toBe(!name.includes("wppconnect"));
    }
  });

  it("knows every recorded event name", () => {
    for (const { name, body } of recordedEvents())
      expect(isWahaEvent(String(body["event"])), name).toBe(true);
  });
});
