import type { ApiCall, ApiCaller } from "../../api/index.ts";
import { objectOf } from "../wire.ts";
import { imageDataUrl, readCode } from "./read-answers.ts";

/** A QR code to scan. WAHA tells neither an expiry nor the attempts that are left. */
export interface WahaQrCode {
  /** The text in the code. Whoever has it can take the number: never log it. */
  readonly code: string;
  /** The same as a picture, `data:image/png;base64,…`. */
  readonly image: string;
}

/** WAHA holds the answer for up to 10 s while the status is not the right one. */
const qrTimeoutMs = 20_000;
const maxQrBytes = 512 * 1024;

/** Asks for the text and the picture. When the code changes in between, both are good until they expire. */
export async function readQrCode(caller: ApiCaller, session: string): Promise<WahaQrCode> {
  const base: ApiCall = {
    method: "GET",
    path: "/api/:session/auth/qr",
    parts: { session },
    timeoutMs: qrTimeoutMs,
    maxBytes: maxQrBytes,
  };
  const answer = await caller.json({ ...base, query: { format: "raw" } });
  const code = readCode(answer.value);
  if (code === undefined) throw caller.failure(base, "unexpected_answer", "there is no code in it");
  const image = await readImage(caller, { ...base, query: { format: "image" } });
  return { code, image };
}

/** The picture as JSON, or as bytes where a version does not look at `Accept`. */
async function readImage(caller: ApiCaller, call: ApiCall): Promise<string> {
  const response = await caller.bytes(call);
  const type = response.headers["content-type"] ?? "";
  const bytes = Buffer.from(response.body);
  const image = type.toLowerCase().startsWith("image/")
    ? imageDataUrl(type, bytes.toString("base64"))
    : imageInJson(bytes.toString("utf8"));
  if (image !== undefined) return image;
  throw caller.failure(call, "unexpected_answer", "the answer is not a picture");
}

function imageInJson(text: string): string | undefined {
  try {
    const picture = objectOf(JSON.parse(text));
    return imageDataUrl(picture["mimetype"], picture["data"]);
  } catch {
    return undefined;
  }
}
