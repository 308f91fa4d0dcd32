import type { Clock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { WahaMe } from "../waha-webhook.ts";
import { type FakeSession, nothingPlanned } from "./fake-session.ts";

/**
 * How a session moves from status to status by itself, as recorded on NOWEB.
 *
 * Owns: what follows what, and when. Must not know: HTTP, webhooks (it announces through a callback).
 *
 * I1 A start connects a paired session and shows codes on another ("a start connects a paired session by
 *    itself").
 * I2 A code lives 60 s, the next ones 20 s each, each announced anew; after the last the session fails
 *    ("codes are renewed until the last, then the session fails").
 * I3 Whatever was planned ends with the next transition: no status of before arrives after it ("a stop
 *    ends what was planned").
 */
export interface Lifecycle {
  /** STARTING, and what follows from there. */
  start(session: FakeSession): void;
  /** STOPPED; told with the account that was shown until now. */
  stop(session: FakeSession): void;
  /** A code was scanned, or its pairing code entered: STARTING, then WORKING as `account`. */
  scan(session: FakeSession, account: WahaMe): void;
  /** The connection drops: STARTING, and stays there until `connect`. */
  drop(session: FakeSession, statusCode: number): void;
  /** The next code now, or the end after the last. */
  nextCode(session: FakeSession): void;
  /** WORKING when paired, a code otherwise. */
  connect(session: FakeSession): void;
  /** FAILED; `forget` when the account is gone for good, as after a logout on the phone. */
  fail(session: FakeSession, statusCode: number, forget: boolean): void;
  /** WhatsApp cannot be reached: STARTING every 2 s, FAILED after sixty in a row. */
  loop(session: FakeSession): void;
  /** Resolves when no session is between a start and what follows it at once. */
  idle(): Promise<void>;
}

export interface LifecycleOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Time between STARTING and what follows; `never` leaves that to the scenario. */
  readonly connectAfterMs: number | "never";
  /** Whether WhatsApp can be reached; otherwise a start loops. */
  readonly reachable: () => boolean;
  /** Takes on the status and tells it. */
  readonly announce: (session: FakeSession, status: string) => void;
  /** `state.change`: the engine's own words about the connection. */
  readonly tellState: (session: FakeSession, state: unknown) => void;
}

const firstCodeMs = 60_000;
const laterCodeMs = 20_000;
/** Codes that WhatsApp hands out for one start. */
const codes = 6;
const loopMs = 2_000;
const loops = 60;

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A code of the form that phones scan: a reference and three keys. */
export function createCode(random: Random): string {
  const key = (): string => `${random.text(alphabet, 43)}=`;
  return `2@${random.text(alphabet, 60)},${key()},${key()},${key()}`;
}

function disconnected(statusCode: number): unknown {
  const payload = { statusCode, error: "Connection Failure", message: "Connection Failure" };
  return { connection: "close", lastDisconnect: { error: { output: { statusCode, payload } } } };
}

class SessionLifecycle implements Lifecycle {
  readonly #options: LifecycleOptions;
  /** Starts whose next status comes without a wait. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  #plan(session: FakeSession, ms: number, run: () => void): void {
    session.cancel();
    session.cancel = this.#options.clock.after(ms, run);
  }

  #settle(session: FakeSession): void {
    session.cancel();
    session.cancel = nothingPlanned;
  }

  #showCode(session: FakeSession, number: number): void {
    if (number > codes) return this.fail(session, 408, false);
    session.qr = createCode(this.#options.random);
    session.qrNumber = number;
    this.#options.announce(session, "SCAN_QR_CODE");
    this.#options.tellState(session, { qr: session.qr });
    const lifeMs = number === 1 ? firstCodeMs : laterCodeMs;
    this.#plan(session, lifeMs, () => this.nextCode(session));
  }

  nextCode(session: FakeSession): void {
    this.#showCode(session, session.qrNumber + 1);
  }

  start(session: FakeSession): void {
    const { announce, tellState, connectAfterMs, reachable } = this.#options;
    this.#settle(session);
    announce(session, "STARTING");
    tellState(session, { connection: "connecting" });
    if (connectAfterMs === "never") return;
    const next = (): void => (reachable() ? this.connect(session) : this.loop(session));
    this.#plan(session, connectAfterMs, next);
    if (connectAfterMs === 0) this.#follow(session);
  }

  /** Until what is planned for the session has happened, or was called off. */
  #follow(session: FakeSession): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = session.cancel;
    this.#underWay.add(promise);
    void promise.then(() => this.#underWay.delete(promise));
    session.cancel = () => {
      cancel();
      resolve();
    };
  }

  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  connect(session: FakeSession): void {
    this.#settle(session);
    if (!session.account) return this.#showCode(session, 1);
    session.qr = null;
    session.me = session.account;
    this.#options.announce(session, "WORKING");
    this.#options.tellState(session, { connection: "open" });
  }

  stop(session: FakeSession): void {
    this.#settle(session);
    session.frozen = false;
    this.#options.announce(session, "STOPPED");
    session.qr = null;
    session.me = null;
  }

  scan(session: FakeSession, account: WahaMe): void {
    session.qr = null;
    session.account = account;
    this.start(session);
  }

  drop(session: FakeSession, statusCode: number): void {
    this.#settle(session);
    session.qr = null;
    this.#options.tellState(session, disconnected(statusCode));
    this.#options.announce(session, "STARTING");
  }

  fail(session: FakeSession, statusCode: number, forget: boolean): void {
    this.#settle(session);
    session.qr = null;
    this.#options.tellState(session, disconnected(statusCode));
    this.#options.announce(session, "FAILED");
    session.me = null;
    if (forget) session.account = null;
  }

  loop(session: FakeSession): void {
    let left = loops;
    const again = (): void => {
      if (left === 0) return this.fail(session, 408, false);
      left -= 1;
      this.#options.announce(session, "STARTING");
      this.#plan(session, loopMs, again);
    };
    this.#settle(session);
    session.qr = null;
    again();
  }
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  return new SessionLifecycle(options);
}
