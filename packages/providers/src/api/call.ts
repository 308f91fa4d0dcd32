import type { PathParts, QueryParts } from "./address.ts";
import type { ApiRequest } from "./request.ts";

/** One call of a provider's API. */
export interface ApiCall {
  readonly method: ApiRequest["method"];
  /** With `:name` places: `/webhook/set/:instance`. Stands in errors as it is. */
  readonly path: string;
  readonly parts?: PathParts;
  readonly query?: QueryParts;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default: the client's. */
  readonly timeoutMs?: number;
  /** Default 4 MiB. */
  readonly maxBytes?: number;
  /** May be sent again when no answer, or a passing failure, came. Default: GET may. */
  readonly repeatable?: boolean;
  /** What an empty body of a success means. Default `unexpected_answer`. */
  readonly whenEmpty?: "fine" | "feature_off";
  /** Texts of this call that are secrets too (tokens, keys, addresses with a token in them). */
  readonly secrets?: readonly string[];
  /** Instead of the client's own key. */
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
}

/** Method and path with its places unfilled: how errors and dialects name a call. */
export function nameOfCall(call: ApiCall): string {
  return `${call.method} ${call.path}`;
}

/** Bytes of an answer that are read at most. */
export function maxBytesOf(call: ApiCall): number {
  return call.maxBytes ?? 4 * 1024 * 1024;
}
