export { createAccess, type AccessOptions, type RecadoAccess } from "./authenticate.ts";
export { permits, seesInstance, type Permission } from "./permission.ts";
export { roles, type Access, type Principal, type Role, type TokenRequest } from "./principal.ts";
export { requestCredential, type RequestHeaders } from "./request-credential.ts";
export { accessScopes, hashCredential, newTenantKey, type AccessScope } from "./tenant-key.ts";
export { tenantScope } from "./tenant-scope.ts";
export { defaultTenantId } from "./token-claims.ts";
export type { KeyFetch } from "./token-verifier.ts";
