import type { ConnectionReason, ConnectionState, Person } from "@recado/protocol";

/**
 * How a number is connected and how it came to be so, out of what was said about it. Pure.
 *
 * I1 The state is the last one that was said and is not older than what was known (`connection.test.ts`).
 * I2 The history is bounded: a storm of changes is one row that counts (`connection.test.ts`).
 * I3 A logout or a ban is noted once, until the number was connected again (`connection.test.ts`).
 */
export interface Connection {
  /** Absent until anybody said it. */
  readonly state?: ConnectionState;
  /** The provider's own word. */
  readonly providerState?: string;
  /** When the present state began, Unix milliseconds. */
  readonly since: number;
  readonly reason?: ConnectionReason;
  /** The provider's own number. */
  readonly code?: number;
  /** Whose number it is; stays after it was disconnected. */
  readonly account?: Person;
  /** The provider's own time of what was said last, where it has one. */
  readonly saidAt?: number;
  /** Oldest first, at most {@link longestHistory}. */
  readonly history: readonly HistoryRow[];
  /** Times of the newest changes, for telling a storm; at most {@link stormChanges}. */
  readonly recent: readonly number[];
  readonly storm?: Storm;
  /** Codes shown one after the other without anybody reading them. */
  readonly codes?: CodeRun;
  readonly lost?: Lost;
  readonly counts: ConnectionCounts;
}

/** One state, or a storm of them (`changes` above 1) with the state in which it ended. */
export interface HistoryRow {
  readonly from: number;
  readonly state: ConnectionState;
  readonly changes: number;
  /** Time of the last change of a storm. */
  readonly last?: number;
  readonly reason?: ConnectionReason;
  readonly code?: number;
}

export interface Storm {
  readonly since: number;
  readonly changes: number;
  readonly last: number;
}

export interface CodeRun {
  readonly since: number;
  readonly count: number;
  readonly last: number;
}

/** The pairing is gone. */
export interface Lost {
  readonly reason: "logged_out" | "banned";
  readonly at: number;
  /** An `instance.logged_out` says it. */
  readonly told: boolean;
}

export interface ConnectionCounts {
  readonly changes: number;
  /** Said again what was known. */
  readonly repeats: number;
  /** Older than what was known, and left aside. */
  readonly stale: number;
  readonly codes: number;
}

export interface ConnectionNews {
  readonly state: ConnectionState;
  readonly providerState: string;
  readonly reason?: ConnectionReason | undefined;
  readonly code?: number | undefined;
  readonly account?: Person | undefined;
  /** The provider's own time, where it gave one. */
  readonly saidAt?: number | undefined;
}

export const longestHistory = 50;
/** So many changes within {@link stormWindowMs} are a storm: a phone that changes networks makes three or four. */
export const stormChanges = 6;
export const stormWindowMs = 10 * 60_000;
/** A run of codes this long and this fast is a loop: people get a new code each 20 s at the fastest. */
const loopCodes = 10;
const loopPaceMs = 10_000;
/** Retries end within half an hour; what lies further back is a provider's clock that was set. */
const staleReachMs = 60 * 60_000;
/** A code is shown for a minute at most; after this the next one begins a run of its own. */
const codeRunGapMs = 3 * 60_000;

export const unknownConnection: Connection = {
  since: 0,
  history: [],
  recent: [],
  counts: { changes: 0, repeats: 0, stale: 0, codes: 0 },
};

const gone = new Set<ConnectionReason | undefined>(["logged_out", "banned"]);

function lostAfter(before: Connection, news: ConnectionNews, at: number): Lost | undefined {
  if (news.state === "open") return undefined;
  const { lost } = before;
  if (news.state !== "close" || !gone.has(news.reason)) return lost;
  const reason = news.reason === "banned" ? "banned" : (lost?.reason ?? "logged_out");
  return lost ? { ...lost, reason } : { reason, at, told: false };
}

function rowOf(news: ConnectionNews, at: number): HistoryRow {
  const { state, reason, code } = news;
  return {
    from: at,
    state,
    changes: 1,
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
  };
}

type Told = Pick<Connection, "history" | "recent"> & { readonly storm?: Storm };

/** The history with one more change; inside a storm its row counts on. */
function withChange(before: Connection, row: HistoryRow, at: number): Told {
  const recent = [...before.recent.filter((time) => time > at - stormWindowMs), at].slice(
    -stormChanges,
  );
  const { storm, history } = before;
  if (storm && at - storm.last <= stormWindowMs) {
    const open = history.at(-1) ?? row;
    const going = { ...row, from: open.from, changes: open.changes + 1, last: at };
    return {
      recent,
      history: [...history.slice(0, -1), going],
      storm: { since: storm.since, changes: storm.changes + 1, last: at },
    };
  }
  if (recent.length < stormChanges) {
    return { recent, history: [...history, row].slice(-longestHistory) };
  }
  const since = recent[0] ?? at;
  const calm = history.filter(({ from }) => from < since);
  const folded = { ...row, from: since, changes: recent.length, last: at };
  return {
    recent,
    history: [...calm, folded].slice(-longestHistory),
    storm: { since, changes: recent.length, last: at },
  };
}

