import { onePixel } from "../evolution/state/qr-code.ts";

/** The bytes of a PNG of one pixel. */
export const picture: Uint8Array = Buffer.from(onePixel.slice(onePixel.indexOf(",") + 1), "base64");
