export { createAdoption, type Adoption, type ReleaseOne } from "./adoption.ts";
export { repairPolicies, type RepairPolicy } from "./decide/drift.ts";
export { shownAddress } from "./decide/own-address.ts";
export type { EndpointRules } from "./endpoints/endpoint-keeper.ts";
export type { AdoptionOptions } from "./options.ts";
export { sentenceFor, type Reason, type Sentence } from "./reasons/sentences.ts";
export {
  adoptionKind,
  type AdoptionRecord,
  type AdoptionState,
} from "./records/adoption-record.ts";
export type { ServerState, SyncProgress } from "./records/server-record.ts";
export type { ReleasedServer } from "./server-adopter.ts";
export type { StepOutcome } from "./sync-progress.ts";
export type { ConfiguredServer } from "./configured-servers.ts";
export type { ReachResult } from "./reach/self-test.ts";
