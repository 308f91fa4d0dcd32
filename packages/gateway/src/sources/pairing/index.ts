import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import type { EventLogWriter } from "../../log/index.ts";
import type { Instance, Store } from "../../store/contract/index.ts";
import type { ServerControls } from "../control/index.ts";
import { LinkVisitors } from "./links/link-visitors.ts";
import { createPairingLinks, secretHash, type PairingLinks } from "./links/pairing-links.ts";
import { createPublicPairing, type PublicPairing } from "./links/public-pairing.ts";
import { createPairings, type Pairings } from "./live/pairings.ts";

export { imageBytes } from "./code-image.ts";
export { linkState, type PairingLink } from "./links/pairing-link.ts";
export type { PairingLinks } from "./links/pairing-links.ts";
export type { PublicPairing, Visited } from "./links/public-pairing.ts";
export type { PairingView, Pairings } from "./live/pairings.ts";
export { pairingSentence } from "./state/pairing-words.ts";

/** Pairing of numbers with their phones, by those who run them and by the phone's owner with a link. */
export interface Pairing {
  readonly pairings: Pairings;
  readonly links: PairingLinks;
  readonly visits: PublicPairing;
  /** Listens to the log. */
  start(): void;
  /** Answers whoever waits. Idempotent; before the server stops listening. */
  close(): void;
}

export interface PairingOptions {
  readonly store: Pick<Store, "directory" | "records">;
  readonly controls: Pick<ServerControls, "of">;
  readonly writer: Pick<EventLogWriter, "appendOwn" | "subscribe">;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

export function createPairing(options: PairingOptions): Pairing {
  const { store, clock, ids, logger } = options;
  const links = createPairingLinks({ store, clock, ids });
  const visitors = new LinkVisitors();

  /** Links die with the success that they were for, also those whose page was closed before it showed. */
  async function useUpLinks(instance: Instance): Promise<void> {
    try {
      for (const link of await links.activeOf(instance)) {
        const visitor = visitors.lastOf(link.hash);
        const usedBy = visitor === undefined ? undefined : secretHash(visitor);
        await links.useUp({ link, instance }, usedBy);
      }
    } catch (error) {
      // The next visit finds the number connected and uses the link up then.
      logger.warn({ err: error, instanceId: instance.id }, "a pairing link could not be ended");
    }
  }

  const pairings = createPairings({
    ...options,
    directory: store.directory,
    onConnected: (instance) => void useUpLinks(instance),
  });
  const visits = createPublicPairing({ links, visitors, pairings, clock, ids });
  return {
    pairings,
    links,
    visits,
    start: () => pairings.start(),
    close: () => pairings.close(),
  };
}
