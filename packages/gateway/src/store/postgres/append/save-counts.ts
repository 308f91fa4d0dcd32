import type { Transaction } from "../database.ts";
import { toStoredText } from "../stored-text.ts";
import type { AppendDecision, DuplicateToCount, EventToStore } from "./append-decision.ts";

/** What is kept beside the events: who had how many, which copies came, who is behind a LID. */
export async function saveCounts(
  transaction: Transaction,
  { events, duplicates, learnt }: AppendDecision,
): Promise<void> {
  await Promise.all([
    saveInstances(transaction, events),
    saveDuplicates(transaction, duplicates),
    savePairs(transaction, learnt),
  ]);
}

async function saveInstances(
  transaction: Transaction,
  events: readonly EventToStore[],
): Promise<void> {
  const named = events.flatMap(({ log, event }) =>
    event.instanceId === undefined
      ? []
      : [{ log, instance: toStoredText(event.instanceId), at: event.receivedAt }],
  );
  if (named.length === 0) return;
  await transaction`
    INSERT INTO log_instances AS known (log, instance, last_received_at, count)
    SELECT log, instance, max(at), count(*) FROM unnest(
      ${named.map(({ log }) => log)}::bigint[], ${named.map(({ instance }) => instance)}::text[],
      ${named.map(({ at }) => at)}::bigint[]) AS one (log, instance, at)
    GROUP BY log, instance
    ON CONFLICT (log, instance) DO UPDATE SET
      last_received_at = greatest(known.last_received_at, excluded.last_received_at),
      count = known.count + excluded.count`;
}

async function saveDuplicates(
  transaction: Transaction,
  duplicates: readonly DuplicateToCount[],
): Promise<void> {
  if (duplicates.length === 0) return;
  await transaction`
    INSERT INTO log_duplicates AS known (log, instance, cause, count)
    SELECT log, instance, cause, count(*) FROM unnest(
      ${duplicates.map(({ log }) => log)}::bigint[],
      ${duplicates.map(({ instance }) => toStoredText(instance))}::text[],
      ${duplicates.map(({ cause }) => cause)}::text[]) AS one (log, instance, cause)
    GROUP BY log, instance, cause
    ON CONFLICT (log, instance, cause) DO UPDATE SET count = known.count + excluded.count`;
}

async function savePairs(
  transaction: Transaction,
  learnt: AppendDecision["learnt"],
): Promise<void> {
  if (learnt.length === 0) return;
  await transaction`
    INSERT INTO people_pairs (log, instance, lid, phone, learned_at) SELECT * FROM unnest(
      ${learnt.map(({ log }) => log)}::bigint[],
      ${learnt.map(({ instanceId }) => toStoredText(instanceId))}::text[],
      ${learnt.map(({ lid }) => toStoredText(lid))}::text[],
      ${learnt.map(({ phone }) => toStoredText(phone))}::text[],
      ${learnt.map(({ learnedAt }) => learnedAt)}::bigint[])
    ON CONFLICT (log, instance, lid) DO UPDATE SET phone = excluded.phone, learned_at = excluded.learned_at`;
}
