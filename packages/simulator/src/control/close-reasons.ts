/** Why WhatsApp ends a connection, in the words of the engine that both providers are built on, and its numbers. */
export const closeReasons = {
  logged_out: 401,
  payment_required: 402,
  banned: 403,
  connection_lost: 408,
  multi_device_mismatch: 411,
  connection_closed: 428,
  connection_replaced: 440,
  bad_session: 500,
  unavailable: 503,
  restart_required: 515,
} as const;

export type CloseReason = keyof typeof closeReasons;
