import type { WahaChannel } from "../waha-sender.ts";

/** Events that are lost on their way out although nothing fails. */
export interface Losses {
  /** The next `count` events, of one session or of any, on one channel or on all. */
  add(count: number, session?: string, channel?: WahaChannel): void;
  /** The channels on which the next event of `session` is lost; uses up one of each. */
  take(session: string): ReadonlySet<WahaChannel>;
}

const channels: readonly WahaChannel[] = ["webhook", "socket"];

export function createLosses(): Losses {
  let planned: { left: number; session: string | undefined; channels: readonly WahaChannel[] }[] =
    [];
  return {
    add(count, session, channel) {
      planned.push({ left: count, session, channels: channel ? [channel] : channels });
    },
    take(session) {
      const hit = planned.filter((one) => one.session === undefined || one.session === session);
      for (const one of hit) one.left -= 1;
      planned = planned.filter(({ left }) => left > 0);
      return new Set(hit.flatMap((one) => one.channels));
    },
  };
}
