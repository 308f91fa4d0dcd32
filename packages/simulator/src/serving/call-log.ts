/** One call that reached a fake provider's management API. Never holds headers or bodies: keys are there. */
export interface Call {
  /** Unix milliseconds of its arrival. */
  readonly at: number;
  /** Method and path with its parameters named: `POST /webhook/set/:instanceName`. */
  readonly route: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Undefined while it is under way, and for ever when it was left hanging or reset. */
  readonly status: number | undefined;
}

/** What was called, so that a test can say what a client did and how fast. */
export interface CallLog {
  /** Calls of one route, or of all of them, since the beginning or the last `clear`. */
  count(route?: string): number;
  /** Count by route; only routes that were called. */
  byRoute(): Readonly<Record<string, number>>;
  /** The latest calls, oldest first: at least 5,000 and at most 10,000 of them. */
  recent(): readonly Call[];
  /** The most calls that arrived within any `windowMs` among the recent ones. */
  peak(windowMs: number): number;
  clear(): void;
}

/** The side of the server that writes. */
export interface CallRecorder extends CallLog {
  /** Notes an arrival; call what it returns with the status that was answered. */
  arrived(call: Omit<Call, "status">): (status: number) => void;
}

const mostRecent = 10_000;

export function createCallLog(): CallRecorder {
  const counts = new Map<string, number>();
  let recent: { at: number; route: string; url: string; status: number | undefined }[] = [];

  return {
    count: (route) =>
      route === undefined
        ? [...counts.values()].reduce((sum, count) => sum + count, 0)
        : (counts.get(route) ?? 0),
    byRoute: () => Object.fromEntries(counts),
    recent: () => recent.map((call) => ({ ...call })),
    peak(windowMs) {
      let from = 0;
      let most = 0;
      recent.forEach(({ at }, index) => {
        while (at - (recent[from]?.at ?? at) >= windowMs) from += 1;
        most = Math.max(most, index - from + 1);
      });
      return most;
    },
    clear() {
      counts.clear();
      recent = [];
    },
    arrived(call) {
      const entry = { ...call, status: undefined as number | undefined };
      counts.set(call.route, (counts.get(call.route) ?? 0) + 1);
      recent.push(entry);
      if (recent.length > mostRecent) recent = recent.slice(-mostRecent / 2);
      return (status) => {
        entry.status = status;
      };
    },
  };
}
