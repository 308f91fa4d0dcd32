import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import type { ApiResponse } from "../request.ts";

type Unpack = (
  body: Uint8Array,
  options: { readonly maxOutputLength: number },
) => Promise<Uint8Array>;

const unpackers: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
  ["zstd", promisify(zstdDecompress)],
]);

/**
 * The answer with its body unpacked: some proxies compress although `identity` was asked for. What would
 * be longer than `maxBytes` is `truncated`, with nothing but zeros in its place; what cannot be unpacked as it came,
 * since there are senders that unpack and leave the header. Never rejects.
 */
export async function unpackedAnswer(
  response: ApiResponse,
  maxBytes: number,
): Promise<ApiResponse> {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const unpack = unpackers.get(encoding);
  if (unpack === undefined || response.truncated === true) return response;
  try {
    return { ...response, body: await unpack(response.body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    const isTooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    return isTooLong ? { ...response, body: new Uint8Array(maxBytes), truncated: true } : response;
  }
}
