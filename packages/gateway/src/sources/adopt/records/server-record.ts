import { z } from "zod";
import type { Records, TenantScope } from "../../../store/contract/index.ts";

/** How a server was when it was last looked at, and how far its synchronising is: kind `server-state`, key server id. */
export const serverStateKind = "server-state";

/** Failures that are kept by name; the number of all is beside them. */
export const maxFailures = 50;

/** Deleted numbers that are remembered; the oldest are forgotten. */
export const maxIgnored = 1_000;

const reason = z.object({ code: z.string(), detail: z.string().optional() });

const sync = z.object({
  state: z.enum(["running", "done", "failed"]),
  startedAt: z.number(),
  finishedAt: z.number().optional(),
  total: z.number(),
  done: z.number(),
  /** Webhooks that were put in place now. */
  adopted: z.number(),
  /** That stood there already. */
  already: z.number(),
  /** Given back on request, or without a webhook by choice: left alone. */
  skipped: z.number(),
  failed: z.number(),
  failures: z.array(z.object({ instance: z.string(), reason })),
  /** Why the whole could not be done. */
  reason: reason.optional(),
});
export type SyncProgress = z.output<typeof sync>;

const schema = z.object({
  /** Whether it answered when it was last asked; absent: it never was. */
  ok: z.boolean().optional().catch(undefined),
  reason: reason.optional().catch(undefined),
  /** Unix milliseconds since which it is so. */
  since: z.number().optional().catch(undefined),
  checkedAt: z.number().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  flavour: z.string().optional().catch(undefined),
  sync: sync.optional().catch(undefined),
  /** Given back: nothing is adopted by itself until somebody synchronises it again. */
  released: z.literal(true).optional().catch(undefined),
  /** Numbers, by the provider's name, that a person has deleted here: they do not come back by themselves. */
  ignored: z.array(z.string()).optional().catch(undefined),
  /** Instances that were deleted here and whose number is not given back yet; the oldest are forgotten. */
  owed: z
    .array(z.object({ id: z.string(), providerName: z.string() }))
    .optional()
    .catch(undefined),
});
export type ServerState = {
  readonly [K in keyof z.output<typeof schema>]: z.output<typeof schema>[K];
};

export type ServerStateChange = { readonly [K in keyof ServerState]?: ServerState[K] | undefined };

/** The state records of a store. Concurrent changes of one server are made one after the other. */
export class ServerStates {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async get(scope: TenantScope, serverId: string): Promise<ServerState> {
    const stored = await this.#records.get(scope, serverStateKind, serverId);
    return schema.safeParse(stored?.value ?? {}).data ?? {};
  }

  /** Changes what is there when the write comes, not what was read before. */
  async change(
    scope: TenantScope,
    serverId: string,
    change: ServerStateChange | ((before: ServerState) => ServerStateChange),
  ): Promise<ServerState> {
    for (;;) {
      const stored = await this.#records.get(scope, serverStateKind, serverId);
      const before = schema.safeParse(stored?.value ?? {}).data ?? {};
      const made = typeof change === "function" ? change(before) : change;
      const after = { ...before, ...made } as ServerState;
      const version = stored?.version ?? 0;
      const written = await this.#records.putIf(scope, serverStateKind, serverId, after, version);
      // A tenant that is gone takes no record: there is nothing left to tell.
      if (written || (version === 0 && !(await this.#exists(scope, serverId)))) return after;
    }
  }

  async forget(scope: TenantScope, serverId: string): Promise<void> {
    await this.#records.delete(scope, serverStateKind, serverId);
  }

  async #exists(scope: TenantScope, serverId: string): Promise<boolean> {
    return (await this.#records.get(scope, serverStateKind, serverId)) !== undefined;
  }
}
