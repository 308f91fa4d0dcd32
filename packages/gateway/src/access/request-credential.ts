/** Request headers as Node gives them: lower-case names. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The credential of a request: `Authorization: Bearer <key or JWT>`, else `apikey: <key>`. Undefined
 * when there is none. Never taken from the address, which ends up in logs and browser histories.
 */
export function requestCredential(headers: RequestHeaders): string | undefined {
  const authorization = headers["authorization"];
  const bearer =
    typeof authorization === "string" ? /^Bearer\s+(\S+)\s*$/i.exec(authorization)?.[1] : undefined;
  if (bearer !== undefined) return bearer;
  const apikey = headers["apikey"];
  return typeof apikey === "string" && apikey.trim() !== "" ? apikey.trim() : undefined;
}