type Facts = Pick<Connection, "providerState" | "reason" | "code" | "account" | "saidAt">;

function factsOf(before: Connection, news: ConnectionNews, repeats: boolean): Facts {
  const reason = news.reason ?? (repeats ? before.reason : undefined);
  const code = news.code ?? (repeats ? before.code : undefined);
  const account = news.account ?? before.account;
  const saidAt = news.saidAt ?? before.saidAt;
  return {
    providerState: news.providerState,
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(account === undefined ? {} : { account }),
    ...(saidAt === undefined ? {} : { saidAt }),
  };
}

/** A later word about the same state may bring the reason; it makes no row of its own. */
function enriched(history: readonly HistoryRow[], facts: Facts): readonly HistoryRow[] {
  const row = history.at(-1);
  if (!row || facts.reason === undefined || row.reason === facts.reason) return history;
  const { reason, code } = facts;
  return [...history.slice(0, -1), { ...row, reason, ...(code === undefined ? {} : { code }) }];
}

/**
 * Takes a word about the state that came at `at` (Unix milliseconds, our clock; one before the present
 * state counts as that moment). What the provider itself dates before what it said last is left aside:
 * a webhook that was tried again overtakes nothing.
 */
export function connectionTold(before: Connection, news: ConnectionNews, at: number): Connection {
  const { counts } = before;
  const behindMs = (before.saidAt ?? 0) - (news.saidAt ?? Infinity);
  if (behindMs > 0 && behindMs <= staleReachMs) {
    return { ...before, counts: { ...counts, stale: counts.stale + 1 } };
  }
  const when = Math.max(at, before.since);
  const repeats = news.state === before.state;
  const facts = factsOf(before, news, repeats);
  const told: Told = repeats
    ? {
        history: enriched(before.history, facts),
        recent: before.recent,
        ...(before.storm ? { storm: before.storm } : {}),
      }
    : withChange(before, rowOf(news, when), when);
  const lost = lostAfter(before, news, when);
  return {
    ...told,
    ...facts,
    state: news.state,
    since: repeats ? before.since : when,
    ...(news.state === "open" || !before.codes ? {} : { codes: before.codes }),
    ...(lost ? { lost } : {}),
    counts: {
      ...counts,
      ...(repeats ? { repeats: counts.repeats + 1 } : { changes: counts.changes + 1 }),
    },
  };
}

/**
 * A code to scan was shown. A number that had an account asks for none unless its pairing is gone: that is
 * how a logout on the phone shows at WAHA, which only says FAILED.
 */
export function codeShown(before: Connection, at: number): Connection {
  const run = before.codes;
  const goesOn = run !== undefined && at - run.last <= codeRunGapMs;
  const wasPaired = before.account !== undefined && before.state !== "open";
  const lost: Lost | undefined =
    before.lost ?? (wasPaired ? { reason: "logged_out", at, told: false } : undefined);
  return {
    ...before,
    ...(lost ? { lost } : {}),
    codes: goesOn
      ? { since: run.since, count: run.count + 1, last: Math.max(at, run.last) }
      : { since: at, count: 1, last: at },
    counts: { ...before.counts, codes: before.counts.codes + 1 },
  };
}

/** An `instance.logged_out` came, the provider's or our own. */
export function logoutTold(before: Connection, at: number): Connection {
  const known = before.lost ?? { reason: "logged_out", at, told: true };
  const closed =
    before.state === "close"
      ? before
      : connectionTold(
          before,
          { state: "close", providerState: "logged_out", reason: known.reason },
          at,
        );
  return { ...closed, lost: { ...known, told: true } };
}

/** The storm at `now`; undefined when it is over. */
export function stormAt(connection: Connection, now: number): Storm | undefined {
  const { storm } = connection;
  return storm && now - storm.last <= stormWindowMs ? storm : undefined;
}

/** Codes come faster than anybody could scan them: the provider starts over and over again. */
export function codeLoopAt(connection: Connection, now: number): CodeRun | undefined {
  const { codes } = connection;
  if (!codes || now - codes.last > codeRunGapMs || codes.count < loopCodes) return undefined;
  return (codes.last - codes.since) / (codes.count - 1) < loopPaceMs ? codes : undefined;
}
