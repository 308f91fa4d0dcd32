import type { ApiTiming } from "../request.ts";

/** A clock that stands still and pauses that take no time, but are remembered. */
export function instantTiming(now = 1_800_000_000_000): ApiTiming & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now,
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      pauses.push(ms);
      await Promise.resolve();
    },
    random: () => 0.5,
  };
}
