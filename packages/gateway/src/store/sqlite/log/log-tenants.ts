import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RecadoError } from "../../../base/recado-error.ts";
import { TenantTexts, textStatements, type TextStatements } from "../packing/tenant-texts.ts";
import type { RecentEvents } from "./recent-events.ts";

/** A tenant's place in the log while it is written to. */
export interface LogTenant {
  readonly number: number;
  /** Newest offset. */
  head: number;
  /** What its rows repeat. */
  readonly texts: TenantTexts;
}

/**
 * The numbers and heads of tenants, remembered between commits so that an append does not read and write
 * them one by one. Only the writer's transactions use this; reads ask the table and the recent events.
 */
export class LogTenants {
  readonly #find: StatementSync;
  readonly #create: StatementSync;
  readonly #recent: RecentEvents;
  readonly #texts: TextStatements;
  readonly #known = new Map<string, LogTenant>();

  constructor(db: DatabaseSync, recent: RecentEvents) {
    this.#recent = recent;
    this.#texts = textStatements(db);
    this.#find = db.prepare("SELECT number, head FROM log_tenants WHERE tenant_id = ?");
    this.#create = db.prepare(
      "INSERT INTO log_tenants (tenant_id) SELECT id FROM tenants WHERE id = ?",
    );
  }

  /**
   * Must run in the writer's transaction: creates the row the first time. Throws `not_found` for a tenant
   * that does not exist: a webhook that was on its way when its tenant was deleted must not begin a log
   * that a later tenant of that name would inherit.
   */
  forWriting(tenantId: string): LogTenant {
    const known = this.#known.get(tenantId);
    if (known) return known;
    const row = this.#find.get(tenantId) as
      | { readonly number: number; readonly head: number }
      | undefined;
    const number = row?.number ?? this.#begin(tenantId);
    const head = row ? Math.max(row.head, this.#recent.headOf(number)) : 0;
    const tenant = { number, head, texts: new TenantTexts(this.#texts, number) };
    this.#known.set(tenantId, tenant);
    return tenant;
  }

  #begin(tenantId: string): number {
    const { changes, lastInsertRowid } = this.#create.run(tenantId);
    if (changes === 0) throw new RecadoError("not_found", ["there is no such tenant"]);
    return Number(lastInsertRowid);
  }

  /** The tenant was deleted: an append after that is refused until there is one with its id again. */
  forgetTenant(tenantId: string): void {
    this.#known.delete(tenantId);
  }

  /** The transaction did not happen. */
  forget(): void {
    this.#known.clear();
  }
}
