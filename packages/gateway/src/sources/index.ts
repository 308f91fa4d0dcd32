/**
 * Provider servers: what we do at them, and what they tell by themselves.
 */
export { createServerControls, type ServerControls } from "./control/index.ts";
export {
  createNumberWatch,
  type Incident,
  type NumberHealth,
  type NumberWatch,
  type ReconcileReport,
} from "./watch/index.ts";
export {
  createPairing,
  imageBytes,
  linkState,
  pairingSentence,
  type Pairing,
  type PairingLink,
  type PairingView,
  type Visited,
} from "./pairing/index.ts";
export { createAdoption, type Adoption } from "./adopt/index.ts";
export {
  createProviderFileSource,
  type ProviderFileSource,
  type ProviderFileSourceOptions,
} from "./files/file-source.ts";
export { createLidLookups, type LidLookups } from "./people/index.ts";
export { createProviderSockets, socketHealthOf, type ProviderSockets } from "./sockets/index.ts";
