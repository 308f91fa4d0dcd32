import type { Instance, Records, TenantScope } from "../../../store/contract/index.ts";

/**
 * What was configured for a session over the documented routes: it answers a `GET` with the address that
 * was given, although the provider keeps pointing at us.
 */
export interface KeptWebhook {
  /**
   * `own`: the provider calls us and nobody else was named. `endpoint`: it calls us, and an endpoint gets
   * what was asked for. `direct`: the provider calls the address itself. `removed`: there is none, while
   * the provider may go on calling us.
   */
  readonly mode: "own" | "endpoint" | "direct" | "removed";
  readonly endpointId?: string;
  readonly url?: string;
  /** As they were given; absent: all. */
  readonly events?: readonly string[];
  readonly byEvents: boolean;
  readonly base64: boolean;
  readonly retries?: unknown;
}

const kind = "documented_webhook";
const modes = ["own", "endpoint", "direct", "removed"] as const;

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

function readKept(value: Readonly<Record<string, unknown>>): KeptWebhook | undefined {
  const mode = modes.find((word) => word === value["mode"]);
  if (mode === undefined) return undefined;
  const text = (key: string): string | undefined => {
    const found = value[key];
    return typeof found === "string" ? found : undefined;
  };
  const { events, retries } = value;
  return {
    mode,
    byEvents: value["byEvents"] === true,
    base64: value["base64"] === true,
    ...optional("endpointId", text("endpointId")),
    ...optional("url", text("url")),
    ...optional(
      "events",
      Array.isArray(events) ? events.filter((name) => typeof name === "string") : undefined,
    ),
    ...optional("retries", retries),
  };
}

/** The records of the documented routes, one per instance. */
export class KeptWebhooks {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async get(scope: TenantScope, { id }: Instance): Promise<KeptWebhook | undefined> {
    const record = await this.#records.get(scope, kind, id);
    return record && readKept(record.value);
  }

  put(scope: TenantScope, { id }: Instance, kept: KeptWebhook): Promise<void> {
    return this.#records.put(scope, kind, id, { ...kept });
  }
}
