/** The webhook as the peers read it: as Evolution API sends it, parsed and otherwise untouched. */
export interface EvolutionWebhook {
  readonly instance: string;
  readonly date_time: string;
  readonly data: { readonly key: { readonly id: string } };
}

/** The documented socket payload. */
export function toSocketPayload(webhook: EvolutionWebhook): object {
  return {
    event: "message_received",
    instanceName: webhook.instance,
    data: webhook.data,
    timestamp: webhook.date_time,
    provider: "EVOLUTION",
  };
}
