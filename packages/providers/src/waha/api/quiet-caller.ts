import { ProviderApiError, type ApiAnswer, type ApiCall, type ApiCaller } from "../../api/index.ts";

/**
 * A caller whose errors do not quote successes. A refusal's body says why; a success that makes no sense
 * here is somebody's session with the keys of its webhooks, their messages, or a QR code that opens their
 * number, and may be cut off so that nothing can be found and removed in it.
 * `signal` ends every call, beside a signal of the call's own.
 */
export function quietCaller(caller: ApiCaller, signal?: AbortSignal): ApiCaller {
  const failure: ApiCaller["failure"] = (call, code, message, answer) =>
    caller.failure(call, code, message, answer === undefined ? undefined : withoutText(answer));

  async function quietly<T>(call: ApiCall, exchange: Promise<T>): Promise<T> {
    try {
      return await exchange;
    } catch (error) {
      if (!(error instanceof ProviderApiError) || !isSuccess(error.status)) throw error;
      const { status = 200, code, providerMessage = "the answer makes no sense" } = error;
      const answer: ApiAnswer = { status, headers: {}, text: "", value: undefined, form: "empty" };
      throw caller.failure(call, code, providerMessage, answer);
    }
  }

  return {
    ...caller,
    json: (call) => quietly(call, caller.json(endedBy(signal, call))),
    bytes: (call) => quietly(call, caller.bytes(endedBy(signal, call))),
    failure,
  };
}

function endedBy(signal: AbortSignal | undefined, call: ApiCall): ApiCall {
  if (signal === undefined) return call;
  const own = call.signal;
  return { ...call, signal: own === undefined ? signal : AbortSignal.any([signal, own]) };
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

function withoutText(answer: ApiAnswer): ApiAnswer {
  return isSuccess(answer.status) ? { ...answer, text: "" } : answer;
}
