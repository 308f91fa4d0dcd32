import type { JsonReply } from "./json-request.ts";

/** What a fake provider does wrong with some of the calls it gets. */
export interface Fault {
  /** Routes as the call log names them; absent: every call. */
  readonly routes?: string | RegExp;
  /** How many calls it befalls; absent: all until it is lifted. */
  readonly times?: number;
  /** Milliseconds before the call is looked at, on top of the latency. */
  readonly delayMs?: number;
  /** Instead of the real answer: another one, none for ever, or a cut connection. Absent: only late. */
  readonly answer?: JsonReply | "hang" | "reset";
}

/** The faults in force; the one that was set last wins. */
export interface Faults {
  /** Returns what lifts it. */
  set(fault: Fault): () => void;
  /** The fault that befalls a call of `route`, used up by one. */
  take(route: string): Fault | undefined;
}

export function createFaults(): Faults {
  let active: { readonly fault: Fault; left: number }[] = [];

  function befalls({ routes }: Fault, route: string): boolean {
    if (routes === undefined) return true;
    return typeof routes === "string" ? routes === route : route.search(routes) >= 0;
  }

  return {
    set(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active = [entry, ...active];
      return () => {
        active = active.filter((other) => other !== entry);
      };
    },
    take(route) {
      const entry = active.find(({ fault, left }) => left > 0 && befalls(fault, route));
      if (!entry) return undefined;
      entry.left -= 1;
      if (entry.left === 0) active = active.filter((other) => other !== entry);
      return entry.fault;
    },
  };
}
