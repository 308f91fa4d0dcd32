import { storedConfig, type WahaConfig } from "./session-config.ts";
import type { WahaMe } from "./waha-webhook.ts";

/** A session of the fake WAHA, and how the server shows it. */
export interface FakeWahaSession {
  readonly name: string;
  readonly me?: WahaMe;
  /** Default WORKING with `me`, STOPPED without. */
  readonly status?: string;
  readonly config?: WahaConfig;
}

/** Its state inside the server. */
export interface FakeSession {
  readonly name: string;
  me: WahaMe | null;
  status: string;
  /** Null: never set. Undefined: wiped by a PUT without one. */
  config: WahaConfig | null | undefined;
  /** The last three statuses since the start, as `session.status` shows them. */
  statuses: { readonly status: string; readonly timestamp: number }[];
}

export function createSession(given: FakeWahaSession, now: number): FakeSession {
  const { name, me = null, config = null, status = me ? "WORKING" : "STOPPED" } = given;
  const statuses = status === "STOPPED" ? [] : [{ status, timestamp: now }];
  return { name, me, config: config && storedConfig(config), status, statuses };
}

/** Takes on a status and returns the payload that announces it. A start begins the history anew. */
export function enterStatus(
  session: FakeSession,
  status: string,
  now: number,
): Readonly<Record<string, unknown>> {
  const started = status === "STARTING" && session.status === "STOPPED";
  const before = started ? [] : session.statuses;
  session.status = status;
  session.statuses = [...before, { status, timestamp: now }].slice(-3);
  return { name: session.name, status, statuses: session.statuses };
}

/** A session as listed; the single view adds `engine`. */
export function listedSession({
  name,
  status,
  config,
  me,
}: FakeSession): Readonly<Record<string, unknown>> {
  const timestamps = status === "STOPPED" ? { activity: null } : {};
  return { name, status, config, me, presence: null, timestamps };
}

export function shownSession(session: FakeSession): Readonly<Record<string, unknown>> {
  return {
    ...listedSession(session),
    engine: session.status === "STOPPED" ? {} : { engine: "NOWEB" },
  };
}
