import { isSince, type WahaEdition } from "../edition.ts";
import { createMailbox, type Mailbox } from "../mailbox/mailbox.ts";
import type { WahaMe } from "../waha-webhook.ts";
import { storedConfig, type WahaConfig } from "./session-config.ts";

/** A session of the fake WAHA, and how the server shows it. */
export interface FakeWahaSession {
  readonly name: string;
  /** The account that it is paired with. */
  readonly me?: WahaMe;
  /** Default WORKING with `me`, STOPPED without. */
  readonly status?: string;
  readonly config?: WahaConfig;
  /** Message payloads that are there from the start, in the form of webhooks or of lists. */
  readonly messages?: readonly unknown[];
  /** `apps` as `expand=apps` shows them. */
  readonly apps?: readonly unknown[];
}

/** Its state inside the server. */
export interface FakeSession {
  readonly name: string;
  /** What the server shows: known while connected. */
  me: WahaMe | null;
  /** The account that a start connects; null when a code must be scanned first. */
  account: WahaMe | null;
  status: string;
  /** Null: never set. Undefined: wiped by a PUT without one. */
  config: WahaConfig | null | undefined;
  /** The last three statuses since the start, as `session.status` shows them. */
  statuses: { readonly status: string; readonly timestamp: number }[];
  /** The code that is waiting to be scanned. */
  qr: string | null;
  /** Which code of the start it is; the first is 1. */
  qrNumber: number;
  /** `data` of a status that has some, which is what the passkey routes show. */
  statusData: unknown;
  readonly apps: readonly unknown[];
  readonly mailbox: Mailbox;
  /** The status stays, nothing is told. */
  frozen: boolean;
  /** Ends what was planned for the session. */
  cancel: () => void;
}

export const nothingPlanned = (): void => {};

export function createSession(given: FakeWahaSession, now: number): FakeSession {
  const { name, me = null, config = null, status = me ? "WORKING" : "STOPPED" } = given;
  const mailbox = createMailbox();
  for (const message of given.messages ?? []) mailbox.keep(message);
  return {
    name,
    me: status === "WORKING" ? me : null,
    account: me,
    status,
    config: config && storedConfig(config),
    statuses: status === "STOPPED" ? [] : [{ status, timestamp: now }],
    qr: null,
    qrNumber: 0,
    statusData: null,
    apps: given.apps ?? [],
    mailbox,
    frozen: false,
    cancel: nothingPlanned,
  };
}

/**
 * Takes on a status and returns the payload that announces it. A start begins the history anew. `data`
 * exists since 2026.7.
 */
export function enterStatus(
  session: FakeSession,
  status: string,
  now: number,
  version: string,
  data: unknown = null,
): Readonly<Record<string, unknown>> {
  const started = status === "STARTING" && session.status === "STOPPED";
  const before = started ? [] : session.statuses;
  session.status = status;
  session.statusData = data;
  session.statuses = [...before, { status, timestamp: now }].slice(-3);
  const payload = { name: session.name, status, statuses: session.statuses };
  return isSince(version, "2026.7.0") ? { ...payload, data } : payload;
}

/** A session as listed; the single view adds `engine`. */
export function listedSession(
  { name, status, config, me }: FakeSession,
  { version }: WahaEdition,
): Readonly<Record<string, unknown>> {
  // Recorded with `activity` on 2026.2.1 only while stopped, documented always for 2026.7.1.
  const always = isSince(version, "2026.7.0");
  const timestamps = always || status === "STOPPED" ? { activity: null } : {};
  return { name, status, config, me, presence: null, timestamps };
}

export function shownSession(
  session: FakeSession,
  edition: WahaEdition,
  expand: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  return {
    ...listedSession(session, edition),
    ...(expand.includes("apps") ? { apps: session.apps } : {}),
    engine: session.status === "STOPPED" ? {} : { engine: edition.engine },
  };
}
