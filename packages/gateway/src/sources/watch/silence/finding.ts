import type { ProviderName } from "@recado/protocol";
import type { RemoteState } from "../../control/index.ts";
import type { SilenceLevel } from "./silence-rule.ts";

/** What asking the provider brought. */
export type Answer =
  | { readonly kind: "no_server" }
  /** `error` is the code of the failed call. */
  | { readonly kind: "no_answer"; readonly error: string }
  | { readonly kind: "not_open"; readonly state: RemoteState }
  /** `missing`: events that the provider had and we did not. */
  | { readonly kind: "compared"; readonly missing: number };

export interface FindingFacts {
  readonly provider: ProviderName;
  readonly level: SilenceLevel;
  readonly answer: Answer;
  /** Whether our webhook stands at the provider as it should; undefined when nobody knows. */
  readonly hookInPlace?: boolean | undefined;
  /** Other numbers of the server that should have been heard of, and how many of them were. */
  readonly peers: { readonly expected: number; readonly heard: number };
  /** People to whom was written without any sign of life after it. */
  readonly unanswered: number;
  /** What was found before about the same silence. */
  readonly before?: { readonly kind: "silent" | "frozen"; readonly reason: string } | undefined;
}

export interface Finding {
  readonly kind: "silent" | "frozen";
  /** A stable word; see docs/events.md. */
  readonly reason:
    | "webhooks_lost"
    | "provider_does_not_answer"
    | "gone_at_provider"
    | "key_refused"
    | "nothing_heard"
    | "nothing_flows"
    | "list_grows"
    | "no_receipts";
}

/** Findings that are over as soon as the provider answers, whatever it answers. */
export const unansweredReasons: ReadonlySet<string> = new Set<Finding["reason"]>([
  "provider_does_not_answer",
  "gone_at_provider",
  "key_refused",
]);

/** Messages to so many people without one receipt: servers acknowledge within seconds. */
export const unansweredPeople = 5;

const refusals = new Set(["unauthorised", "forbidden"]);
/** The server answers and says that it keeps no messages: WAHA without its engine's store, Evolution without a database of them. */
const noMessageList = new Set(["feature_off", "not_supported"]);

function unansweredCall(error: string): Finding {
  if (error === "not_found") return { kind: "silent", reason: "gone_at_provider" };
  if (refusals.has(error)) return { kind: "silent", reason: "key_refused" };
  return { kind: "silent", reason: "provider_does_not_answer" };
}

function comparedFinding(facts: FindingFacts, missing: number): Finding | undefined {
  const { provider, level, hookInPlace, peers, unanswered, before } = facts;
  const serverIsDeaf = peers.expected > 0 && peers.heard === 0;
  if (missing > 0) {
    // Once is a lost webhook. Again, while others of the server are heard and nothing came of this one by
    // itself, is a number that stands still (WAHA issue 2151: WORKING without events).
    return before?.reason === "webhooks_lost" && hookInPlace !== false && !serverIsDeaf
      ? { kind: "frozen", reason: "list_grows" }
      : { kind: "silent", reason: "webhooks_lost" };
  }
  const canFreeze = provider === "evolution" && hookInPlace !== false;
  if (canFreeze && unanswered >= unansweredPeople) return { kind: "frozen", reason: "no_receipts" };
  if (level !== "beyond_doubt") return undefined;
  // A holiday is quiet for everybody.
  if (serverIsDeaf) return undefined;
  return canFreeze
    ? { kind: "frozen", reason: "nothing_flows" }
    : { kind: "silent", reason: "nothing_heard" };
}

/**
 * What an improbable silence means, after the provider was asked. Undefined: really quiet, or the state
 * says it all. Pure.
 *
 * Evolution runs all events of an instance through one chain: while a step of it hangs, messages are neither
 * stored nor told and the state still says open (2.3.7). From outside that is a silence beyond doubt that its
 * own message list shares.
 */
export function findingOf(facts: FindingFacts): Finding | undefined {
  const { answer, level } = facts;
  switch (answer.kind) {
    case "no_server":
      return level === "beyond_doubt" ? { kind: "silent", reason: "nothing_heard" } : undefined;
    case "no_answer":
      // It said before that the number is connected: only the silence itself is left to judge by.
      return noMessageList.has(answer.error)
        ? comparedFinding(facts, 0)
        : unansweredCall(answer.error);
    case "not_open":
      return undefined;
    case "compared":
      return comparedFinding(facts, answer.missing);
  }
}

/** Automatic restarts of one number, newest last: when the next one may be, if at all. Pure. */
export function mayRestartAt(restarts: readonly { readonly at: number }[], now: number): number {
  const recent = restarts.filter(({ at }) => at > now - 86_400_000);
  const last = recent.at(-1);
  if (!last) return now;
  // Three a day: what does not help three times is for a person.
  if (recent.length >= 3) return Infinity;
  return last.at + 30 * 60_000 * 4 ** (recent.length - 1);
}
