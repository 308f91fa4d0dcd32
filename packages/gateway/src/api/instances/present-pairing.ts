import type { PairingResource } from "@recado/protocol";
import { pairingSentence, type PairingView } from "../../sources/index.ts";
import type { Language } from "../language.ts";

type Shown = Pick<
  PairingResource,
  | "stage"
  | "version"
  | "image"
  | "pairingCode"
  | "attempt"
  | "attemptsLeft"
  | "secondsLeft"
  | "reason"
  | "explanation"
>;

/** What everybody may see who may see a pairing at all. `now` in Unix milliseconds. */
export function presentShown(view: PairingView, language: Language, now: number): Shown {
  const { state, image, trouble, version } = view;
  const { stage, code, pairingCode, attempts } = state;
  const reason = trouble ?? state.reason;
  return {
    stage,
    version,
    ...(image === undefined ? {} : { image }),
    ...(pairingCode === undefined ? {} : { pairingCode }),
    ...(stage === "code" && attempts > 0 ? { attempt: attempts } : {}),
    ...(code === undefined
      ? {}
      : {
          attemptsLeft: code.attemptsLeft,
          secondsLeft: Math.max(0, Math.ceil((code.expiresAt - now) / 1_000)),
        }),
    ...(reason === undefined ? {} : { reason }),
    explanation: pairingSentence(stage, reason)[language],
  };
}

/** A pairing as its own people see it. */
export function presentPairing(
  view: PairingView,
  language: Language,
  now: number,
): PairingResource {
  const { code, account } = view.state;
  return {
    ...presentShown(view, language, now),
    ...(code?.qr === undefined ? {} : { qr: code.qr }),
    ...(code === undefined ? {} : { expiresAt: new Date(code.expiresAt).toISOString() }),
    ...(account === undefined
      ? {}
      : {
          account: {
            jid: account.jid,
            ...(account.phone === undefined ? {} : { phone: account.phone }),
            ...(account.name === undefined ? {} : { name: account.name }),
          },
        }),
  };
}
