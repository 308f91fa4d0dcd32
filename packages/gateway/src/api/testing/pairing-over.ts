import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretBox } from "../../base/secret-box.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createOutbound } from "../../outbound/index.ts";
import {
  createPairing,
  createServerControls,
  type Pairing,
  type ServerControls,
} from "../../sources/index.ts";
import type { Store } from "../../store/contract/index.ts";

type Control = ReturnType<ServerControls["of"]>;

const shown = { state: "connecting", providerState: "SCAN_QR_CODE", qr: "2@sample" } as const;

/** A provider server that does what it is told, and of which nothing else is asked here. */
const willing: Pick<Control, "connect" | "offer" | "logout" | "restart"> = {
  connect: () => Promise.resolve(shown),
  offer: () => Promise.resolve(shown),
  logout: () => Promise.resolve(),
  restart: () => Promise.resolve(),
};

/** Pairing over a store; servers of this machine are called, all others do what they are told. */
export function pairingOver(base: {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly secretBox: SecretBox;
}): Pairing & { stop(): Promise<void> } {
  const { store, clock, ids, secretBox } = base;
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const outbound = createOutbound({ clock });
  const controls = createServerControls({ outbound, secretBox, clock });
  const isHere = (url: string): boolean => new URL(url).hostname === "127.0.0.1";
  const pairing = createPairing({
    ...base,
    writer,
    controls: {
      of: (server) => (isHere(server.baseUrl) ? controls.of(server) : (willing as Control)),
    },
  });
  return {
    ...pairing,
    async stop() {
      pairing.close();
      controls.close();
      writer.close();
      await outbound.close();
    },
  };
}
