import type { ConnectionReason, Contact, RecadoEvent } from "@recado/protocol";
import type { RemoteState } from "../../control/index.ts";

/** What is heard about a number's pairing, whoever said it. */
export type PairingNews =
  | { readonly kind: "asked" }
  | CodeNews
  /** A code is there and the event did not bring it. */
  | { readonly kind: "code_due" }
  | ConnectionNews
  | { readonly kind: "codes_over" }
  | { readonly kind: "removed" };

export interface CodeNews {
  readonly kind: "code";
  /** The raw code. */
  readonly qr?: string;
  /** A data URL of a PNG, where the raw code is not known. */
  readonly image?: string;
  readonly pairingCode?: string;
  /** Where the provider counts. */
  readonly attempt?: number;
  readonly attemptsLeft?: number;
}

export interface ConnectionNews {
  readonly kind: "connection";
  readonly state: RemoteState;
  /** The provider's own word. */
  readonly providerState: string;
  readonly reason?: ConnectionReason;
  readonly account?: Contact;
}

/** What an event of the log says about a pairing; undefined when nothing. Pure. */
export function newsOf(event: RecadoEvent): PairingNews | undefined {
  switch (event.type) {
    case "instance.qr_updated": {
      const { qr, base64, pairingCode } = event.data;
      const code = {
        ...(usableText(qr) ? { qr } : {}),
        ...(isPicture(base64) ? { image: base64 } : {}),
        ...(usableText(pairingCode) ? { pairingCode } : {}),
      };
      return Object.keys(code).length === 0 ? { kind: "code_due" } : { kind: "code", ...code };
    }
    case "instance.qr_expired":
      return { kind: "codes_over" };
    case "instance.connection_changed": {
      const { state, providerState, reason, account } = event.data;
      return {
        kind: "connection",
        state,
        providerState,
        ...(reason === undefined ? {} : { reason }),
        ...(account === undefined ? {} : { account }),
      };
    }
    case "instance.removed":
      return { kind: "removed" };
    default:
      return undefined;
  }
}

function usableText(text: string | undefined): text is string {
  return text !== undefined && text !== "" && text.length <= 4_000;
}

const largestPicture = 300_000;
const pngAddress = /^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether a text is a PNG's data URL: it is shown on a page that strangers open, so nothing else passes. */
export function isPicture(text: string | undefined): text is string {
  return text !== undefined && text.length <= largestPicture && pngAddress.test(text);
}
