/** Numbers of the running process, read when somebody asks. Labels are few and bounded: no tenant, number or chat. */
export interface MetricSources {
  ingest(): {
    readonly accepted: number;
    readonly events: number;
    readonly unrecognised: number;
    readonly duplicates: Readonly<Record<string, number>>;
    readonly notStored: Readonly<{ coalesced: number; shed: number }>;
    readonly refused: Readonly<Record<string, number | undefined>>;
  };
  sockets(): { readonly connectedClients: number; readonly closedTooSlow: number };
  deliveries(): { readonly inFlight: number; readonly succeeded: number; readonly failed: number };
  numbers(): {
    readonly states: Readonly<Record<string, number>>;
    readonly incidents: Readonly<Record<string, number>>;
    readonly incomplete: number;
    readonly unanswered: number;
  };
  store(): {
    readonly state: string;
    readonly refusedWrites: number;
    readonly disk?: { readonly freeBytes: number; readonly isLow: boolean };
  };
  /** Files of messages and where they are; undefined until they were counted. */
  files():
    | { readonly kind: "folder" | "bucket"; readonly files: number; readonly bytes: number }
    | undefined;
  /** Connections to providers' sockets, by state. */
  providerSockets(): Readonly<Record<string, number>>;
}

export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
}

type Totals = Readonly<Record<string, number | undefined>>;

interface Total {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  read(sources: MetricSources): Totals;
}

const totals: readonly Total[] = [
  {
    name: "recado_ingest_webhooks_total",
    help: "Webhooks at the door, by what became of them.",
    label: "outcome",
    read(sources) {
      const { accepted, refused } = sources.ingest();
      const sum = Object.values(refused).reduce<number>((all, value) => all + (value ?? 0), 0);
      return { accepted, refused: sum };
    },
  },
  {
    name: "recado_ingest_refused_total",
    help: "Refused webhooks, by error code.",
    label: "code",
    read: (sources) => sources.ingest().refused,
  },
  {
    name: "recado_ingest_not_stored_total",
    help: "Webhooks that were accepted and counted instead of stored: repeats of a connection state, presence above the rate.",
    label: "cause",
    read: (sources) => ({ ...sources.ingest().notStored }),
  },
  {
    name: "recado_events_total",
    help: "Events stored, by whether their type was recognised.",
    label: "kind",
    read(sources) {
      const { events, unrecognised } = sources.ingest();
      return { recognised: events - unrecognised, unrecognised };
    },
  },
  {
    name: "recado_duplicates_total",
    help: "Repeats recognised, by cause.",
    label: "cause",
    read: (sources) => sources.ingest().duplicates,
  },
  {
    name: "recado_delivery_attempts_total",
    help: "Attempts of outgoing webhooks, by outcome.",
    label: "outcome",
    read(sources) {
      const { succeeded, failed } = sources.deliveries();
      return { succeeded, failed };
    },
  },
  {
    name: "recado_sockets_closed_total",
    help: "Sockets closed by us, by reason.",
    label: "reason",
    read: (sources) => ({ slow: sources.sockets().closedTooSlow }),
  },
  {
    name: "recado_store_refused_total",
    help: "Writes refused because the store could not write, by what was refused.",
    label: "what",
    read: (sources) => ({ writes: sources.store().refusedWrites }),
  },
];

/** What is so at the moment, by one label. */
const standings: readonly Total[] = [
  {
    name: "recado_numbers",
    help: "Numbers, by the state of their connection.",
    label: "state",
    read: (sources) => sources.numbers().states,
  },
  {
    name: "recado_number_incidents",
    help: "Numbers that say they are connected while nothing comes, by kind.",
    label: "kind",
    read: (sources) => sources.numbers().incidents,
  },
  {
    name: "recado_number_doubts",
    help: "Numbers of which messages may be missing, and those whose provider did not answer when it was asked.",
    label: "cause",
    read(sources) {
      const { incomplete, unanswered } = sources.numbers();
      return { incomplete, unanswered };
    },
  },
  {
    name: "recado_store_state",
    help: "State of the store: 1 for the one that it is in.",
    label: "state",
    read(sources) {
      const { state } = sources.store();
      return { well: 0, refusing: 0, failed: 0, [state]: 1 };
    },
  },
  {
    name: "recado_disk_free_bytes",
    help: "Bytes that are free under the data folder, by whether that is low.",
    label: "low",
    read(sources): Totals {
      const { disk } = sources.store();
      return disk === undefined ? {} : { [String(disk.isLow)]: disk.freeBytes };
    },
  },
  {
    name: "recado_media_files",
    help: "Files of messages that are kept, by where; counted every ten minutes.",
    label: "place",
    read(sources): Totals {
      const use = sources.files();
      return use === undefined ? {} : { [use.kind]: use.files };
    },
  },
  {
    name: "recado_media_bytes",
    help: "Bytes of the files of messages that are kept, by where; counted every ten minutes.",
    label: "place",
    read(sources): Totals {
      const use = sources.files();
      return use === undefined ? {} : { [use.kind]: use.bytes };
    },
  },
  {
    name: "recado_provider_sockets",
    help: "Connections to providers' sockets, by state.",
    label: "state",
    read: (sources) => sources.providerSockets(),
  },
];

/** Loaded at the first reading: most small installations never read metrics, and the library is not small. */
async function createRegistry(sources: MetricSources): Promise<Metrics> {
  const { collectDefaultMetrics, Counter, Gauge, Registry } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const kinds = [
    [Counter, totals],
    [Gauge, standings],
  ] as const;
  for (const [Metric, list] of kinds) {
    for (const { name, help, label, read } of list) {
      const metric = new Metric({
        name,
        help,
        labelNames: [label],
        registers,
        // The numbers live elsewhere; what is shown is read at the moment of asking.
        collect() {
          this.reset();
          for (const [key, value] of Object.entries(read(sources)))
            this.inc({ [label]: key }, value ?? 0);
        },
      });
      metric.reset();
    }
  }
  const gauges = {
    recado_sockets_connected: ["Open sockets.", () => sources.sockets().connectedClients],
    recado_deliveries_in_flight: [
      "Outgoing requests under way.",
      () => sources.deliveries().inFlight,
    ],
  } as const;
  for (const [name, [help, read]] of Object.entries(gauges)) {
    const gauge = new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
    gauge.set(0);
  }
  return { text: () => registry.metrics(), contentType: registry.contentType };
}

/** Answers the metrics' text; the first call makes the registry. */
export function createMetrics(sources: MetricSources): () => Promise<Metrics> {
  let registry: Promise<Metrics> | undefined;
  return () => (registry ??= createRegistry(sources));
}
