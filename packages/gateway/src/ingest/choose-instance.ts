import type { Identification } from "@recado/providers";
import type { IngestTarget, Instance } from "../store/contract/index.ts";

/**
 * Which instance a webhook belongs to. Decided from the credential it came with and what its body says;
 * the body alone is never believed over the credential.
 */
export type InstanceChoice =
  | { readonly kind: "known"; readonly instance: Instance; readonly warning?: string }
  /** Its first sign of life: make it. */
  | {
      readonly kind: "new";
      readonly name: string;
      readonly providerName: string;
      readonly serverId?: string;
      readonly serverUrl?: string;
    }
  /** The body names none. */
  | { readonly kind: "unassigned" };

function hostOf(serverUrl: string): string {
  return URL.canParse(serverUrl) ? new URL(serverUrl).host : serverUrl;
}

/** `taken` tells whether the tenant already uses a name. */
function freeName(wanted: string, owner: string, taken: (name: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  const named = `${wanted}@${owner}`;
  if (!taken(named)) return named;
  for (let n = 2; ; n++) if (!taken(`${named}-${n}`)) return `${named}-${n}`;
}

function sameServer(instance: Instance, identification: Identification): boolean {
  return (
    instance.serverUrl === undefined ||
    identification.serverUrl === undefined ||
    instance.serverUrl === identification.serverUrl
  );
}

/**
 * @param sameName every instance of the tenant that the provider calls by the body's name
 * @param taken whether a display name is in use in the tenant
 */
export function chooseInstance(
  target: IngestTarget,
  identification: Identification,
  sameName: readonly Instance[],
  taken: (name: string) => boolean,
): InstanceChoice {
  const name = identification.instanceName;
  if (target.kind === "instance") {
    const { instance } = target;
    if (name === undefined || name === instance.providerName) return { kind: "known", instance };
    return { kind: "known", instance, warning: "instance_name_differs" };
  }
  if (name === undefined) return { kind: "unassigned" };
  if (target.kind === "server") {
    const { server } = target;
    const own = sameName.find((instance) => instance.serverId === server.id);
    if (own) return { kind: "known", instance: own };
    return {
      kind: "new",
      providerName: name,
      name: freeName(name, server.name, taken),
      serverId: server.id,
    };
  }
  const candidates = sameName.filter((instance) => sameServer(instance, identification));
  // One that has told its server before is a better match than one that never did.
  const known =
    candidates.find((instance) => instance.serverUrl === identification.serverUrl) ?? candidates[0];
  if (known) return { kind: "known", instance: known };
  const { serverUrl } = identification;
  return {
    kind: "new",
    providerName: name,
    name: freeName(name, serverUrl === undefined ? "server" : hostOf(serverUrl), taken),
    ...(serverUrl !== undefined ? { serverUrl } : {}),
  };
}
