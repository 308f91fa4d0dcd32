/**
 * What the providers' management clients share: one call over an injected sender, repeats where they
 * are safe, and one kind of error.
 *
 * Owns: addresses, repeats, the form of errors, keeping keys out of them. Must not know: sockets, stores,
 * tenants, nor how requests are sent.
 *
 * I1 No error, printed in any way, holds a key or a filled-in path. (`caller.test.ts`)
 * I2 Only calls that are safe to repeat are repeated, at most twice. (`caller.test.ts`)
 * I3 A name never changes which route, host or query a call goes to. (`address.test.ts`)
 */
export type { ApiAnswer } from "./answer.ts";
export { baseUrlOf } from "./address.ts";
export type { ApiCall } from "./call.ts";
export { createCaller, type ApiCaller } from "./caller.ts";
export type { ApiDialect, Judgement } from "./dialect.ts";
export { apiErrorCodes, codeOfStatus, type ApiErrorCode } from "./error-code.ts";
export { ProviderApiError } from "./provider-api-error.ts";
export {
  SendFailure,
  type ApiOptions,
  type ApiRequest,
  type ApiResponse,
  type ApiTiming,
  type SendRequest,
} from "./request.ts";
