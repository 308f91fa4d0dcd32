/** Names that the work and its check share. */
export const keptTenants = ["ten_0", "ten_1", "ten_2"] as const;
/** Its events are old enough to expire. */
export const oldTenant = "ten_old";
export const endpointId = "end_1";
export const recordKind = "note";
