import type { ApiCall, ApiCaller } from "../../api/index.ts";
import { filePathOf } from "./file-path.ts";

/** A file that WAHA fetched for a message. */
export interface WahaFile {
  readonly bytes: Uint8Array;
  /** As the server says, without parameters; `application/octet-stream` when it says nothing usable. */
  readonly mimeType: string;
}

const fileTimeoutMs = 60_000;
const defaultMaxBytes = 64 * 1024 * 1024;

/** Fetches a file of this server; see `file-path.ts` for what is taken from the address. */
export async function downloadFile(
  caller: ApiCaller,
  address: string,
  maxBytes = defaultMaxBytes,
): Promise<WahaFile> {
  const file = filePathOf(address);
  const call: ApiCall = {
    method: "GET",
    path: file?.path ?? "/api/files/:session/:file",
    ...(file === undefined ? {} : { parts: file.parts }),
    timeoutMs: fileTimeoutMs,
    maxBytes,
  };
  if (file === undefined) {
    throw caller.failure(
      call,
      "invalid_request",
      "the address is none of WAHA's own files (its files may be kept in a bucket)",
    );
  }
  const response = await caller.bytes(call);
  return { bytes: response.body, mimeType: mimeTypeOf(response.headers["content-type"]) };
}

function mimeTypeOf(header: string | undefined): string {
  const type = header?.split(";")[0]?.trim().toLowerCase() ?? "";
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : "application/octet-stream";
}
