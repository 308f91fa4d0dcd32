import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RecadoError } from "../../../base/recado-error.ts";
import { EventTerms } from "./event-terms.ts";
import type { LogTenant } from "./log-tenant.ts";

/**
 * The numbers and heads of tenants, remembered between commits so that an append does not read and write
 * them one by one. Only the writer's transactions use this; reads ask the table.
 */
export class LogTenants {
  readonly #find: StatementSync;
  readonly #create: StatementSync;
  readonly #saveHead: StatementSync;
  readonly #terms: EventTerms;
  readonly #known = new Map<string, LogTenant>();
  readonly #moved = new Set<LogTenant>();

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(
      "SELECT number, head, terms_through AS termsThrough FROM log_tenants WHERE tenant_id = ?",
    );
    this.#create = db.prepare(
      "INSERT INTO log_tenants (tenant_id) SELECT id FROM tenants WHERE id = ?",
    );
    this.#saveHead = db.prepare("UPDATE log_tenants SET head = ? WHERE number = ?");
    this.#terms = new EventTerms(db);
  }

  /**
   * Must run in the writer's transaction: creates the row the first time. Throws `not_found` for a tenant
   * that does not exist: a webhook that was on its way when its tenant was deleted must not begin a log
   * that a later tenant of that name would inherit.
   */
  forWriting(tenantId: string): LogTenant {
    const known = this.#known.get(tenantId);
    if (known) return known;
    const row = this.#find.get(tenantId) as unknown as LogTenant | undefined;
    const tenant = row
      ? { number: row.number, head: row.head, termsThrough: row.termsThrough }
      : { number: this.#begin(tenantId), head: 0, termsThrough: 0 };
    this.#known.set(tenantId, tenant);
    return tenant;
  }

  #begin(tenantId: string): number {
    const { changes, lastInsertRowid } = this.#create.run(tenantId);
    if (changes === 0) throw new RecadoError("not_found", ["there is no such tenant"]);
    return Number(lastInsertRowid);
  }

  nextOffset(tenant: LogTenant): number {
    tenant.head += 1;
    this.#moved.add(tenant);
    return tenant.head;
  }

  /** The tenant was deleted: an append after that is refused until there is one with its id again. */
  forgetTenant(tenantId: string): void {
    const tenant = this.#known.get(tenantId);
    if (!tenant) return;
    this.#known.delete(tenantId);
    this.#moved.delete(tenant);
  }

  save(): void {
    for (const tenant of this.#moved) {
      this.#saveHead.run(tenant.head, tenant.number);
      this.#terms.follow(tenant);
    }
    this.#moved.clear();
  }

  forget(): void {
    this.#known.clear();
    this.#moved.clear();
  }
}
