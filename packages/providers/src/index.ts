export * from "./contract.ts";
export { identityKey, type IdentityAddress, type IdentityPart } from "./identity.ts";
export { parseJid, type Jid } from "./jid.ts";
export { providers, providerOf, recognise } from "./registry.ts";
export { removeMembers } from "./json-text.ts";
export { evolution } from "./evolution/index.ts";
export { waha } from "./waha/index.ts";
