import type { Random } from "../../random.ts";

/** What a number shows while it waits to be paired, as `/instance/connect` answers it. Pure. */
export interface QrCode {
  /** Absent before the first code; null when `connect` was called without a number. */
  readonly pairingCode?: string | null;
  readonly code?: string;
  /** A PNG as a data address. */
  readonly base64?: string;
  /** How many codes were shown; 0: none yet. */
  readonly count: number;
}

/** Before the first code (recorded: `{"count":0}` and nothing else). */
export const noQrCode: QrCode = { count: 0 };

/** One white pixel: the answer carries a picture, and nobody can scan it. */
export const onePixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** WhatsApp's pairing codes leave out what is mistaken for something else. */
const pairingAlphabet = "123456789ABCDEFGHJKLMNPQRSTVWXYZ";

/** The code after `previous`. A pairing code is made once per pairing, for the number it was asked for. */
export function nextQrCode(previous: QrCode, number: string | undefined, random: Random): QrCode {
  const part = (length: number): string => random.text(base64Alphabet, length);
  const pairingCode =
    previous.pairingCode ?? (number === undefined ? null : random.text(pairingAlphabet, 8));
  return {
    pairingCode,
    code: `2@${part(43)},${part(43)}=,${part(43)}=,${part(43)}=`,
    base64: onePixel,
    count: previous.count + 1,
  };
}
