/**
 * When events are collected before they are handed over.
 *
 * A write per connection is what fan-out costs, so a busy process gains by writing less often; an idle
 * one would only add latency. Utilisation decides rather than the size of a batch, because one burst
 * on an idle process is no load.
 */
export const batchPolicy = {
  /** Collecting begins above this share of time in which the event loop was busy … */
  onAbove: 0.8,
  /** … and ends below this one; between them nothing changes. */
  offBelow: 0.7,
  /** Time over which utilisation is taken, at least. */
  sampleMs: 100,
} as const;

/** `utilisation` in [0, 1]. */
export function shouldCollect(collecting: boolean, utilisation: number): boolean {
  return collecting ? utilisation >= batchPolicy.offBelow : utilisation > batchPolicy.onAbove;
}
