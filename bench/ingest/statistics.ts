/** `share` in [0, 1] of ascending values. */
export function percentile(ascending: readonly number[], share: number): number {
  const index = Math.min(ascending.length - 1, Math.floor(ascending.length * share));
  return ascending[index] ?? Number.NaN;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const ascending = values.toSorted((a, b) => a - b);
  const middle = ascending.length / 2;
  const median =
    ascending.length % 2 === 1
      ? percentile(ascending, 0.5)
      : ((ascending[middle - 1] ?? Number.NaN) + (ascending[middle] ?? Number.NaN)) / 2;
  return { median, min: ascending[0] ?? Number.NaN, max: ascending.at(-1) ?? Number.NaN };
}

export function show({ median, min, max }: Spread, digits = 0): string {
  const [a, b, c] = [median, min, max].map((value) => value.toFixed(digits));
  return `${a} (${b}–${c})`;
}
