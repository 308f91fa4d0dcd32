import type { ApiCaller } from "../../api/index.ts";
import type { EvolutionVersion } from "./server-version.ts";

/** What the calls of one client share. */
export interface EvolutionContext {
  readonly caller: ApiCaller;
  /** The server's version, asked for once; undefined when it says none. Rejects when it cannot be asked. */
  version(): Promise<EvolutionVersion | undefined>;
}

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** For spreading into a call: an absent signal must stay absent. */
export function signalOf(options: CallOptions | undefined): { readonly signal?: AbortSignal } {
  return options?.signal === undefined ? {} : { signal: options.signal };
}
