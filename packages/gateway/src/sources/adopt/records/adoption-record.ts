import { z } from "zod";
import type { Records, RecordValue, TenantScope } from "../../../store/contract/index.ts";

/**
 * What is known about an instance's webhook at its provider: record kind `adoption`, key instance id.
 *
 * The address that stood there before is sealed, since it often holds a secret. It is written before the
 * provider is, so that a crash in between cannot lose it.
 */
export const adoptionKind = "adoption";

export const adoptionStates = [
  /** Begun; what stands at the provider is not known for sure. */
  "pending",
  /** Our webhook was in place when it was last looked at. */
  "adopted",
  /** It stands there changed. */
  "drifted",
  /** It could not be put in place. */
  "failed",
  /** Given back on request. */
  "released",
] as const;
export type AdoptionState = (typeof adoptionStates)[number];

const difference = z.object({ setting: z.string(), wanted: z.string(), found: z.string() });
const reason = z.object({ code: z.string(), detail: z.string().optional().catch(undefined) });

const schema = z.object({
  state: z.enum(adoptionStates).catch("pending"),
  serverId: z.string().optional().catch(undefined),
  /** Our address as it was put there; holds the instance's token. */
  hookUrl: z.string().optional().catch(undefined),
  differences: z.array(difference).catch([]),
  reason: reason.optional().catch(undefined),
  /** Sealed; the secret that the provider gets or has, also while it is not demanded. */
  secret: z.string().optional().catch(undefined),
  /** A person chose the secret: it stays when the number is given back. */
  isTheirSecret: z.literal(true).optional().catch(undefined),
  /** Unix milliseconds from which webhooks must be signed; absent: they must already, or never. */
  demandSecretAt: z.number().optional().catch(undefined),
  /** Sealed JSON of the webhook that stood there. */
  previous: z.string().optional().catch(undefined),
  /** Our endpoint that keeps its address receiving. */
  endpointId: z.string().optional().catch(undefined),
  /** The same after the number was given back, while something of it waits there to be planned. */
  leavingEndpointId: z.string().optional().catch(undefined),
  /** Headers of the address that an endpoint must not set, by name. */
  droppedHeaders: z.array(z.string()).optional().catch(undefined),
  /** Evolution: ours asks for media inside the bodies, since somebody behind it needs them there. */
  media: z.literal(true).optional().catch(undefined),
  /** WAHA: addresses of others beside ours. */
  others: z.number().optional().catch(undefined),
  adoptedAt: z.number().optional().catch(undefined),
  checkedAt: z.number().optional().catch(undefined),
  told: z.string().optional().catch(undefined),
  repairs: z.array(z.number()).catch([]),
  /** Unix milliseconds since which the provider does not list the number. */
  vanishedAt: z.number().optional().catch(undefined),
  /** Whose release it was: an instance's own outlasts a new synchronising of its server. */
  releasedBy: z.enum(["server", "instance"]).optional().catch(undefined),
});

export type AdoptionRecord = {
  readonly [K in keyof z.output<typeof schema>]: z.output<typeof schema>[K];
};

export const noAdoption: AdoptionRecord = { state: "pending", differences: [], repairs: [] };

/** Reads what any version has written; what cannot be read is as if it was never said. */
export function readAdoption(value: RecordValue | undefined): AdoptionRecord | undefined {
  return value === undefined ? undefined : (schema.safeParse(value).data ?? noAdoption);
}

/** A change of a record; `undefined` removes. */
export type AdoptionChange = {
  readonly [K in keyof AdoptionRecord]?: AdoptionRecord[K] | undefined;
};

/** The adoption records of a store. Calls about one instance must not overlap: who calls holds its turn. */
export class AdoptionRecords {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async get(scope: TenantScope, instanceId: string): Promise<AdoptionRecord | undefined> {
    return readAdoption((await this.#records.get(scope, adoptionKind, instanceId))?.value);
  }

  /** Answers the record as it is now. */
  async change(
    scope: TenantScope,
    instanceId: string,
    change: AdoptionChange,
  ): Promise<AdoptionRecord> {
    const before = (await this.get(scope, instanceId)) ?? noAdoption;
    const after = { ...before, ...change } as AdoptionRecord;
    await this.#records.put(scope, adoptionKind, instanceId, after);
    return after;
  }

  async forget(scope: TenantScope, instanceId: string): Promise<void> {
    await this.#records.delete(scope, adoptionKind, instanceId);
  }
}
