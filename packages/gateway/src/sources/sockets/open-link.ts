import type { Clock } from "../../base/clock.ts";
import type { SecretBox } from "../../base/secret-box.ts";
import type { Outbound } from "../../outbound/index.ts";
import type { Instance, ProviderServer } from "../../store/contract/index.ts";
import { sendThroughOutbound } from "../control/send-through-outbound.ts";
import type { Link, LinkEvents, OpenLink, SocketTarget } from "./connection/link.ts";
import { openEvolutionLink } from "./evolution/evolution-link.ts";
import { switchOnSocket } from "./evolution/switch-on.ts";
import { openWahaLink } from "./waha/waha-link.ts";

/** What connections are made with. */
export interface LinkMeans {
  readonly outbound: Pick<Outbound, "vet" | "request">;
  readonly secretBox: Pick<SecretBox, "open">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly maxFrameBytes: number;
}

/** What opens a connection to this server; the key is opened for each. */
export function openLinkOf(server: ProviderServer, means: LinkMeans): OpenLink {
  const { provider, baseUrl, allowPrivate = false } = server;
  return (events) => {
    const apiKey = openKey(server, means);
    if (apiKey === undefined) return unusableLink(events, means.clock);
    const target: SocketTarget = { baseUrl, apiKey, allowPrivate };
    return provider === "evolution"
      ? openEvolutionLink(target, events, means)
      : openWahaLink(target, events, means);
  };
}

/** What asks this server to send an instance's events; undefined where it sends them unasked. */
export function switchOnOf(
  server: ProviderServer,
  means: LinkMeans,
): ((instance: Instance) => Promise<void>) | undefined {
  if (server.provider !== "evolution") return undefined;
  const send = sendThroughOutbound(means.outbound, server.allowPrivate ?? false);
  return async ({ providerName }) => {
    const apiKey = openKey(server, means) ?? "";
    await switchOnSocket({ baseUrl: server.baseUrl, apiKey, send }, providerName);
  };
}

/** Undefined when it was stored under another encryption key. */
function openKey({ apiKey }: ProviderServer, { secretBox }: LinkMeans): string | undefined {
  try {
    return secretBox.open(apiKey);
  } catch {
    return undefined;
  }
}

/** A connection that cannot be tried ends like one that was, so that it is visible and tried again. */
function unusableLink(events: LinkEvents, clock: Clock): Link {
  const close = clock.after(0, () => events.ended({ reason: "key_refused", detail: "unreadable" }));
  return { follow: () => undefined, covers: () => false, close };
}
