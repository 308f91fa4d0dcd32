/** What one connection may use. Every value is a positive integer. */
export interface FanoutLimits {
  /** Instances one connection may subscribe. */
  readonly subscriptions: number;
  /** Messages a connection may send at once, before {@link messagesPerSecond} counts. */
  readonly messageBurst: number;
  readonly messagesPerSecond: number;
  /** Largest message from a client, bytes. */
  readonly messageBytes: number;
  /** Unread bytes above which a connection counts as too slow; one batch may come on top. */
  readonly queuedBytes: number;
  /** A connection that has not authenticated by then is closed. */
  readonly authenticationMs: number;
  /** How often an accepted credential is verified again, so that a revoked one ends. */
  readonly reverifyMs: number;
  /** How long a closing connection may take to read what is left. */
  readonly closeMs: number;
  /** Longest time for which events are collected while the process is busy. */
  readonly windowMs: number;
  /** Collected events, and characters of their JSON, that are handed over at once whatever the window. */
  readonly batchEvents: number;
  readonly batchCharacters: number;
}

export const defaultFanoutLimits: FanoutLimits = {
  subscriptions: 500,
  // A page that follows every instance subscribes all of them in one go.
  messageBurst: 600,
  messagesPerSecond: 20,
  messageBytes: 64 * 1024,
  queuedBytes: 8 * 1024 * 1024,
  authenticationMs: 60_000,
  reverifyMs: 60_000,
  closeMs: 1_000,
  windowMs: 20,
  batchEvents: 512,
  batchCharacters: 4 * 1024 * 1024,
};
