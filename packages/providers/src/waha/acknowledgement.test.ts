import { describe, expect, it } from "vitest";
import { ackOf, ownStatus } from "./acknowledgement.ts";
import { draftsOf } from "./testing/fixture.ts";

describe("an ack", () => {
  it.each([
    [
      { ack: 3, ackName: "READ" },
      { status: 3, statusName: "READ" },
    ],
    [
      { ack: 0, ackName: "PENDING" },
      { status: 0, statusName: "PENDING" },
    ],
    [
      { ack: -1, ackName: "ERROR" },
      { status: -1, statusName: "ERROR" },
    ],
    [{ ack: "3" }, { status: 3, statusName: "3" }],
    [
      { ack: 5, ackName: "TELEPORTED" },
      { status: null, statusName: "TELEPORTED" },
    ],
    [
      { ack: 5, ackName: "UNKNOWN" },
      { status: null, statusName: "5" },
    ],
    [{ ack: 5 }, { status: null, statusName: "5" }],
    [
      { ack: null, ackName: "UNKNOWN" },
      { status: null, statusName: "UNKNOWN" },
    ],
    [{ ack: null }, { status: null }],
    [{ ack: "READ" }, { status: 3, statusName: "READ" }],
    [{ ackName: "PLAYED" }, { status: 4, statusName: "PLAYED" }],
    [{ ack: 1.5 }, { status: null, statusName: "1.5" }],
    [{ ack: {} }, { status: null }],
    [{ ackName: "toString" }, { status: null, statusName: "toString" }],
  ])("%j", (payload, expected) => {
    expect(ackOf(payload)).toEqual(expected);
  });

  it("that is not there is none", () => {
    expect(ackOf({})).toBeUndefined();
  });
});

describe("a message's own state", () => {
  it("is left out when it says nothing, and an error on an incoming message is no failed sending", () => {
    expect(ownStatus({ ack: null, ackName: "UNKNOWN" }, false)).toEqual({});
    expect(ownStatus({ ack: -1, ackName: "ERROR" }, false)).toEqual({});
    expect(ownStatus({ ack: -1, ackName: "ERROR" }, true)).toEqual({
      status: -1,
      statusName: "ERROR",
    });
    expect(ownStatus({}, true)).toEqual({});
  });
});

describe("message.ack", () => {
  const acked = (payload: object) => {
    const body = { event: "message.ack", session: "s", payload };
    return draftsOf(JSON.stringify(body))[0];
  };

  it("of an incoming message never says that sending failed", () => {
    expect(
      acked({ id: "false_5511900000009@c.us_A", fromMe: false, ack: -1, ackName: "ERROR" })?.data,
    ).toMatchObject({
      status: null,
      statusName: "ERROR",
    });
  });

  it("warns of a value that this version does not know", () => {
    expect(acked({ id: "true_5511900000009@c.us_A", ack: 7 })?.data).toMatchObject({
      status: null,
      statusName: "7",
      warnings: ["unknown ack 7"],
    });
  });

  it("does not take the message's own time for the receipt's", () => {
    expect(
      acked({ id: "true_5511900000009@c.us_A", ack: 2, timestamp: 1785000005 })?.occurredAt,
    ).toBeUndefined();
  });
});
