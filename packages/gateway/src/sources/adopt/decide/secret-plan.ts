import type { HookState } from "../../control/server-control.ts";
import type { SigningAbility } from "./signing.ts";

/**
 * How long webhooks that were born unsigned may still arrive at an address of ours: the providers' retries
 * end after 25 minutes (Evolution 2.3) and 41 (WAHA as we set it). To refuse one loses it for ever.
 */
export const unsignedGraceMs = 60 * 60_000;

/** When an instance's webhooks must be signed. */
export type SecretPlan =
  | { readonly kind: "never" }
  /** As soon as the provider has the secret. */
  | { readonly kind: "now" }
  | { readonly kind: "at"; readonly time: number };

/** True when the provider has sent to an address of ours until now, without the secret that it gets. */
function sentUnsigned(found: HookState): boolean {
  const differs = (setting: string): boolean =>
    found.differences.some((difference) => difference.setting === setting);
  return differs("secret") && !differs("missing") && found.replaced === undefined;
}

/**
 * Decides from what stood at the provider before our webhook was put there. A secret is demanded only
 * after the provider has it, and only when nothing unsigned can be under way any more. Pure.
 */
export function secretPlan(found: HookState, ability: SigningAbility, now: number): SecretPlan {
  if (ability !== "yes") return { kind: "never" };
  return sentUnsigned(found) ? { kind: "at", time: now + unsignedGraceMs } : { kind: "now" };
}
