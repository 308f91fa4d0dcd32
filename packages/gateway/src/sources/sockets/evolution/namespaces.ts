/**
 * Which of Evolution's namespaces to be in. Pure.
 *
 * `/` carries every event of every instance, but only where the server was started with global events, and
 * that cannot be asked: it is joined either way, and silent otherwise. An instance's own namespace exists
 * from its first event after the server's start on, so that a missing one is tried again for ever. Both
 * may carry the same event; the door keeps it once.
 */
export interface Namespaces {
  /** An event came on `/`: it carries everything, and the instances' own ones are not needed. */
  readonly isGlobal: boolean;
  /** Joined, or on the way. */
  readonly joined: ReadonlySet<string>;
  /** Since when the namespace of an instance is known not to be there, Unix milliseconds. */
  readonly missing: ReadonlyMap<string, number>;
}

export const noNamespaces: Namespaces = {
  isGlobal: false,
  joined: new Set(),
  missing: new Map(),
};

/** Names that cannot be written into a packet, or stand for the global namespace. */
function isJoinable(name: string): boolean {
  return name !== "" && !name.includes(",");
}

/**
 * Which of the wanted instances' namespaces are to be joined, and which are to be let go. Those that are
 * missing are tried again by their own clock.
 */
export function namespacePlan(
  { isGlobal, joined, missing }: Namespaces,
  wanted: readonly string[],
): { readonly join: readonly string[]; readonly leave: readonly string[] } {
  const own = isGlobal ? new Set<string>() : new Set(wanted.filter(isJoinable));
  return {
    join: [...own].filter((name) => !joined.has(name) && !missing.has(name)),
    leave: [...joined, ...missing.keys()].filter((name) => !own.has(name)),
  };
}

export function withJoined(state: Namespaces, name: string): Namespaces {
  const missing = new Map(state.missing);
  missing.delete(name);
  return { ...state, joined: new Set([...state.joined, name]), missing };
}

export function withLeft(state: Namespaces, name: string): Namespaces {
  const joined = new Set(state.joined);
  const missing = new Map(state.missing);
  joined.delete(name);
  missing.delete(name);
  return { ...state, joined, missing };
}

/** Keeps the first time at which it was missing. */
export function withMissing(state: Namespaces, name: string, now: number): Namespaces {
  const since = state.missing.get(name) ?? now;
  const left = withLeft(state, name);
  return { ...left, missing: new Map([...left.missing, [name, since]]) };
}
