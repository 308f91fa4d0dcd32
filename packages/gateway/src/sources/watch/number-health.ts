import {
  codeLoopAt,
  stormAt,
  type CodeRun,
  type Connection,
  type Storm,
} from "./number/connection.ts";
import { stateSentence, type Sentence } from "./number/state-sentence.ts";
import type { Incident, Probe, Restart, WatchedNumber } from "./number/watched-number.ts";
import type { ReconcileReport } from "./reconcile/reconcile-record.ts";
import { expectedInHour } from "./silence/rhythm.ts";
import { silenceOf, type SilenceLevel } from "./silence/silence-rule.ts";

/** Everything there is to say of a number. Times are Unix milliseconds. */
export interface NumberHealth {
  readonly connection: Connection | undefined;
  readonly sentence: Sentence;
  readonly storm?: Storm;
  readonly codeLoop?: CodeRun;
  readonly lastEventAt?: number;
  readonly lastMessageAt?: number;
  readonly lastAckAt?: number;
  readonly probe?: Probe;
  readonly silence: {
    /** Minutes since the last event; absent when there was none. */
    readonly minutes?: number;
    /** Active minutes that are usual in that time, and in an hour like this one. */
    readonly expected: number;
    readonly usualPerHour: number;
    readonly level: SilenceLevel;
  };
  readonly incident?: Incident;
  readonly pastIncidents: readonly Incident[];
  readonly restarts: readonly Restart[];
  /** The provider's messages from here on may be missing and are not compared yet. */
  readonly gapFrom?: number;
  readonly reconcile?: ReconcileReport;
}

type Evidence = Pick<
  NumberHealth,
  "lastEventAt" | "lastMessageAt" | "lastAckAt" | "probe" | "gapFrom"
>;

function evidenceOf({ traffic, probe, gapFrom }: WatchedNumber): Evidence {
  return {
    ...(traffic.eventAt > 0 ? { lastEventAt: traffic.eventAt } : {}),
    ...(traffic.messageAt > 0 ? { lastMessageAt: traffic.messageAt } : {}),
    ...(traffic.ackAt > 0 ? { lastAckAt: traffic.ackAt } : {}),
    ...(probe ? { probe } : {}),
    ...(gapFrom === undefined ? {} : { gapFrom }),
  };
}

function silenceNow(number: WatchedNumber, now: number): NumberHealth["silence"] {
  const { traffic, rhythm, steadySince = 0 } = number;
  const usualPerHour = expectedInHour(rhythm, Math.floor(now / 3_600_000));
  if (traffic.eventAt === 0) return { expected: 0, usualPerHour, level: "usual" };
  const minutes = Math.max(0, Math.floor((now - traffic.eventAt) / 60_000));
  if (number.connection.state !== "open")
    return { minutes, expected: 0, usualPerHour, level: "usual" };
  const { expected, level } = silenceOf(rhythm, Math.max(traffic.eventAt, steadySince), now);
  return { minutes, expected, usualPerHour, level };
}

/** How a number is at `now`; undefined stands for one of which nothing was heard. Pure. */
export function numberHealth(
  number: WatchedNumber | undefined,
  reconcile: ReconcileReport | undefined,
  now: number,
): NumberHealth {
  const compared = reconcile ? { reconcile } : {};
  if (!number) {
    return {
      connection: undefined,
      sentence: stateSentence({}),
      silence: { expected: 0, usualPerHour: 0, level: "usual" },
      pastIncidents: [],
      restarts: [],
      ...compared,
    };
  }
  const { connection, incident, pastIncidents, restarts } = number;
  const storm = stormAt(connection, now);
  const codeLoop = codeLoopAt(connection, now);
  const silence = silenceNow(number, now);
  const sentence = stateSentence({
    state: connection.state,
    reason: connection.reason,
    code: connection.code,
    stormChanges: storm?.changes,
    loopCodes: codeLoop?.count,
    silentMinutes: incident ? silence.minutes : undefined,
    isFrozen: incident?.kind === "frozen",
  });
  return {
    connection,
    sentence,
    ...(storm ? { storm } : {}),
    ...(codeLoop ? { codeLoop } : {}),
    ...evidenceOf(number),
    silence,
    ...(incident ? { incident } : {}),
    pastIncidents,
    restarts,
    ...compared,
  };
}
