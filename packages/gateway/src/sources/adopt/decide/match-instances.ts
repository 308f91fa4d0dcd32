import type { Instance, ProviderServer } from "../../../store/contract/index.ts";
import type { RemoteInstance } from "../../control/server-control.ts";

/** What is known here about one number of a server. */
export type InstanceMatch =
  /** It belongs to this server already. */
  | { readonly kind: "own"; readonly remote: RemoteInstance; readonly instance: Instance }
  /** Learnt from webhooks, which named this very server or none. */
  | { readonly kind: "learnt"; readonly remote: RemoteInstance; readonly instance: Instance }
  /** Learnt from webhooks that named another address: only what is configured at the provider can tell. */
  | { readonly kind: "doubtful"; readonly remote: RemoteInstance; readonly instance: Instance }
  | { readonly kind: "new"; readonly remote: RemoteInstance };

export interface MatchedInstances {
  readonly matches: readonly InstanceMatch[];
  /** Of this server, and no longer on it. */
  readonly vanished: readonly Instance[];
}

function originOf(url: string): string | undefined {
  return URL.parse(url)?.origin;
}

/**
 * The addresses by which a server may call itself: the one it is registered under, and those that its
 * numbers have reported before. Evolution's `SERVER_URL` is often another one than its neighbours use.
 */
function originsOf(server: ProviderServer, known: readonly Instance[]): ReadonlySet<string> {
  const reported = known.flatMap(({ serverId, serverUrl }) =>
    serverId === server.id && serverUrl !== undefined ? [serverUrl] : [],
  );
  return new Set([server.baseUrl, ...reported].flatMap((url) => originOf(url) ?? []));
}

/**
 * Brings a server's own list together with the tenant's instances. Pure. Names are compared as text in
 * composed form. An instance is matched once: a second number of the same name is a new one.
 */
export function matchInstances(
  server: ProviderServer,
  remotes: readonly RemoteInstance[],
  known: readonly Instance[],
): MatchedInstances {
  const origins = originsOf(server, known);
  const free = new Map<string, Instance[]>();
  for (const instance of known) {
    if (instance.provider !== server.provider) continue;
    if (instance.serverId !== undefined && instance.serverId !== server.id) continue;
    const name = instance.providerName.normalize("NFC");
    free.set(name, [...(free.get(name) ?? []), instance]);
  }
  const fits = ({ serverUrl }: Instance): boolean =>
    serverUrl !== undefined && origins.has(originOf(serverUrl) ?? "");
  const matches = remotes.map((remote): InstanceMatch => {
    const name = remote.name.normalize("NFC");
    const candidates = free.get(name) ?? [];
    const own = candidates.find(({ serverId }) => serverId === server.id);
    const learnt =
      candidates.find(fits) ?? candidates.find(({ serverUrl }) => serverUrl === undefined);
    const instance = own ?? learnt ?? candidates[0];
    if (!instance) return { kind: "new", remote };
    free.set(
      name,
      candidates.filter((candidate) => candidate !== instance),
    );
    return { kind: own ? "own" : learnt ? "learnt" : "doubtful", remote, instance };
  });
  const present = new Set(
    matches.flatMap((match) => (match.kind === "own" ? [match.instance.id] : [])),
  );
  const vanished = known.filter(({ id, serverId }) => serverId === server.id && !present.has(id));
  return { matches, vanished };
}
