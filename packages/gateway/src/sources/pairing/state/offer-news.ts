import type { PairingOffer } from "../../control/index.ts";
import { isPicture, type PairingNews } from "./pairing-news.ts";

/** What a provider's answer says, in the order in which it is to be taken. Pure. */
export function newsOfOffer(offer: PairingOffer): readonly PairingNews[] {
  const { state, providerState, qr, base64, pairingCode, attempt, attemptsLeft } = offer;
  const code = {
    ...(qr === undefined || qr === "" ? {} : { qr }),
    ...(isPicture(base64) ? { image: base64 } : {}),
    ...(pairingCode === undefined || pairingCode === "" ? {} : { pairingCode }),
  };
  if (Object.keys(code).length === 0 || state !== "connecting")
    return [{ kind: "connection", state, providerState }];
  return [
    {
      kind: "code",
      ...code,
      ...(attempt === undefined || attempt < 1 ? {} : { attempt }),
      ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
    },
  ];
}
