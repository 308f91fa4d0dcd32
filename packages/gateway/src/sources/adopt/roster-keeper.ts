import { RecadoError } from "../../base/recado-error.ts";
import type { Instance, ProviderServer, TenantScope } from "../../store/contract/index.ts";
import type { RemoteInstance, ServerControl } from "../control/server-control.ts";
import { matchInstances, type InstanceMatch } from "./decide/match-instances.ts";
import { nameFor } from "./decide/name-for.ts";
import type { InstanceNews } from "./instance-news.ts";
import type { AdoptionOptions } from "./options.ts";
import { ServerRefused } from "./reasons/reason-of.ts";
import type { AdoptionRecords } from "./records/adoption-record.ts";

/** A server's numbers as they are now, each with its instance here. */
export interface Roster {
  readonly present: readonly Instance[];
  readonly vanished: readonly Instance[];
}

/** What a server can have here. The largest that are known have some thousands; a list may be anybody's invention. */
export const maxNumbers = 10_000;

/** Tries for a name that somebody else takes at the same moment. */
const maxTries = 5;

/**
 * Brings the directory to what a server lists: numbers that are new become instances, those that were
 * learnt from webhooks become the server's, those that are gone are marked. Nothing is ever deleted.
 *
 * Calls about one server must not overlap.
 */
export class RosterKeeper {
  readonly #options: AdoptionOptions;
  readonly #records: AdoptionRecords;
  readonly #news: InstanceNews;

  constructor(options: AdoptionOptions, records: AdoptionRecords, news: InstanceNews) {
    this.#options = options;
    this.#records = records;
    this.#news = news;
  }

  /**
   * Rejects with the provider's failure when there is no list, and with {@link ServerRefused} when it is
   * longer than any server's, before anything is changed.
   * @param about `ignored`: names that are not to become instances; `isWhole`: false when the list need not
   *   have every number of the server
   */
  async update(
    scope: TenantScope,
    server: ProviderServer,
    control: ServerControl,
    about: { readonly ignored: readonly string[]; readonly isWhole: boolean },
  ): Promise<Roster> {
    const remotes = await control.list();
    if (remotes.length > maxNumbers)
      throw new ServerRefused({ code: "too_many_numbers", detail: `${remotes.length} numbers` });
    const { matches, vanished } = matchInstances(server, remotes, await this.#known(scope));
    const present: Instance[] = [];
    const listed: { readonly instanceId: string; readonly remote: RemoteInstance }[] = [];
    const skipped = new Set(about.ignored);
    for (const match of matches) {
      const { remote } = match;
      if (match.kind === "new" && skipped.has(remote.name)) continue;
      const instance = await this.#instance(scope, server, control, match);
      present.push(instance);
      listed.push({ instanceId: instance.id, remote });
    }
    this.#options.listed?.(scope, listed);
    if (!about.isWhole) return { present, vanished: [] };
    for (const instance of vanished) await this.#markVanished(scope, instance);
    return { present, vanished };
  }

  async #known(scope: TenantScope): Promise<readonly Instance[]> {
    const all: Instance[] = [];
    for (;;) {
      const last = all.at(-1);
      const page = await this.#options.store.directory.instances(scope, {
        limit: 1_000,
        ...(last ? { afterId: last.id } : {}),
      });
      all.push(...page);
      if (page.length < 1_000) return all;
    }
  }

  async #instance(
    scope: TenantScope,
    server: ProviderServer,
    control: ServerControl,
    match: InstanceMatch,
  ): Promise<Instance> {
    if (match.kind === "own") {
      await this.#markReturned(scope, match.instance);
      return this.#spelt(scope, match.instance, match.remote);
    }
    const isTheSame =
      match.kind === "learnt" ||
      (match.kind === "doubtful" && (await this.#sendsToUs(scope, control, match.remote)));
    if (isTheSame) {
      const { directory } = this.#options.store;
      const linked = await directory.updateInstance(scope, match.instance.id, {
        serverId: server.id,
        providerName: match.remote.name,
      });
      if (linked) return linked;
    }
    return this.#create(scope, server, match.remote);
  }

  /** With the name exactly as the provider spells it: it finds no number by another form of the same letters. */
  async #spelt(
    scope: TenantScope,
    instance: Instance,
    { name: providerName }: RemoteInstance,
  ): Promise<Instance> {
    if (instance.providerName === providerName) return instance;
    const { directory } = this.#options.store;
    return (await directory.updateInstance(scope, instance.id, { providerName })) ?? instance;
  }

  /**
   * Whether the number at this server has our tenant's address now, and so is the one that was learnt from
   * webhooks, whatever the server calls itself.
   */
  async #sendsToUs(
    scope: TenantScope,
    control: ServerControl,
    { name }: RemoteInstance,
  ): Promise<boolean> {
    const tenant = await this.#options.store.directory.tenant(scope.tenantId);
    if (!tenant) return false;
    const url = `${this.#options.publicUrl()}/in/${tenant.ingestToken}`;
    const isOurs = (other: string): boolean => other.includes(`/in/${tenant.ingestToken}`);
    const { differences } = await control.inspectHook(name, { url, secret: "", isOurs });
    return !differences.some(({ setting }) => setting === "url" || setting === "missing");
  }

  async #create(
    scope: TenantScope,
    server: ProviderServer,
    remote: RemoteInstance,
  ): Promise<Instance> {
    const { store, ids, clock } = this.#options;
    const { directory } = store;
    const taken = new Set<string>();
    for (let tries = 1; ;) {
      const name = nameFor(remote.name, server.name, (candidate) => taken.has(candidate));
      if (await directory.instanceByName(scope, name)) {
        taken.add(name);
        continue;
      }
      const instance: Instance = {
        id: ids.next("ins"),
        tenantId: scope.tenantId,
        name,
        providerName: remote.name,
        provider: server.provider,
        serverId: server.id,
        ingestToken: ids.token(24),
        createdAt: clock.now(),
      };
      try {
        await directory.createInstance(scope, instance);
      } catch (error) {
        const isRace = error instanceof RecadoError && error.code === "name_taken";
        if (!isRace || ++tries > maxTries) throw error;
        const sameName = await directory.instancesByProviderName(scope, remote.name);
        const made = sameName.find(({ serverId }) => serverId === server.id);
        if (made) return made;
        continue;
      }
      await this.#news.created(scope, instance, 0);
      return instance;
    }
  }

  async #markVanished(scope: TenantScope, instance: Instance): Promise<void> {
    const record = await this.#records.get(scope, instance.id);
    // Without a record it was never seen there: somebody has made it here, and not yet at the provider.
    if (!record || record.vanishedAt !== undefined) return;
    const now = this.#options.clock.now();
    // Told first: a crash in between repeats it, and its identity makes one of both.
    await this.#news.removed(scope, instance, record.adoptedAt ?? 0);
    await this.#records.change(scope, instance.id, { vanishedAt: now });
  }

  /** A number that is made again under its old name begins from nothing at the provider. */
  async #markReturned(scope: TenantScope, instance: Instance): Promise<void> {
    const record = await this.#records.get(scope, instance.id);
    if (record?.vanishedAt === undefined) return;
    await this.#news.created(scope, instance, record.vanishedAt);
    await this.#records.change(scope, instance.id, {
      vanishedAt: undefined,
      adoptedAt: undefined,
      ...(record.state === "released" ? {} : { state: "pending" }),
    });
  }
}
