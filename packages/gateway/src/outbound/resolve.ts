import { lookup, Resolver } from "node:dns/promises";
import type { Clock } from "../base/clock.ts";

/**
 * Every address of a name. `local` allows sources that only this machine knows (hosts file, search
 * domains). Rejects when the name cannot be resolved; an `ETIMEOUT` code means that nobody answered.
 */
export type ResolveName = (name: string, local: boolean) => Promise<readonly string[]>;

export interface NameResolver {
  readonly resolve: ResolveName;
  /** Gives up what is under way. */
  close(): void;
}

export type Resolution =
  | { readonly kind: "resolved"; readonly addresses: readonly string[] }
  | {
      readonly kind: "failed";
      readonly errorCode: "dns_error" | "dns_timeout";
      readonly message: string;
    };

/** One query's limit; two tries fit the budget of an attempt. */
const queryTimeoutMs = 2_000;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown";
}

/** A name without records of one family is normal; any other failure is one. */
function isAbsence(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENODATA" || code === "ENOTFOUND";
}

/**
 * Asks the DNS servers directly, the system's unless others (`address:port`) are given. The system's own lookup runs on the thread pool, where a few hanging
 * names would hold up the store's disk syncs, so it is asked only for names of the operator's network,
 * after the DNS has said that there is no such name, or where nobody serves DNS at all.
 */
export function createNameResolver(servers?: readonly string[]): NameResolver {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
  if (servers) resolver.setServers(servers);
  return {
    async resolve(name, local) {
      // RFC 6761: localhost is loopback, and no server is asked for it.
      if (name === "localhost" || name.endsWith(".localhost")) return ["127.0.0.1", "::1"];
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      const addresses = answers.flatMap((answer) =>
        answer.status === "fulfilled" ? answer.value : [],
      );
      if (addresses.length > 0) return addresses;
      const failures = answers.flatMap((answer) =>
        answer.status === "rejected" ? [answer.reason as Error] : [],
      );
      if (
        local &&
        failures.every((failure) => isAbsence(failure) || codeOf(failure) === "ECONNREFUSED")
      )
        return (await lookup(name, { all: true })).map(({ address }) => address);
      throw (
        failures.find((failure) => !isAbsence(failure)) ?? failures[0] ?? new Error("no addresses")
      );
    },
    close: () => resolver.cancel(),
  };
}

/** Attempts that need the same name at the same moment share one question. */
export function shareLookups(resolve: ResolveName): ResolveName {
  const underWay = new Map<string, Promise<readonly string[]>>();
  return (name, local) => {
    const key = `${local ? "local" : "public"} ${name}`;
    const running = underWay.get(key);
    if (running) return running;
    const answer = resolve(name, local).finally(() => underWay.delete(key));
    underWay.set(key, answer);
    return answer;
  };
}

/** Resolves within `budgetMs`; never rejects. */
export async function resolveWithin(
  name: string,
  local: boolean,
  resolve: ResolveName,
  clock: Clock,
  budgetMs: number,
): Promise<Resolution> {
  let cancel: () => void = () => undefined;
  const budget = new Promise<Resolution>((settle) => {
    cancel = clock.after(budgetMs, () =>
      settle({
        kind: "failed",
        errorCode: "dns_timeout",
        message: "the name was not resolved in time",
      }),
    );
  });
  const answer = resolve(name, local).then(
    (addresses): Resolution =>
      addresses.length > 0
        ? { kind: "resolved", addresses }
        : { kind: "failed", errorCode: "dns_error", message: "the name has no address" },
    (error: unknown): Resolution => {
      const code = codeOf(error);
      return code === "ETIMEOUT"
        ? { kind: "failed", errorCode: "dns_timeout", message: "no DNS server answered" }
        : {
            kind: "failed",
            errorCode: "dns_error",
            message: `the name cannot be resolved (${code})`,
          };
    },
  );
  try {
    return await Promise.race([answer, budget]);
  } finally {
    cancel();
  }
}
