import type { Contact, PairingReason, PairingStage, ProviderName } from "@recado/protocol";
import { codeLifetimeMs, usualCodesLeft } from "./code-lifetime.ts";
import type { CodeNews, ConnectionNews, PairingNews } from "./pairing-news.ts";

/**
 * How a number's pairing goes, decided from what is heard about it. Pure.
 *
 * I1 The same news again changes nothing: the very same object comes back. (`pairing-state.test.ts`)
 * I2 A code is there only in the stage `code`, and none outlives its pairing. (`pairing-state.test.ts`)
 * I3 Any order of news leads to a state that can be shown. (`pairing-state.test.ts`)
 */
export interface PairingState {
  readonly stage: PairingStage;
  /** Unix milliseconds at which the stage began. */
  readonly since: number;
  readonly code?: ShownCode;
  /** Typed into the phone instead of scanning; outlives the renewals of the code to scan. */
  readonly pairingCode?: string;
  /** Codes of this pairing so far. */
  readonly attempts: number;
  readonly account?: Contact;
  readonly reason?: PairingReason;
}

export interface ShownCode {
  /** The raw code, where it is known. */
  readonly qr?: string;
  /** A PNG's data URL, where the raw code is not known. */
  readonly image?: string;
  readonly attemptsLeft: number;
  /** Unix milliseconds, at the latest: it may have come up before it was heard of. */
  readonly expiresAt: number;
}

export const noPairing: PairingState = { stage: "idle", since: 0, attempts: 0 };

/** How long "not connected" is taken as "not yet", in milliseconds: a start takes WAHA some seconds. */
const startMs = 15_000;

/** How far what a server said one after the other may arrive out of order, in milliseconds. */
const settlingMs = 3_000;

/** Two machines do not count a code's seconds alike. */
const clockSlackMs = 3_000;

/** Reasons after which the connection comes back by itself, or that are part of pairing (restart after the scan). */
const passing: ReadonlySet<string> = new Set([
  "restart_required",
  "timed_out",
  "connection_lost",
  "service_unavailable",
]);

/** Words of WAHA 2026.7 for a step on the phone that this page cannot offer. */
const passkeyWords: ReadonlySet<string> = new Set([
  "PASSKEY_REQUIRED",
  "PASSKEY_CONFIRMATION_REQUIRED",
]);

/** `now` in Unix milliseconds. Returns the same object when nothing is to be seen of the news. */
export function nextPairing(
  state: PairingState,
  news: PairingNews,
  provider: ProviderName,
  now: number,
): PairingState {
  switch (news.kind) {
    case "asked":
      return isUnderWay(state) ? state : { stage: "waiting", since: now, attempts: 0 };
    case "code":
      return withCode(state, news, provider, now);
    case "code_due":
      // The old code goes on being shown until the new one is here.
      return state.stage === "code" ? state : waiting(state, now);
    case "connection":
      return connection(state, news, now);
    case "codes_over":
      return ended(state, "expired", "qr_limit", now);
    case "removed":
      return ended(state, "failed", "removed", now);
  }
}

/** Whether somebody may still scan or the provider is about to answer. */
export function isUnderWay({ stage }: PairingState): boolean {
  return stage === "waiting" || stage === "code" || stage === "connecting";
}

function withCode(
  state: PairingState,
  news: CodeNews,
  provider: ProviderName,
  now: number,
): PairingState {
  const { qr, image } = news;
  const going = isUnderWay(state) ? state : undefined;
  const pairingCode = news.pairingCode ?? going?.pairingCode;
  const typed = pairingCode === undefined ? {} : { pairingCode };
  const shown = going?.code;
  const isKnown =
    (qr === undefined && image === undefined) ||
    (shown !== undefined && (qr === undefined ? shown.image === image : shown.qr === qr));
  if (isKnown) {
    if (state.stage === "code" && state.pairingCode === pairingCode) return state;
    return {
      stage: "code",
      since: state.stage === "code" ? state.since : now,
      attempts: going?.attempts ?? 0,
      ...(shown === undefined ? {} : { code: shown }),
      ...typed,
    };
  }
  const attempts = news.attempt ?? (going?.attempts ?? 0) + 1;
  return {
    stage: "code",
    since: state.stage === "code" ? state.since : now,
    attempts,
    code: {
      ...(qr === undefined ? { image: image ?? "" } : { qr }),
      attemptsLeft: news.attemptsLeft ?? usualCodesLeft(provider, attempts),
      expiresAt: now + codeLifetimeMs(provider, attempts),
    },
    ...typed,
  };
}

