import type { ReceivedRequest } from "./received-request.ts";

/** What a receiver remembers, and who waits for it. */
export interface RequestLog {
  readonly requests: readonly ReceivedRequest[];
  /** Remembers a request; the oldest goes when there are more than the bound. */
  add(request: ReceivedRequest): void;
  waitFor(
    count: number,
    where?: (request: ReceivedRequest) => boolean,
  ): Promise<readonly ReceivedRequest[]>;
  /** Rejects every wait with the count that was reached. */
  end(): void;
}

interface Waiter {
  readonly count: number;
  readonly where: (request: ReceivedRequest) => boolean;
  readonly resolve: (requests: readonly ReceivedRequest[]) => void;
  readonly reject: (error: Error) => void;
}

/** Remembers at most `keep` requests. */
export function createRequestLog(keep: number): RequestLog {
  const requests: ReceivedRequest[] = [];
  const waiters = new Set<Waiter>();

  function settle(waiter: Waiter): void {
    const matching = requests.filter(waiter.where);
    if (matching.length < waiter.count) return;
    waiters.delete(waiter);
    waiter.resolve(matching);
  }

  return {
    requests,
    add(request) {
      requests.push(request);
      if (requests.length > keep) requests.shift();
      for (const waiter of waiters) settle(waiter);
    },
    waitFor(count, where = () => true) {
      return new Promise((resolve, reject) => {
        const waiter = { count, where, resolve, reject };
        waiters.add(waiter);
        settle(waiter);
      });
    },
    end() {
      for (const { count, where, reject } of waiters) {
        const reached = requests.filter(where).length;
        reject(new Error(`the receiver closed with ${reached} of ${count} requests`));
      }
      waiters.clear();
    },
  };
}
