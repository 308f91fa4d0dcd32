import { systemIds } from "../base/ids.ts";
import {
  createProviderSockets,
  type Adoption,
  type NumberWatch,
  type ProviderSockets,
} from "../sources/index.ts";
import type { Store } from "../store/contract/index.ts";

type Given = Pick<
  Parameters<typeof createProviderSockets>[0],
  "clock" | "ingest" | "logger" | "outbound" | "secretBox"
>;

interface SocketParts extends Given {
  readonly store: Store;
  readonly config: { readonly bodyLimitBytes: number };
  readonly adoption: Pick<Adoption, "adoptInstance" | "releaseInstance">;
  readonly watch: Pick<NumberWatch, "mayHaveMissed">;
}

/** The providers' sockets, with what adoption does about webhooks and the watch about what may be missing. */
export function createSocketParts(parts: SocketParts): ProviderSockets {
  const { adoption, config, store, watch } = parts;
  return createProviderSockets({
    ...parts,
    directory: store.directory,
    records: store.records,
    random: () => systemIds.random(),
    maxFrameBytes: config.bodyLimitBytes,
    hooks: {
      async remove(scope, instance) {
        const outcome = await adoption.releaseInstance(scope, instance);
        if (outcome.kind === "failed") throw new HookUnchanged(outcome.reason.code);
      },
      async install(scope, instance) {
        const outcome = await adoption.adoptInstance(scope, instance);
        if (outcome.kind === "failed") throw new HookUnchanged(outcome.reason.code);
      },
    },
    onGap(gap) {
      // After our own start the watch compares by itself.
      if (gap.since !== undefined) watch.mayHaveMissed(gap);
    },
  });
}

/** Carries adoption's own word to the instance's status. */
class HookUnchanged extends Error {
  readonly code: string;

  constructor(code: string) {
    super("the webhook of an instance could not be changed");
    this.code = code;
  }
}