function connection(state: PairingState, news: ConnectionNews, now: number): PairingState {
  const { reason } = news;
  if (news.state === "open") return connected(state, news, now);
  if (news.state === "connecting") return connecting(state, news, now);
  if (reason === "qr_limit") return ended(state, "expired", reason, now);
  if (state.stage === "idle") return state;
  if (reason !== undefined && passing.has(reason)) return interrupted(state, reason, now);
  // Behind its end it is told again and again that the number is not connected.
  if (state.stage === "expired" || state.stage === "failed") return state;
  if (reason === undefined || reason === "stopped") return closedWithoutReason(state, news, now);
  if (reason === "failed" && ranOut(state, now)) return ended(state, "expired", "qr_limit", now);
  return ended(state, "failed", reason, now);
}

/** WAHA before 2025.9 says no more than FAILED when its last code was not scanned. */
function ranOut({ stage, code }: PairingState, now: number): boolean {
  return stage === "code" && code !== undefined && now >= code.expiresAt - clockSlackMs;
}

function connected(state: PairingState, news: ConnectionNews, now: number): PairingState {
  const account = news.account ?? (state.stage === "connected" ? state.account : undefined);
  const isKnown = state.stage === "connected" && state.account?.jid === account?.jid;
  if (isKnown) return state;
  return {
    stage: "connected",
    since: state.stage === "connected" ? state.since : now,
    attempts: state.attempts,
    ...(account === undefined ? {} : { account }),
  };
}

function connecting(state: PairingState, news: ConnectionNews, now: number): PairingState {
  const { providerState } = news;
  if (passkeyWords.has(providerState)) return ended(state, "failed", "passkey_required", now);
  switch (state.stage) {
    case "code": {
      // WAHA says with each code that it waits for a scan.
      if (providerState === "SCAN_QR_CODE") return state;
      // Nobody scans that fast: it was said before the code and arrived behind it.
      if (now - state.since < settlingMs) return state;
      // Behind its time a code is not scanned but replaced: the provider opens a new connection for more.
      const isOver = state.code !== undefined && now >= state.code.expiresAt;
      if (isOver) return waiting(state, now);
      const { pairingCode: _typed, code: _code, ...rest } = state;
      return { ...rest, stage: "connecting", since: now };
    }
    case "connecting":
      // Said again in the middle of it; a code means that it came to nothing.
      return providerState === "SCAN_QR_CODE" ? waiting(state, now) : state;
    case "expired":
    case "failed":
      return waiting({ ...noPairing, since: now }, now);
    default:
      // A connected number that connects again is not being paired.
      return state;
  }
}

/** The connection goes away for a moment: after a scan that is how it goes on. */
function interrupted(state: PairingState, reason: PairingReason, now: number): PairingState {
  if (state.stage !== "code") return state;
  if (reason !== "restart_required") return waiting(state, now);
  const { pairingCode: _typed, code: _code, ...rest } = state;
  return { ...rest, stage: "connecting", since: now };
}

function closedWithoutReason(state: PairingState, news: ConnectionNews, now: number): PairingState {
  // A session stops before it starts again, and a start takes a moment.
  const isYoung = now - state.since < startMs;
  if (state.stage === "waiting" && isYoung) return state;
  if (state.stage === "code" || (state.attempts > 0 && state.stage !== "connected"))
    return ended(state, "expired", "qr_limit", now);
  const reason = news.providerState === "FAILED" ? "failed" : (news.reason ?? "stopped");
  return ended(state, "failed", reason, now);
}

function waiting(state: PairingState, now: number): PairingState {
  if (state.stage === "waiting") return state;
  const { attempts, pairingCode } = isUnderWay(state) ? state : noPairing;
  return {
    stage: "waiting",
    since: now,
    attempts,
    ...(pairingCode === undefined ? {} : { pairingCode }),
  };
}

function ended(
  state: PairingState,
  stage: "expired" | "failed",
  reason: PairingReason,
  now: number,
): PairingState {
  // The limit is told twice, of the codes and of the connection.
  if (state.stage === stage && state.reason === reason) return state;
  if (state.stage === "idle") return state;
  return { stage, since: now, attempts: state.attempts, reason };
}
