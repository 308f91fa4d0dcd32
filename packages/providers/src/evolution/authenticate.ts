import { compactVerify, errors } from "jose";
import type { AuthOutcome, WebhookRequest } from "../contract.ts";
import { member, numberOf } from "../message/index.ts";
import { capabilities } from "./capabilities.ts";

/**
 * Evolution's `jwt_key`: a bearer token, HS256, over `{iat, exp, app, action}` (2.3 and later). It
 * proves who holds the key; it says nothing about the body.
 *
 * The token is made once per event and not per attempt, and lives ten minutes, while the attempts go on
 * for 25. A refusal ends them, so a right signature is accepted for the whole retry window after its
 * expiry.
 */
const bearer = /^bearer +([\w-]+\.[\w-]*\.[\w-]*)$/i;

export async function authenticate(request: WebhookRequest, secret: string): Promise<AuthOutcome> {
  const token = bearer.exec(request.headers["authorization"]?.trim() ?? "")?.[1];
  if (token === undefined) return { kind: "unsigned" };
  let claims: unknown;
  try {
    const key = new TextEncoder().encode(secret);
    const { payload } = await compactVerify(token, key, { algorithms: ["HS256"] });
    claims = JSON.parse(new TextDecoder().decode(payload));
  } catch (error) {
    return { kind: "forged", reason: reasonOf(error) };
  }
  return judge(claims, request.receivedAt);
}

function judge(claims: unknown, receivedAt: number): AuthOutcome {
  if (member(claims, "app") !== "evolution" || member(claims, "action") !== "webhook") {
    return { kind: "forged", reason: "the token is not one for webhooks" };
  }
  const expiresAt = numberOf(member(claims, "exp"));
  if (expiresAt === undefined) return { kind: "forged", reason: "the token has no expiry" };
  if (receivedAt > expiresAt * 1000 + capabilities.retryWindowMs) {
    return { kind: "forged", reason: "the token expired before the last possible attempt" };
  }
  return { kind: "authentic" };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "the signature is another key's";
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token is not signed with HS256";
  return "the token cannot be read";
}
