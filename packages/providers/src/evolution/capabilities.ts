import type { ProviderCapabilities } from "../contract.ts";

/**
 * Ten attempts with delays of 5 to 300 s, each with 20 % jitter and up to 60 s of timeout: the last
 * one starts up to 25 minutes after the first (2.3.x). The rest is reserve.
 */
const retryWindowMs = 35 * 60_000;

/** What Evolution API can do and where it keeps its secrets. Facts: README.md in this folder. */
export const capabilities: ProviderCapabilities = {
  retryWindowMs,
  secretMembers: [
    // The instance's token, the Meta access token, or (version 1, `error`, typebot) the server's global key.
    "apikey",
    "api_key",
    "apiKey",
    "instanceToken",
    "token",
    "jwt_key",
    "accessTokenWaBusiness",
    "authorization",
    "Authorization",
    // Key material of the account and of its groups, which reaches webhooks beside ordinary messages.
    "appStateSyncKeyShare",
    "senderKeyDistributionMessage",
    "axolotlSenderKeyDistributionMessage",
    "fastRatchetKeySenderKeyDistributionMessage",
    "historySyncNotification",
    // Whoever has it may join the group.
    "inviteCode",
  ],
  signatureHeader: "authorization",
  signatureHelp:
    "Set the header jwt_key to the secret in the instance's webhook headers; Evolution 2.3 and later then sends a signed token instead of it.",
  forwardHeaders: ["user-agent", "x-instance-id", "x-instance-name", "x-event-type", "x-timestamp"],
};
