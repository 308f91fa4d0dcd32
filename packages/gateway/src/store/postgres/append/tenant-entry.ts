import type { AppendEntry } from "../../contract/index.ts";

/** An entry and whose it is. */
export interface TenantEntry {
  readonly tenantId: string;
  readonly entry: AppendEntry;
}
