import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** Numbers of the running process, read when somebody asks. Labels are few and bounded: no tenant, number or chat. */
export interface MetricSources {
  ingest(): {
    readonly accepted: number;
    readonly events: number;
    readonly unrecognised: number;
    readonly duplicates: Readonly<Record<string, number>>;
    readonly refused: Readonly<Record<string, number | undefined>>;
  };
  sockets(): { readonly connectedClients: number; readonly closedTooSlow: number };
  deliveries(): { readonly inFlight: number; readonly succeeded: number; readonly failed: number };
}

export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
}

/** A total that lives elsewhere, shown as a counter. */
function total(registry: Registry, name: string, help: string, read: () => Readonly<Record<string, number | undefined>>, label: string): void {
  const counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      counter.reset();
      for (const [key, value] of Object.entries(read())) if (value !== undefined) counter.inc({ [label]: key }, value);
    },
  });
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: () => metric.set(read()) });
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  total(registry, "recado_ingest_webhooks_total", "Webhooks at the door, by what became of them.", () => {
    const { accepted, refused } = sources.ingest();
    const refusals = Object.values(refused).reduce<number>((sum, value) => sum + (value ?? 0), 0);
    return { accepted, refused: refusals };
  }, "outcome");
  total(registry, "recado_ingest_refused_total", "Refused webhooks, by error code.", () => sources.ingest().refused, "code");
  total(registry, "recado_events_total", "Events stored, by whether their type was recognised.", () => {
    const { events, unrecognised } = sources.ingest();
    return { recognised: events - unrecognised, unrecognised };
  }, "kind");
  total(registry, "recado_duplicates_total", "Repeats recognised, by cause.", () => sources.ingest().duplicates, "cause");
  total(registry, "recado_delivery_attempts_total", "Attempts of outgoing webhooks, by outcome.", () => {
    const { succeeded, failed } = sources.deliveries();
    return { succeeded, failed };
  }, "outcome");
  total(registry, "recado_sockets_closed_total", "Sockets closed by us, by reason.", () => ({ slow: sources.sockets().closedTooSlow }), "reason");
  gauge(registry, "recado_sockets_connected", "Open sockets.", () => sources.sockets().connectedClients);
  gauge(registry, "recado_deliveries_in_flight", "Outgoing requests under way.", () => sources.deliveries().inFlight);
  return { text: () => registry.metrics(), contentType: registry.contentType };
}
