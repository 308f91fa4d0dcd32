import { noRhythm, type Rhythm } from "../silence/rhythm.ts";
import { unknownConnection, type Connection } from "./connection.ts";
import { noTraffic, type Traffic } from "./traffic.ts";

/** Everything that is known of one number. One object per number, changed in place. */
export interface WatchedNumber {
  readonly tenantId: string;
  readonly instanceId: string;
  connection: Connection;
  readonly traffic: Traffic;
  rhythm: Rhythm;
  /** The newest hour (Unix hours) that the rhythm was taught, or that was passed over. */
  learntHour: number;
  /**
   * Since when the number is open, without an incident, and we listen: only whole hours of that are learnt.
   * Unix milliseconds.
   */
  steadySince: number | undefined;
  probe: Probe | undefined;
  /** The provider's messages from here on (Unix milliseconds, its time) may be missing. */
  gapFrom: number | undefined;
  /** Up to here (Unix milliseconds) everything that the provider had was compared. */
  comparedUntil: number | undefined;
  incident: Incident | undefined;
  /** Those that are over, oldest first, at most {@link mostIncidents}. */
  pastIncidents: readonly Incident[];
  /** Automatic restarts, newest last, at most {@link mostRestarts}. */
  restarts: readonly Restart[];
  /** The newest event of the log that is in all of this. */
  offset: number;
}

/** What the provider answered when it was asked. */
export interface Probe {
  readonly at: number;
  /** `open`, `connecting`, `close`, or why there was no answer (`unreachable`, `not_found`, …). */
  readonly answer: string;
  readonly providerState?: string;
}

/** Something is wrong although the state says open. */
export interface Incident {
  readonly kind: "silent" | "frozen";
  /** `webhooks_lost`, `provider_does_not_answer`, … as in the event. */
  readonly reason: string;
  /** The last event before it, Unix milliseconds. */
  readonly since: number;
  readonly foundAt: number;
  readonly evidence: Readonly<Record<string, unknown>>;
  /** When the provider sent something again. */
  readonly until?: number;
}

export interface Restart {
  readonly at: number;
  /** Why it did not work. */
  readonly error?: string;
}

export const mostIncidents = 20;
export const mostRestarts = 10;

export function newlyWatched(tenantId: string, instanceId: string): WatchedNumber {
  return {
    tenantId,
    instanceId,
    connection: unknownConnection,
    traffic: noTraffic(),
    rhythm: noRhythm,
    learntHour: 0,
    steadySince: undefined,
    probe: undefined,
    gapFrom: undefined,
    comparedUntil: undefined,
    incident: undefined,
    pastIncidents: [],
    restarts: [],
    offset: 0,
  };
}

/** The incident is over; it stays readable. */
export function endIncident(number: WatchedNumber, at: number): void {
  const { incident } = number;
  if (!incident) return;
  number.incident = undefined;
  number.pastIncidents = [...number.pastIncidents, { ...incident, until: at }].slice(
    -mostIncidents,
  );
}
