import {
  EvolutionApi,
  evolutionEventNamesOf,
  parseEvolutionVersion,
  type SendRequest,
} from "@recado/providers";

/** What is needed to ask a server to carry an instance's events on its socket. */
export interface SwitchOnTarget {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly send: SendRequest;
}

/**
 * Switches an instance's own socket on, with every event; writes only when it is not so already. Rejects
 * with a `ProviderApiError`, `feature_off` when the server runs without sockets.
 */
export async function switchOnSocket(target: SwitchOnTarget, instanceName: string): Promise<void> {
  const api = new EvolutionApi(target);
  const stored = await api.getWebsocket(instanceName);
  if (stored?.enabled === true) {
    const { version } = await api.serverInfo();
    const carried = new Set(stored.events);
    const names = evolutionEventNamesOf(parseEvolutionVersion(version));
    if (names.every((name) => carried.has(name))) return;
  }
  await api.setWebsocket(instanceName, { enabled: true });
}
