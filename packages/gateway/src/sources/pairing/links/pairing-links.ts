import { createHash } from "node:crypto";
import type { Clock } from "../../../base/clock.ts";
import type { Ids } from "../../../base/ids.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type { Instance, Store, TenantScope } from "../../../store/contract/index.ts";
import { isForgotten, linkState, linkValue, readLink, type PairingLink } from "./pairing-link.ts";

/**
 * One-time links for pairing: made, listed, revoked, used up.
 *
 * I1 Only a token's hash is stored; the token is in the answer that made it and nowhere else.
 * I2 A link opens one number, until its time is over, it is revoked, or the number was connected.
 * Proven by `public-pairing.test.ts`.
 */
export interface PairingLinks {
  /** Rejects with `pairing_link_limit` when the number has too many that can be opened. */
  create(
    instance: Instance,
    how: { readonly ttlMs: number; readonly language?: "pt" | "en" | undefined },
  ): Promise<{ readonly token: string; readonly link: PairingLink }>;
  /** Links of the tenant by their hash, those after `afterHash`; `limit` 1–1,000. */
  list(
    scope: TenantScope,
    page: { readonly afterHash?: string; readonly limit: number },
  ): Promise<readonly PairingLink[]>;
  /** False when the number has no such link. */
  remove(instance: Instance, hash: string): Promise<boolean>;
  /** The link behind a token's hash with its number, whether it still opens or not; undefined when one of them is gone. */
  find(hash: string): Promise<FoundLink | undefined>;
  /** From now on it opens nothing. Repeatable. */
  useUp(found: FoundLink, usedBy: string | undefined): Promise<void>;
  /** Links of the number that can be opened. */
  activeOf(instance: Instance): Promise<readonly PairingLink[]>;
}

export interface FoundLink {
  readonly link: PairingLink;
  readonly instance: Instance;
}

export interface PairingLinksOptions {
  readonly store: Pick<Store, "directory" | "records">;
  readonly clock: Clock;
  readonly ids: Ids;
}

const kind = "pairing-link";
const mostActive = 20;
const pageSize = 500;

/** Of a link's token and of a visitor's secret. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

class StoredLinks implements PairingLinks {
  readonly #options: PairingLinksOptions;

  constructor(options: PairingLinksOptions) {
    this.#options = options;
  }

  get #records(): Store["records"] {
    return this.#options.store.records;
  }

  async create(
    instance: Instance,
    how: { readonly ttlMs: number; readonly language?: "pt" | "en" | undefined },
  ): Promise<{ readonly token: string; readonly link: PairingLink }> {
    const active = await this.#tidy(instance);
    if (active.length >= mostActive) throw new RecadoError("pairing_link_limit");
    const now = this.#options.clock.now();
    const token = this.#options.ids.token(32);
    const link: PairingLink = {
      hash: secretHash(token),
      instanceId: instance.id,
      ...(how.language === undefined ? {} : { language: how.language }),
      createdAt: now,
      expiresAt: now + how.ttlMs,
    };
    await this.#records.put(scopeOf(instance), kind, link.hash, linkValue(link));
    return { token, link };
  }

  async list(
    scope: TenantScope,
    page: { readonly afterHash?: string; readonly limit: number },
  ): Promise<readonly PairingLink[]> {
    const { afterHash, limit } = page;
    const records = await this.#records.list(scope, kind, {
      ...(afterHash === undefined ? {} : { afterKey: afterHash }),
      limit,
    });
    return records.flatMap(({ key, value }) => readLink(key, value) ?? []);
  }

  async remove(instance: Instance, hash: string): Promise<boolean> {
    const record = await this.#records.get(scopeOf(instance), kind, hash);
    const link = record && readLink(hash, record.value);
    if (link?.instanceId !== instance.id) return false;
    return this.#records.delete(scopeOf(instance), kind, hash);
  }

  async find(hash: string): Promise<FoundLink | undefined> {
    const { directory } = this.#options.store;
    const record = await this.#records.findAnywhere(kind, hash);
    const link = record && readLink(hash, record.value);
    if (record === undefined || link === undefined) return undefined;
    const { tenantId } = record;
    const tenant = await directory.tenant(tenantId);
    if (tenant?.active !== true) return undefined;
    const instance = await directory.instance({ tenantId }, link.instanceId);
    return instance && { link, instance };
  }

  async useUp({ link, instance }: FoundLink, usedBy: string | undefined): Promise<void> {
    const scope = scopeOf(instance);
    for (;;) {
      const record = await this.#records.get(scope, kind, link.hash);
      const now = record && readLink(link.hash, record.value);
      // Revoked, or somebody was first.
      if (record === undefined || now === undefined || now.usedAt !== undefined) return;
      const used: PairingLink = {
        ...now,
        usedAt: this.#options.clock.now(),
        ...(usedBy === undefined ? {} : { usedBy }),
      };
      const { hash } = link;
      if (await this.#records.putIf(scope, kind, hash, linkValue(used), record.version)) return;
    }
  }

  async activeOf(instance: Instance): Promise<readonly PairingLink[]> {
    const now = this.#options.clock.now();
    const all = await this.#all(scopeOf(instance));
    return all.filter(
      (link) => link.instanceId === instance.id && linkState(link, now) === "active",
    );
  }

  /** Every link of a tenant: bounded, because those that ended are deleted whenever one is made. */
  async #all(scope: TenantScope): Promise<readonly PairingLink[]> {
    const links: PairingLink[] = [];
    let afterKey: string | undefined;
    for (;;) {
      const page = { ...(afterKey === undefined ? {} : { afterKey }), limit: pageSize };
      const records = await this.#records.list(scope, kind, page);
      links.push(...records.flatMap(({ key, value }) => readLink(key, value) ?? []));
      afterKey = records.at(-1)?.key;
      if (records.length < pageSize) return links;
    }
  }

  /** Deletes what ended long ago; answers what of the number can be opened. */
  async #tidy(instance: Instance): Promise<readonly PairingLink[]> {
    const now = this.#options.clock.now();
    const scope = scopeOf(instance);
    const all = await this.#all(scope);
    for (const link of all) {
      if (isForgotten(link, now)) await this.#records.delete(scope, kind, link.hash);
    }
    return all.filter(
      (link) => link.instanceId === instance.id && linkState(link, now) === "active",
    );
  }
}

function scopeOf({ tenantId }: Instance): TenantScope {
  return { tenantId };
}

export function createPairingLinks(options: PairingLinksOptions): PairingLinks {
  return new StoredLinks(options);
}
