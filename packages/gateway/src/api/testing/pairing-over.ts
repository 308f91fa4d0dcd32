import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import { createEventLogWriter } from "../../log/index.ts";
import { createPairing, type Pairing, type ServerControls } from "../../sources/index.ts";
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

/** Pairing over a store whose servers have no address. */
export function pairingOver(base: {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}): Pairing {
  const { store, clock, ids } = base;
  const writer = createEventLogWriter({ log: store.log, clock, ids });
  const pairing = createPairing({
    ...base,
    writer,
    controls: { of: () => willing as Control },
  });
  return {
    ...pairing,
    close() {
      pairing.close();
      writer.close();
    },
  };
}
