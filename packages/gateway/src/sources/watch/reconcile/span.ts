import type { ReconcileReport } from "./reconcile-record.ts";

/** Which of the provider's messages are to be compared. Pure; times are Unix milliseconds. */
export interface SpanFacts {
  readonly now: number;
  /** Our instance was made then: what lies before was never to be ours. */
  readonly createdAt: number;
  /** From here on something may be missing. */
  readonly gapFrom?: number | undefined;
  /** The provider's time of the newest message that we have. */
  readonly newestMessageAt?: number | undefined;
  /** The run before. */
  readonly last?: ReconcileReport | undefined;
  /** What a person asked for. */
  readonly since?: number | undefined;
}

export interface Span {
  readonly since: number;
  readonly until: number;
}

/** Clocks differ, and messages are stored out of order: so much is looked at twice. */
export const overlapMs = 10 * 60_000;
/** No run reaches further back; older messages help nobody who waits for an answer. */
export const longestSpanMs = 7 * 86_400_000;
/** Where nothing says how far back to look. */
const usualSpanMs = 60 * 60_000;

export function spanOf(facts: SpanFacts): Span {
  const { now, createdAt, gapFrom, newestMessageAt, last } = facts;
  const unfinished = last && (last.status !== "done" || !last.complete) ? last.reached : undefined;
  const known = [gapFrom, unfinished].filter((at) => at !== undefined);
  const from =
    facts.since ??
    (known.length > 0 ? Math.min(...known) : newestMessageAt || now - usualSpanMs) - overlapMs;
  const earliest = Math.max(createdAt, now - longestSpanMs);
  return { since: Math.min(Math.max(from, earliest), now), until: now };
}

/** A page of the provider's list: how far it reaches, and where and how large the next one is. */
export interface PageFacts {
  readonly since: number;
  readonly limit: number;
  readonly newest?: number | undefined;
}

export interface NextPage {
  readonly since: number;
  readonly limit: number;
}

export const pageLimit = 200;
const largestPage = 3_200;

/**
 * The page behind one that was not complete. Times of messages are whole seconds: the next page begins in the
 * second in which this one ended. More messages than a page in one second need a larger page; beyond the
 * largest the second is passed over, rather than reading it for ever.
 */
export function nextPage({ since, limit, newest }: PageFacts): NextPage {
  const end = newest ?? since;
  if (end > since) return { since: end, limit: pageLimit };
  if (limit < largestPage) return { since, limit: limit * 4 };
  return { since: since + 1_000, limit: pageLimit };
}
