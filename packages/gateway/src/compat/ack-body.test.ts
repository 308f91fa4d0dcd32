import { describe, expect, it } from "vitest";
import { ackBody } from "./ack-body.ts";

describe("a receipt on the documented ack route", () => {
  it("gets the event name that its shape means", () => {
    expect(ackBody({ session: "s", payload: { id: "x", ack: 2 } })).toEqual({
      session: "s",
      payload: { id: "x", ack: 2 },
      event: "message.ack",
    });
    expect(ackBody({ instance: "i", data: { key: { id: "x" }, status: "READ" } })).toMatchObject({
      event: "messages.update",
      instance: "i",
    });
  });
  it("keeps a name that is there, and what is no receipt", () => {
    expect(ackBody({ event: "message.any", payload: {} })).toEqual({
      event: "message.any",
      payload: {},
    });
    expect(ackBody({ other: 1 })).toEqual({ other: 1 });
  });
});
