import type { SQLInputValue, StatementSync } from "node:sqlite";

/** A message's place in a list: its key, then the number of its event. */
export interface Step {
  /** What the list is in the order of; falls along the walk. */
  readonly key: number;
  readonly position: number;
}

/** Rows that are read at once: few at first, since the newest is often all that is wanted. */
const firstRows = 4;
const mostRows = 128;

/**
 * Rows of a statement from the newest on, some at a time. The statement's last three parameters are the
 * place behind which to go on, key and position, and the most rows.
 */
export function* walkBack<T extends Step>(
  statement: StatementSync,
  place: readonly SQLInputValue[],
  from: Step,
): Generator<T> {
  let last: Step = from;
  for (let count = firstRows; ; count = Math.min(4 * count, mostRows)) {
    const rows = statement.all(...place, last.key, last.position, count) as unknown as readonly T[];
    yield* rows;
    const end = rows.at(-1);
    if (!end || rows.length < count) return;
    last = end;
  }
}

/** Several walks as one, in order. */
export function* mergeWalks<T extends Step>(walks: readonly Generator<T>[]): Generator<T> {
  const heads = walks.map((walk) => ({ walk, next: walk.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done) continue;
      if (!first || first.next.done || isBefore(head.next.value, first.next.value)) first = head;
    }
    if (!first || first.next.done) return;
    yield first.next.value;
    first.next = first.walk.next();
  }
}

function isBefore(one: Step, other: Step): boolean {
  return one.key > other.key || (one.key === other.key && one.position > other.position);
}

/** In front of the newest. */
export const fromNewest: Step = { key: Number.MAX_SAFE_INTEGER, position: Number.MAX_SAFE_INTEGER };

export function writeStep({ key, position }: Step): string {
  return `${key}:${position}`;
}

/** The newest where there is no text. */
export function readStep(text: string | undefined): Step {
  const [key, position] = (text ?? "").split(":").map(Number);
  const isStep = Number.isSafeInteger(key) && Number.isSafeInteger(position);
  return isStep && key !== undefined && position !== undefined ? { key, position } : fromNewest;
}
