import { adminKey } from "../gateway-process.ts";

/** The server's own count of what came in, over all webhooks since its start. */
export interface DoorCounters {
  readonly accepted: number;
  readonly events: number;
  readonly duplicates: number;
  readonly notStored: number;
}

const metricNames = {
  accepted: 'recado_ingest_webhooks_total{outcome="accepted"}',
  events: "recado_events_total",
  duplicates: "recado_duplicates_total",
  notStored: "recado_ingest_not_stored_total",
} as const;

export async function readCounters(url: string): Promise<DoorCounters> {
  const answer = await fetch(`${url}/metrics`, { headers: { apikey: adminKey } });
  const lines = (await answer.text()).split("\n").filter((line) => !line.startsWith("#"));
  const sum = (name: string): number =>
    lines
      .filter((line) => line.startsWith(name))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  return {
    accepted: sum(metricNames.accepted),
    events: sum(metricNames.events),
    duplicates: sum(metricNames.duplicates),
    notStored: sum(metricNames.notStored),
  };
}
