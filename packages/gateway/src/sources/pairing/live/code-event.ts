import { codeIdentity } from "@recado/providers";
import type { OwnEvent } from "../../../log/index.ts";
import type { Instance } from "../../../store/contract/index.ts";
import { codeImage } from "../code-image.ts";
import type { PairingState } from "../state/pairing-state.ts";

/** What tells one code from another, as far as readers of the log are concerned. */
export function codeMark({ code, pairingCode }: PairingState): string | undefined {
  const shown = code?.qr ?? code?.image;
  return shown === undefined && pairingCode === undefined
    ? undefined
    : JSON.stringify([shown ?? null, pairingCode ?? null]);
}

/**
 * The event of a code that was fetched, as its provider would have sent it. Its identity is the code, in
 * the words of Evolution's own event: whichever of the two is first is stored, the other is its copy.
 */
export function codeEvent(
  instance: Instance,
  { code, pairingCode }: PairingState,
): OwnEvent<"instance.qr_updated"> {
  const base64 = code?.image ?? (code?.qr === undefined ? undefined : codeImage(code.qr));
  const first = code?.qr ?? code?.image ?? pairingCode;
  // WAHA's code to type is asked for behind the code to scan: that is one more thing to tell.
  const isSecond = instance.provider === "waha" && code !== undefined && pairingCode !== undefined;
  return {
    type: "instance.qr_updated",
    data: {
      ...(code?.qr === undefined ? {} : { qr: code.qr }),
      ...(base64 === undefined ? {} : { base64 }),
      ...(pairingCode === undefined ? {} : { pairingCode }),
    },
    identity: codeIdentity(first ?? "", isSecond ? pairingCode : undefined),
    instance: { id: instance.id, name: instance.name, provider: instance.provider },
  };
}
