import { describe, expect, it } from "vitest";
import { removeMembers } from "../json-text.ts";
import { capabilities } from "./capabilities.ts";

const kept = (body: object) => removeMembers(JSON.stringify(body), capabilities.secretMembers);

describe("what is stored of a body", () => {
  it.each([
    ["the API key that somebody put into the metadata", { metadata: { apiKey: "s3cret" } }],
    [
      "the same in other spellings",
      { metadata: { "X-Api-Key": "s3cret", api_key: "s3cret", apikey: "s3cret" } },
    ],
    [
      "a group's sender key",
      {
        payload: {
          _data: {
            message: {
              senderKeyDistributionMessage: { axolotlSenderKeyDistributionMessage: "s3cret" },
            },
          },
        },
      },
    ],
    [
      "an app state key",
      {
        payload: {
          data: { protocolMessage: { appStateSyncKeyShare: { keys: [{ keyData: "s3cret" }] } } },
        },
      },
    ],
    ["a call's key", { payload: { _data: { message: { call: { callKey: "s3cret" } } } } }],
    [
      "the account's keys, which engine.event repeats",
      {
        payload: {
          event: "creds.update",
          data: {
            noiseKey: { private: "s3cret" },
            signedIdentityKey: "s3cret",
            signedPreKey: ["s3cret"],
            advSecretKey: "s3cret",
          },
        },
      },
    ],
  ])("does not hold %s", (_what, body) => {
    expect(kept({ event: "e", ...body })).not.toContain("s3cret");
  });

  it("still holds the words, the media's own key, and a QR code, which are the event", () => {
    const body = {
      payload: { qr: "2@A", body: "oi", _data: { message: { imageMessage: { mediaKey: "k" } } } },
    };
    expect(kept(body)).toBe(JSON.stringify(body));
  });
});

describe("the retry window", () => {
  it("outlasts WAHA's default schedule and an exponential one of eight attempts", () => {
    const exponentialMs = Array.from({ length: 8 }, (_, attempt) => 2_000 * 2 ** attempt * 1.2);
    expect(capabilities.retryWindowMs).toBeGreaterThan(
      exponentialMs.reduce((sum, wait) => sum + wait),
    );
    expect(capabilities.retryWindowMs).toBeGreaterThanOrEqual(30 * 60_000);
  });
});
