/**
 * The tenant that a store call is about. Every method outside the directory takes one as its first
 * argument, so that a read without a tenant cannot be written by accident.
 */
export interface TenantScope {
  readonly tenantId: string;
}
