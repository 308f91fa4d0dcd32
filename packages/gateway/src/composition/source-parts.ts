import { systemIds } from "../base/ids.ts";
import type { Ingest } from "../ingest/index.ts";
import type { EventLogWriter } from "../log/index.ts";
import {
  createAdoption,
  createLidLookups,
  createNumberWatch,
  createPairing,
  type Adoption,
  type LidLookups,
  type NumberWatch,
  type Pairing,
  type ProviderSockets,
  type ServerControls,
} from "../sources/index.ts";
import type { Foundation, Ways } from "./foundation.ts";
import { hookInPlace } from "./number-facts.ts";
import { createSocketParts } from "./socket-parts.ts";

/** Everything that has to do with providers' servers. */
export interface SourceParts {
  readonly controls: ServerControls;
  readonly adoption: Adoption;
  readonly lidLookups: LidLookups;
  readonly watch: NumberWatch;
  readonly pairing: Pairing;
  readonly sockets: ProviderSockets;
}

interface Given extends Foundation, Ways {
  readonly writer: EventLogWriter;
  readonly ingest: Ingest;
  readonly controls: ServerControls;
  readonly publicUrl: () => string;
  readonly endpointRules: Parameters<typeof createAdoption>[0]["endpointRules"];
}

const ids = systemIds;

export function createSourceParts(given: Given): SourceParts {
  const { clock, config, controls, ingest, logger, outbound, secretBox, store, writer } = given;
  const lidLookups = createLidLookups({ store, tail: writer, controls, clock, logger });
  const watch = createNumberWatch({
    store,
    writer,
    ingest,
    controls,
    clock,
    logger,
    random: () => ids.random(),
    restartFrozen: config.restartFrozen,
    hookInPlace: (scope, id) => hookInPlace(store.records, scope, id),
  });
  const pairing = createPairing({ store, controls, writer, clock, ids, logger });
  const adoption = createAdoption({
    store,
    controls,
    outbound,
    writer,
    endpointRules: given.endpointRules,
    secretBox,
    clock,
    ids,
    logger,
    publicUrl: given.publicUrl,
    checkEveryMs: config.webhookCheckMs,
    repair: config.webhookRepair,
    wantsHook: ({ source }) => source !== "socket",
    listed: (scope, numbers) => watch.listed(scope, numbers),
    mayHaveMissed: (gap) => watch.mayHaveMissed(gap),
  });
  const sockets = createSocketParts({ ...given, adoption, watch });
  return { controls, lidLookups, watch, pairing, adoption, sockets };
}
