/** Randomness that a seed repeats exactly: the same seed gives the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [low, high]. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** `count` characters out of `alphabet`. */
  text(alphabet: string, count: number): string;
  bytes(count: number): Uint8Array;
  /**
   * An independent stream named by `label`: drawing more from one does not shift what another gives, so
   * adding a kind of event leaves the others as they were.
   */
  fork(label: string): Random;
}

/** FNV-1a over the UTF-16 units: spreads neighbouring seeds and labels far apart. */
function hash(text: string): number {
  let state = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 16_777_619);
  }
  return state >>> 0;
}

/** Mulberry32: 32 bits of state, even enough for traffic, and short enough to read. */
function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Creates the stream of `seed`. */
export function createRandom(seed: number | string): Random {
  const next = stream(hash(String(seed)));
  const integer = (low: number, high: number): number =>
    low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick<T>(items: readonly T[]): T {
      const item = items[integer(0, items.length - 1)];
      if (item === undefined) throw new RangeError("nothing to pick from");
      return item;
    },
    text: (alphabet, count) =>
      Array.from({ length: count }, () => alphabet[integer(0, alphabet.length - 1)]).join(""),
    bytes: (count) => Uint8Array.from({ length: count }, () => integer(0, 255)),
    fork: (label) => createRandom(`${seed}/${label}`),
  };
}
