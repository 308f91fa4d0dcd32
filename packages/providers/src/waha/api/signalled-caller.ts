import type { ApiCall, ApiCaller } from "../../api/index.ts";

/** A caller whose every call ends with `signal`, beside a signal of the call's own. */
export function signalledCaller(caller: ApiCaller, signal: AbortSignal | undefined): ApiCaller {
  if (signal === undefined) return caller;
  const endedBy = (call: ApiCall): ApiCall => {
    const own = call.signal;
    return { ...call, signal: own === undefined ? signal : AbortSignal.any([signal, own]) };
  };
  return {
    ...caller,
    json: (call) => caller.json(endedBy(call)),
    bytes: (call) => caller.bytes(endedBy(call)),
  };
}
