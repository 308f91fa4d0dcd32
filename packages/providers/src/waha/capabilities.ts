import type { ProviderCapabilities } from "../contract.ts";

/**
 * How long the same bytes count as the same delivery when nothing else tells: WAHA's default is 16
 * requests over 30 seconds, but policy, delay and attempts are free, and exponential waits grow past 20
 * minutes. Milliseconds.
 */
export const retryWindowMs = 35 * 60_000;

/** WAHA's abilities and limits (2026.2.1 recorded, 2026.7.1 by source). */
export const capabilities: ProviderCapabilities = {
  retryWindowMs,
  secretMembers: [
    // Credentials that an integration may put into metadata, or that leak from configuration.
    "apikey",
    "apiKey",
    "api_key",
    "APIKey",
    "ApiKey",
    "x-api-key",
    "X-Api-Key",
    "X-API-KEY",
    "authorization",
    "Authorization",
    "hmac",
    "hmacKey",
    "password",
    // Key material inside WhatsApp's messages, in the spellings of both engines.
    "senderKeyDistributionMessage",
    "SenderKeyDistributionMessage",
    "fastRatchetKeySenderKeyDistributionMessage",
    "axolotlSenderKeyDistributionMessage",
    "appStateSyncKeyShare",
    "callKey",
    // The account's own keys: `engine.event` repeats NOWEB's `creds.update`.
    "noiseKey",
    "signedIdentityKey",
    "signedPreKey",
    "pairingEphemeralKeyPair",
    "advSecretKey",
    "backupToken",
  ],
  signatureHeader: "x-webhook-hmac",
  signatureHelp:
    "Set hmac.key of the webhook in the session's config (or WHATSAPP_HOOK_HMAC_KEY) to the instance's secret.",
  forwardHeaders: [
    "user-agent",
    "x-webhook-request-id",
    "x-webhook-timestamp",
    "x-webhook-hmac",
    "x-webhook-hmac-algorithm",
  ],
};
