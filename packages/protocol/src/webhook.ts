/** Header names of outgoing webhooks (Standard Webhooks 1.0, lower case as on the wire). */
export const webhookHeaders = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
} as const;

/** Body formats an endpoint can ask for. */
export const webhookFormats = ["recado", "provider"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** What is kept in order at one endpoint: each chat, each instance, or nothing. */
export const webhookOrderings = ["chat", "instance", "none"] as const;
export type WebhookOrdering = (typeof webhookOrderings)[number];

/** A delivery is waiting for its next attempt, done, given up, or cancelled with its endpoint. */
export const deliveryStatuses = ["pending", "succeeded", "failed", "cancelled"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];
