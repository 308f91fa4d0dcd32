import { systemIds } from "../base/ids.ts";
import { createProviderSockets, type ProviderSockets } from "../sources/index.ts";
import type { Parts } from "./parts.ts";

type Needed = Pick<
  Parts,
  | "adoption"
  | "clock"
  | "config"
  | "ingest"
  | "logger"
  | "outbound"
  | "secretBox"
  | "store"
  | "watch"
>;

/** The providers' sockets, with what adoption does about webhooks and the watch about what may be missing. */
export function createSocketParts(parts: Needed): ProviderSockets {
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
