import { describe, expect, it } from "vitest";
import { draftsOf, hashOf } from "../testing/fixture.ts";

function drafts(status: unknown, rest: object = {}, me: unknown = null) {
  const payload = { name: "s", status, ...rest };
  return draftsOf(
    JSON.stringify({
      id: "evt_1",
      timestamp: 1_795_560_810_739,
      event: "session.status",
      session: "s",
      me,
      payload,
    }),
  );
}

const at = (status: string, timestamp: number) => ({ status, timestamp });

describe("session.status", () => {
  it.each([
    ["WORKING", "open"],
    ["STARTING", "connecting"],
    ["SCAN_QR_CODE", "connecting"],
    ["STOPPED", "close"],
    ["FAILED", "close"],
    ["PASSKEY_CONFIRMATION_REQUIRED", "connecting"],
    ["A_WORD_OF_TOMORROW", "connecting"],
    ["constructor", "connecting"],
  ])("%s is %s in both documented forms, with the provider's word", (status, state) => {
    const [connection, documented] = drafts(status);
    expect(connection).toMatchObject({
      type: "instance.connection_changed",
      data: { state, providerState: status },
    });
    expect(documented).toMatchObject({
      type: "instance.status_changed",
      data: { status: state, providerStatus: status },
    });
  });

  it("asks for a QR code every time one is ready, and has none itself", () => {
    expect(drafts("SCAN_QR_CODE")[2]).toMatchObject({ type: "instance.qr_updated", data: {} });
  });

  it("tells a QR code that nobody scanned from other failures", () => {
    const unscanned = drafts("FAILED", {
      statuses: [at("SCAN_QR_CODE", 1_795_560_810_000), at("FAILED", 1_795_560_810_700)],
    });
    expect(unscanned.map(({ type }) => type)).toEqual([
      "instance.connection_changed",
      "instance.status_changed",
      "instance.qr_expired",
    ]);
    const loggedOut = drafts("FAILED", {
      statuses: [at("WORKING", 1_795_560_810_000), at("FAILED", 1_795_560_810_700)],
    });
    expect(loggedOut).toHaveLength(2);
    expect(loggedOut[0]?.data).toMatchObject({ reason: "failed" });
    expect(drafts("FAILED")).toHaveLength(2);
  });

  it("happened when its own entry in the history says, else when WAHA built the event", () => {
    const own = drafts("WORKING", {
      statuses: [at("STARTING", 1_795_560_800_000), at("WORKING", 1_795_560_810_000)],
    });
    expect(own.map(({ occurredAt }) => occurredAt)).toEqual([1_795_560_810_000, 1_795_560_810_000]);
    const other = drafts("WORKING", { statuses: [at("STARTING", 1_795_560_800_000)] });
    expect(other[0]?.occurredAt).toBe(1_795_560_810_739);
  });

  it("names the account only while it is connected: me is read when the webhook is sent", () => {
    const me = { id: "5511900000101@c.us", lid: "111000000000101@lid", pushName: "Loja" };
    expect(drafts("WORKING", {}, me)[0]?.data).toMatchObject({
      account: {
        jid: "5511900000101@s.whatsapp.net",
        phone: "5511900000101",
        lid: "111000000000101@lid",
        name: "Loja",
      },
    });
    expect(drafts("STOPPED", {}, me)[0]?.data).not.toHaveProperty("account");
    expect(drafts("WORKING", {}, {})[0]?.data).not.toHaveProperty("account");
  });

  it("hands on what the provider adds", () => {
    const [connection] = drafts("PASSKEY_REQUIRED", { data: { challenge: "abc" } });
    expect(connection?.data).toMatchObject({ detail: '{"challenge":"abc"}' });
  });
});

describe("state.change", () => {
  const change = (payload: unknown) =>
    draftsOf(
      JSON.stringify({ id: "evt_1", event: "state.change", session: "s", me: null, payload }),
    );

  it("carries the QR code itself on NOWEB", () => {
    expect(change({ qr: "2@A/B=" })).toMatchObject([
      { type: "instance.qr_updated", data: { qr: "2@A/B=" } },
    ]);
  });

  it("a QR code is told once, however often and by whichever way it comes", () => {
    const told = (qr: unknown, rest: object = {}) =>
      draftsOf(
        JSON.stringify({
          event: "state.change",
          session: "s",
          payload: { qr, isNewLogin: false },
          ...rest,
        }),
      )[0];
    const first = told("2@A/B=");
    // The words of Evolution's event, and of the code that the gateway fetches by itself.
    const hash = hashOf(JSON.stringify("2@A/B=")).slice(0, 32);
    expect(first?.identity).toEqual({ key: JSON.stringify(["qr", hash]) });
    expect(told("2@A/B=", { id: "evt_1" })?.identity).toEqual(first?.identity);
    expect(told("2@A/B=", { id: "evt_2", timestamp: 1_795_560_810_739 })?.identity).toEqual(
      first?.identity,
    );
    expect(told("2@A/C=", { id: "evt_1" })?.identity).not.toEqual(first?.identity);
  });

  it.each([
    [{ connection: "open" }, { state: "open", providerState: "open" }],
    ["CONNECTED", { state: "open", providerState: "CONNECTED" }],
    ["CONFLICT", { state: "close", providerState: "CONFLICT", reason: "replaced" }],
    [
      { connection: "close", lastDisconnect: { error: { output: { statusCode: 401 } } } },
      { state: "close", providerState: "close", reason: "logged_out", reasonCode: 401 },
    ],
    [
      { connection: "close", lastDisconnect: { error: { output: { statusCode: 999 } } } },
      { state: "close", providerState: "close", reasonCode: 999 },
    ],
  ])("says how the engine is connected: %j", (payload, data) => {
    expect(change(payload)).toEqual([
      expect.objectContaining({ type: "instance.connection_changed", data }),
    ]);
  });

  it.each([[{ isNewLogin: true }], ["A_NEW_WORD"], [{}], [{ connection: 5 }]])(
    "is kept whole when it says neither: %j",
    (payload) => {
      expect(change(payload)).toMatchObject([
        { type: "provider.event", data: { reason: "unknown_state" } },
      ]);
    },
  );
});
