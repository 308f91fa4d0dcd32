import type { DatabaseSync, StatementSync } from "node:sqlite";
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
    this.#create = db.prepare("INSERT INTO log_tenants (tenant_id) VALUES (?)");
    this.#saveHead = db.prepare("UPDATE log_tenants SET head = ? WHERE number = ?");
    this.#terms = new EventTerms(db);
  }

  /** Must run in the writer's transaction: creates the row the first time. */
  forWriting(tenantId: string): LogTenant {
    const known = this.#known.get(tenantId);
    if (known) return known;
    const row = this.#find.get(tenantId) as unknown as LogTenant | undefined;
    const tenant = row
      ? { number: row.number, head: row.head, termsThrough: row.termsThrough }
      : { number: Number(this.#create.run(tenantId).lastInsertRowid), head: 0, termsThrough: 0 };
    this.#known.set(tenantId, tenant);
    return tenant;
  }

  nextOffset(tenant: LogTenant): number {
    tenant.head += 1;
    this.#moved.add(tenant);
    return tenant.head;
  }

  /** The tenant was deleted: an append after that begins a new log. */
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
