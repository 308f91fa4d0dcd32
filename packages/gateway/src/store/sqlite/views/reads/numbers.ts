import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NumberOf } from "./addresses.ts";

/** The numbers of a tenant that the views know, of those that may be seen. */
export class Numbers {
  readonly #log: StatementSync;
  readonly #scopes: StatementSync;

  constructor(main: DatabaseSync, views: DatabaseSync) {
    this.#log = main.prepare("SELECT number, floor FROM log_tenants WHERE tenant_id = ?");
    this.#scopes = views.prepare("SELECT number AS scope, instance FROM scopes WHERE tenant = ?");
  }

  of(tenantId: string, instanceIds: readonly string[] | undefined): readonly NumberOf[] {
    const log = this.#log.get(tenantId);
    if (!log) return [];
    const [tenant, floor] = [log["number"] as number, log["floor"] as number];
    const visible = instanceIds && new Set(instanceIds);
    const scopes = this.#scopes.all(tenant) as unknown as readonly {
      readonly scope: number;
      readonly instance: string;
    }[];
    return scopes
      .filter(({ instance }) => !visible || visible.has(instance))
      .map((scope) => ({ ...scope, tenant, floor }));
  }
}
