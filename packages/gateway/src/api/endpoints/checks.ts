import { RecadoError } from "../../base/recado-error.ts";
import { checkHeaders } from "../../deliver/header-policy.ts";
import { generateSecret, isUsableSecret } from "../../deliver/signing.ts";
import type { Caller } from "../caller.ts";

/** Refuses headers that a delivery cannot or must not carry. */
export function requireUsableHeaders(headers: Readonly<Record<string, string>>): void {
  const verdict = checkHeaders(headers);
  if (!verdict.ok) throw new RecadoError("invalid_request", [`headers: ${verdict.reason}`]);
}

/** The secret that was given, or a new one. Throws `secret_invalid`. */
export function usableSecret(given: string | undefined): string {
  if (given === undefined) return generateSecret();
  if (!isUsableSecret(given)) throw new RecadoError("secret_invalid");
  return given;
}

/** Opening private networks is the operator's decision: only the admin key may ask for it. */
export function requireOperatorFor(allowPrivate: boolean | undefined, caller: Caller): void {
  if (allowPrivate && caller.principal.kind !== "admin_key") {
    throw new RecadoError("forbidden", ["allowPrivate needs the admin key"]);
  }
}

/**
 * A limited credential must say which of its instances an endpoint gets: without a list it would get
 * the whole tenant's events.
 */
export function requireOwnInstances(
  caller: Caller,
  instances: readonly string[] | null | undefined,
): void {
  if (caller.instanceIds && !instances) {
    throw new RecadoError("forbidden", [
      "this credential is limited to some instances: name them in instances",
    ]);
  }
}
