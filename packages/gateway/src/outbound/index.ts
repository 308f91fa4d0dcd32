import type { Agent } from "node:http";
import { systemClock, type Clock } from "../base/clock.ts";
import { inspectUrl, type GuardPolicy } from "./address-guard.ts";
import { parseAllowTargets } from "./allow-targets.ts";
import { HttpClient, type OutboundOutcome, type OutboundRequest } from "./http-client.ts";
import type { FailureCode } from "./failure-code.ts";
import { pinnedAgent } from "./pinned-agent.ts";
import { createPinnedPools } from "./pinned-pools.ts";
import { createNameResolver, shareLookups, type ResolveName } from "./resolve.ts";
import { vetAddresses, type AddressSource } from "./vet-addresses.ts";

export { parseAllowTargets, type AllowTargets, type ParsedAllowTargets } from "./allow-targets.ts";
export { failureCodeOf, failureSentence, type FailureCode } from "./failure-code.ts";
export type { OutboundOutcome, OutboundRequest, OutboundTimings } from "./http-client.ts";
export type { ResolveName } from "./resolve.ts";

/**
 * Guarded HTTP: the only way out of this process.
 *
 * Owns: which URLs and addresses may be called, resolving, pinned connections (also of libraries that
 * make their own), limits of time and size.
 * Must not know: tenants, endpoints, signatures, retries.
 *
 * I1 A connection is made only to an address that was vetted for this very request.
 *    (`address-guard.test.ts`, `http-client.test.ts`)
 * I2 A name of which one address is bad is not called at all. (`http-client.test.ts`)
 * I3 No redirect is followed and no proxy variable read. (`http-client.test.ts`)
 * I4 A request ends within its time limit and reads no more than its size limit and one chunk,
 *    whatever the other side does. (`hostile-servers.test.ts`)
 * I5 `request` never rejects: how it ended is a value with a stable code. (`hostile-servers.test.ts`)
 * I6 An agent of `vet` connects to the addresses that were vetted with it and to no other, whatever it
 *    is asked for, and sends nothing before that is certain. (`vet.test.ts`)
 */
export interface Outbound {
  /** Judges an address when it is configured, by the rules of every later request. */
  checkUrl(url: string, options: { readonly allowPrivate: boolean }): UrlCheck;
  /** Sends one request. Any number may run at once; the caller bounds them. */
  request(request: OutboundRequest): Promise<OutboundOutcome>;
  /**
   * Judges and resolves an address for one connection of a library that connects by itself (a WebSocket
   * client). Ask again for the next connection: names move. Never rejects.
   */
  vet(url: string, options: { readonly allowPrivate: boolean }): Promise<Vetting>;
  /**
   * GET in the form of `fetch`, for libraries that read an address of the operator's own configuration:
   * private networks are open, at most 1 MiB is read, 15 s in all. Rejects when there is no answer.
   */
  readonly fetch: ConfiguredFetch;
  /** Ends every connection; requests under way fail with `closed` or `connection_reset`. Idempotent. */
  close(): Promise<void>;
}

export type ConfiguredFetch = (
  url: string,
  init: { readonly headers: Headers },
) => Promise<Response>;

export type UrlCheck =
  /** `url` is the canonical text. */
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly code: "url_invalid" | "url_blocked"; readonly reason: string };

export type Vetting =
  | {
      readonly ok: true;
      readonly url: URL;
      /** Makes connections to the vetted addresses only. */
      readonly agent: Agent;
    }
  | { readonly ok: false; readonly errorCode: FailureCode; readonly message: string };

export interface OutboundOptions {
  /** Ranges and host names of the private network that may be called (`DELIVERY_ALLOW_TARGETS`). */
  readonly allowTargets?: readonly string[];
  /** Replaces DNS. */
  readonly resolve?: ResolveName;
  readonly clock?: Clock;
  /** Certificate authorities beside the built-in ones, PEM. */
  readonly trustedCertificates?: readonly string[];
}

function configuredFetch(client: HttpClient, policy: GuardPolicy): ConfiguredFetch {
  return async (url, { headers }) => {
    const outcome = await client.request(
      {
        method: "GET",
        url,
        headers: Object.fromEntries(headers),
        body: Buffer.alloc(0),
        timeoutMs: 15_000,
        maxResponseBytes: 1_048_576,
        allowPrivate: policy.allowPrivate,
      },
      policy,
    );
    if (outcome.kind === "failed") throw new Error(outcome.errorMessage);
    if (outcome.truncated) throw new Error("the answer is incomplete or longer than 1 MiB");
    // A body on a status that has none is refused by Response.
    const body = [204, 205, 304].includes(outcome.statusCode)
      ? null
      : outcome.body.toString("utf8");
    return new Response(body, { status: outcome.statusCode });
  };
}

async function vet(
  url: string,
  policy: GuardPolicy,
  source: AddressSource,
  trusted: readonly string[],
): Promise<Vetting> {
  const verdict = inspectUrl(url, policy);
  if (!verdict.ok) {
    const errorCode = verdict.code === "url_blocked" ? "blocked_address" : "url_invalid";
    return { ok: false, errorCode, message: verdict.reason };
  }
  const { target } = verdict;
  const found = await vetAddresses(target, policy, vetTimeoutMs, source);
  if (!found.ok) return { ok: false, errorCode: found.errorCode, message: found.message };
  const agent = pinnedAgent(target.url.protocol, found.addresses, trusted);
  return { ok: true, url: target.url, agent };
}

const vetTimeoutMs = 10_000;

/** Throws when `allowTargets` has an entry that is neither a range nor a host name. */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const { clock = systemClock, trustedCertificates = [] } = options;
  const parsed = parseAllowTargets(options.allowTargets ?? []);
  if (!parsed.ok) throw new Error(parsed.reason);
  const resolver = options.resolve
    ? { resolve: options.resolve, close: () => undefined }
    : createNameResolver();
  const pools = createPinnedPools({ clock, trustedCertificates });
  const resolve = shareLookups(resolver.resolve);
  const client = new HttpClient({ clock, resolve, pools });
  const policy = (allowPrivate: boolean): GuardPolicy => ({
    allowPrivate,
    targets: parsed.targets,
  });
  return {
    checkUrl(url, { allowPrivate }) {
      const verdict = inspectUrl(url, policy(allowPrivate));
      return verdict.ok ? { ok: true, url: verdict.target.url.href } : verdict;
    },
    request: (request) => client.request(request, policy(request.allowPrivate)),
    vet: (url, { allowPrivate }) =>
      vet(url, policy(allowPrivate), { clock, resolve }, trustedCertificates),
    fetch: configuredFetch(client, policy(true)),
    async close() {
      resolver.close();
      await pools.close();
    },
  };
}
