import type { Clock } from "../base/clock.ts";
import {
  isHostListed,
  judgeAddress,
  type GuardedTarget,
  type GuardPolicy,
} from "./address-guard.ts";
import { failureSentence, type FailureCode } from "./failure-code.ts";
import { resolveWithin, type ResolveName } from "./resolve.ts";

/** The addresses behind a host, every one of them judged. */
export type VettedAddresses =
  | { readonly ok: true; readonly addresses: readonly string[]; readonly dnsMs?: number }
  | {
      readonly ok: false;
      readonly errorCode: FailureCode;
      readonly message: string;
      readonly dnsMs?: number;
    };

export interface AddressSource {
  readonly clock: Clock;
  readonly resolve: ResolveName;
}

const dnsBudgetMs = 5_000;

/** One lookup for each attempt; the answer is judged as a whole, not filtered. Never rejects. */
export async function vetAddresses(
  { host }: GuardedTarget,
  policy: GuardPolicy,
  timeoutMs: number,
  { clock, resolve }: AddressSource,
): Promise<VettedAddresses> {
  if (host.kind === "address") return { ok: true, addresses: [host.address] };
  const startedAt = clock.monotonic();
  const budgetMs = Math.min(dnsBudgetMs, timeoutMs);
  const resolution = await resolveWithin(host.name, host.local, resolve, clock, budgetMs);
  const dnsMs = clock.monotonic() - startedAt;
  if (resolution.kind === "failed")
    return { ok: false, errorCode: resolution.errorCode, message: resolution.message, dnsMs };
  const listed = isHostListed(host.name, policy);
  if (!resolution.addresses.every((address) => judgeAddress(address, policy, listed))) {
    const message = failureSentence("blocked_address");
    return { ok: false, errorCode: "blocked_address", message, dnsMs };
  }
  return { ok: true, addresses: resolution.addresses, dnsMs };
}
