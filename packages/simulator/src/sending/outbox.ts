import { type Clock, waitFor } from "../clock.ts";
import type { Random } from "../random.ts";
import type { AttemptRecord, DeliveryReport, RetryRule } from "./attempt.ts";
import { createHttpClient, type HttpPost } from "./http-post.ts";

/**
 * Sends posts by a retry rule, all of them at once and in no order, as both providers do.
 *
 * Owns: attempts under way, their waits. Must not know: envelopes, signatures.
 *
 * I1 Every attempt of one post carries the same bytes and headers ("a repetition is byte for byte the
 *    first request").
 * I2 What waits lives in memory only: closing reports it as `stopped`, as a provider's restart loses it
 *    ("closing ends waits and hanging requests").
 */
export interface Outbox {
  /** Never rejects: what happened is in the report. */
  send(event: string, post: HttpPost, rule: RetryRule): Promise<DeliveryReport>;
  /** Resolves when nothing is under way or waiting any more. */
  idle(): Promise<void>;
  /** Gives up what is under way and closes the connections. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Longest random wait before the first attempt: mixes the order of simultaneous events. Default 0. */
  readonly disorderMs?: number;
  readonly onAttempt?: (url: string, event: string, attempt: AttemptRecord) => void;
}

export function createOutbox({ clock, random, disorderMs = 0, onAttempt }: OutboxOptions): Outbox {
  const client = createHttpClient(clock);
  const stop = new AbortController();
  const pending = new Set<Promise<DeliveryReport>>();

  async function attempts(event: string, post: HttpPost, rule: RetryRule): Promise<DeliveryReport> {
    const made: AttemptRecord[] = [];
    const report = (result: DeliveryReport["result"]): DeliveryReport => ({
      url: post.url,
      event,
      attempts: made,
      result,
    });
    if (disorderMs > 0 && !(await waitFor(clock, random.next() * disorderMs, stop.signal)))
      return report("stopped");
    for (;;) {
      const startedAt = clock.now();
      const outcome = await client.post(post, stop.signal);
      if (stop.signal.aborted && outcome.kind === "failed") return report("stopped");
      const next = rule.next(made.length + 1, outcome, random.next(), clock.now());
      const record: AttemptRecord = { number: made.length + 1, startedAt, outcome, next };
      made.push(record);
      onAttempt?.(post.url, event, record);
      if (next.kind !== "retry") return report(next.kind);
      if (!(await waitFor(clock, next.waitMs, stop.signal))) return report("stopped");
    }
  }

  return {
    send(event, post, rule) {
      const timeout = rule.timeoutMs === undefined ? {} : { timeoutMs: rule.timeoutMs };
      const running = attempts(event, { ...post, ...timeout }, rule);
      pending.add(running);
      return running.finally(() => pending.delete(running));
    },
    async idle() {
      while (pending.size > 0) await Promise.all(pending);
    },
    async close() {
      stop.abort();
      while (pending.size > 0) await Promise.all(pending);
      client.close();
    },
  };
}
