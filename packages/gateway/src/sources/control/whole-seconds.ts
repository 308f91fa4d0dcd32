/** What is needed of a message to cut a list by time. */
interface Timed {
  /** Unix milliseconds of whole seconds. */
  readonly sentAt?: number;
}

const secondOf = ({ sentAt }: Timed): number => Math.floor((sentAt ?? 0) / 1000);

/**
 * The beginning of `messages` (oldest first) up to about `limit`: the last second is never cut in two, and
 * something later than `since` is always in it, if there is anything. So whoever goes on from the last one's
 * time misses nothing and comes to an end.
 */
export function wholeSeconds<T extends Timed>(
  messages: readonly T[],
  limit: number,
  since: number,
): readonly T[] {
  const last = messages[Math.max(1, limit) - 1];
  if (last === undefined) return messages;
  const first = Math.floor(since / 1000);
  const later = messages.find((message) => secondOf(message) > first);
  const end = Math.max(secondOf(last), later === undefined ? first : secondOf(later));
  const cut = messages.findIndex((message) => secondOf(message) > end);
  return cut < 0 ? messages : messages.slice(0, cut);
}
