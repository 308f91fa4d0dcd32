import { readIdCursor, writeCursor, type ListPlace } from "./cursors.ts";

/** Most items that the store gives at once. */
const storeLimit = 1_000;

export interface PageQuery {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Reads items behind the one with the id `lastId`. */
type ReadPage<T> = (lastId: string | undefined, limit: number) => Promise<readonly T[]>;

async function readWithOneMore<T extends { readonly id: string }>(
  read: ReadPage<T>,
  lastId: string | undefined,
  limit: number,
): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
  const found = await read(lastId, Math.min(limit + 1, storeLimit));
  if (found.length > limit) return { items: found.slice(0, limit), more: true };
  // At the store's own limit there is no room for one more: ask for it.
  const last = found.at(-1);
  const full = found.length === storeLimit && last !== undefined;
  return { items: found, more: full && (await read(last.id, 1)).length > 0 };
}

/**
 * One page of a list in the form of every list: `{data, nextCursor?}`. Items that `present` answers
 * with undefined are left out; a page may then be shorter than its limit and still have a next one.
 */
export async function pageOf<T extends { readonly id: string }, R>(
  place: ListPlace,
  query: PageQuery,
  read: ReadPage<T>,
  present: (item: T) => R | undefined | Promise<R | undefined>,
): Promise<{ data: R[]; nextCursor?: string }> {
  const { items, more } = await readWithOneMore(
    read,
    readIdCursor(place, query.after),
    query.limit,
  );
  const last = items.at(-1);
  const presented = await Promise.all(items.map(async (item) => present(item)));
  return {
    data: presented.filter((item) => item !== undefined),
    ...(more && last ? { nextCursor: writeCursor(place, last.id) } : {}),
  };
}

/** The store's own form of a page. */
export function storePage(
  afterId: string | undefined,
  limit: number,
): { readonly afterId?: string; readonly limit: number } {
  return { ...(afterId !== undefined ? { afterId } : {}), limit };
}
