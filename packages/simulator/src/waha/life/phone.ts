import type { DeliveryReport } from "../../sending/attempt.ts";
import type { FakeSession } from "../session/fake-session.ts";
import type { Lifecycle } from "../session/lifecycle.ts";
import type { WahaMe } from "../waha-webhook.ts";

/** What happens to the number of a session: on its phone and between it and WhatsApp. */
export interface WahaPhoneActions {
  /**
   * The code is scanned, or its pairing code entered: STARTING, then WORKING as `account` (default
   * 5511900000101). Throws when no code is shown.
   */
  scan(session: string, account?: WahaMe): void;
  /** The code that waits to be scanned; null when none does. */
  code(session: string): string | null;
  /** The code on the screen expires now instead of at its time; after the last the session fails. */
  nextCode(session: string): void;
  /** The connection is there (again): WORKING, or a code when the session is not paired. Throws while it is stopped. */
  open(session: string): void;
  /** The connection drops: STARTING until `open`. `code` is the engine's reason. Default 428. */
  drop(session: string, code?: number): void;
  /** The device was removed on the phone: FAILED, and a restart asks for a code. */
  logout(session: string): void;
  /** WhatsApp refuses the account: FAILED, and a restart asks for a code. */
  ban(session: string): void;
  /** WhatsApp cannot be reached: STARTING every 2 s, FAILED after sixty. */
  flap(session: string): void;
}

export type Reports = Promise<readonly DeliveryReport[]>;

/** Reasons in the engine's numbers. */
const reasons = { connectionClosed: 428, loggedOut: 401, banned: 403 } as const;
const someAccount: WahaMe = {
  id: "5511900000101@c.us",
  pushName: "Loja Teste",
  lid: "111000000000101@lid",
};

export function createPhoneActions(
  lifecycle: Lifecycle,
  find: (name: string) => FakeSession,
): WahaPhoneActions {
  function withCode(name: string): FakeSession {
    const session = find(name);
    if (session.qr === null) throw new Error(`"${name}" shows no code`);
    return session;
  }

  function running(name: string): FakeSession {
    const session = find(name);
    if (session.status === "STOPPED") throw new Error(`"${name}" is stopped`);
    return session;
  }

  return {
    scan: (name, account = someAccount) => lifecycle.scan(withCode(name), account),
    code: (name) => find(name).qr,
    nextCode: (name) => lifecycle.nextCode(withCode(name)),
    open: (name) => lifecycle.connect(running(name)),
    drop: (name, code = reasons.connectionClosed) => lifecycle.drop(running(name), code),
    logout: (name) => lifecycle.fail(running(name), reasons.loggedOut, true),
    ban: (name) => lifecycle.fail(running(name), reasons.banned, true),
    flap: (name) => lifecycle.loop(running(name)),
  };
}
