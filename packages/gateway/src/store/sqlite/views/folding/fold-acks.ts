import type { Message, MessageParty } from "@recado/protocol";
import type { Mention } from "./match-changes.ts";

type Ack = NonNullable<Message["ack"]>;

/** Who is behind an address: the person's one address, and what is known of them. */
export type PartyOf = (jid: string) => MessageParty;

/** By status, from −1. */
const names = ["error", "pending", "sent", "delivered", "read", "played"] as const;

/** Entries of the history. */
const maxHistory = 50;
const errorStatus = -1;
/** Sent: a message that got further has not failed. */
const lastThatCanFail = 1;

/** A state that somebody reported of a message. */
export type Reported = Pick<Mention, "offset" | "at" | "person"> & {
  readonly status: number | null;
};

/**
 * How far a message is: the highest state that was reported, whenever it arrived, which is first reached at
 * the earliest time it was reported for. An error counts only while nothing above "sent" is known. Pure.
 */
export function foldAcks(
  reports: readonly Reported[],
  stated: readonly Reported[],
  partyOf: PartyOf,
): Ack | undefined {
  const reached = highest([...stated, ...reports]);
  if (!reached) return undefined;
  const byPerson = Map.groupBy(
    reports.filter(({ person }) => person !== undefined),
    ({ person }) => person ?? "",
  );
  const participants = [...byPerson].flatMap(([jid, own]) => {
    const state = highest(own);
    return state ? [{ ...partyOf(jid), ...stateOf(state) }] : [];
  });
  return {
    ...stateOf(reached),
    ...(participants.length > 0 ? { participants } : {}),
    history: historyOf(reports),
  };
}

function highest(reports: readonly Reported[]): Reported | undefined {
  let top: Reported | undefined;
  let error: Reported | undefined;
  for (const report of reports) {
    if (report.status === null) continue;
    if (report.status === errorStatus) error = earlier(error, report);
    else if (top?.status == null || report.status > top.status) top = report;
    else if (report.status === top.status) top = earlier(top, report);
  }
  return error && (top?.status ?? errorStatus) <= lastThatCanFail ? error : top;
}

function earlier(one: Reported | undefined, other: Reported): Reported {
  if (!one) return other;
  return other.at < one.at || (other.at === one.at && other.offset < one.offset) ? other : one;
}

function stateOf({ status, at }: Reported): Pick<Ack, "status" | "name" | "at"> {
  const known = status ?? 0;
  return {
    status: known,
    name: names[known - errorStatus] ?? "pending",
    at: new Date(at).toISOString(),
  };
}

function historyOf(reports: readonly Reported[]): Ack["history"] {
  const tops = new Map<string, number>();
  const entries = reports
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ status, at, offset, person }) => {
      const top = tops.get(person ?? "") ?? errorStatus;
      const isLower = status !== null && status < top;
      if (status !== null && !isLower) tops.set(person ?? "", status);
      return {
        status,
        at: new Date(at).toISOString(),
        offset,
        ...(person === undefined ? {} : { participant: person }),
        ...(isLower ? ({ outOfOrder: true } as const) : {}),
      };
    });
  return entries.slice(-maxHistory);
}
