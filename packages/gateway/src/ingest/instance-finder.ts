import type { ProviderName } from "@recado/protocol";
import type { Identification } from "@recado/providers";
import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { Directory, IngestTarget, Instance, TenantScope } from "../store/contract/index.ts";
import { chooseInstance, type InstanceChoice } from "./choose-instance.ts";

export interface InstanceFinderOptions {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface FoundInstance {
  /** Absent when the body names none. */
  readonly instance?: Instance;
  readonly warning?: string;
}

/** Looks an instance up, or makes it at its first webhook. Two first webhooks at once make one. */
export interface InstanceFinder {
  /** At once where the address alone decides; the directory is asked otherwise. */
  find(
    target: IngestTarget,
    identification: Identification,
    provider: ProviderName,
  ): FoundInstance | Promise<FoundInstance>;
  /**
   * Under a tenant's token the first `server_url` is remembered, so that a second server is noticed.
   * Only for a sender that proved itself: a forged address would make the real server look like the
   * second one.
   */
  learnServer(
    target: IngestTarget,
    instance: Instance,
    identification: Identification,
  ): Promise<void>;
}

/** How often a lost race for a name is run again before it is an error. */
const maxTries = 5;
/** Namesakes that are counted up before a new instance is refused. */
const maxNamesakes = 100;
const maxNameLength = 200;

type NewInstance = InstanceChoice & { readonly kind: "new" };

function scopeOf(target: IngestTarget): TenantScope {
  return { tenantId: target.tenant.id };
}

/** A name that can be stored, shown and found again: no half characters, not endless. */
function withUsableName(identification: Identification): Identification {
  const { instanceName, ...rest } = identification;
  if (instanceName === undefined) return rest;
  return { ...rest, instanceName: instanceName.slice(0, maxNameLength).toWellFormed() };
}

function foundIn(choice: {
  readonly instance: Instance;
  readonly warning?: string;
}): FoundInstance {
  const { instance, warning } = choice;
  return { instance, ...(warning !== undefined ? { warning } : {}) };
}

const nothingTaken = (): boolean => false;

class DirectoryFinder implements InstanceFinder {
  readonly #options: InstanceFinderOptions;

  constructor(options: InstanceFinderOptions) {
    this.#options = options;
  }

  find(
    target: IngestTarget,
    identification: Identification,
    provider: ProviderName,
  ): FoundInstance | Promise<FoundInstance> {
    const usable = withUsableName(identification);
    if (target.kind !== "instance") return this.#findOrCreate(target, usable, provider);
    const choice = chooseInstance(target, usable, [], nothingTaken);
    return choice.kind === "known" ? foundIn(choice) : {};
  }

  async #findOrCreate(
    target: IngestTarget,
    usable: Identification,
    provider: ProviderName,
  ): Promise<FoundInstance> {
    for (let tries = 1; ; tries++) {
      const choice = await this.#choose(target, usable);
      if (choice.kind === "unassigned") return {};
      if (choice.kind === "known") return foundIn(choice);
      try {
        return { instance: await this.#create(target, choice, provider) };
      } catch (error) {
        const raced = error instanceof RecadoError && error.code === "name_taken";
        if (!raced || tries >= maxTries) throw error;
      }
    }
  }

  async #choose(target: IngestTarget, identification: Identification): Promise<InstanceChoice> {
    const name = identification.instanceName;
    if (name === undefined) return { kind: "unassigned" };
    const { directory } = this.#options;
    const sameName = await directory.instancesByProviderName(scopeOf(target), name);
    // Only a new one needs to know which names are taken; that is rare, and they are few.
    const taken = new Set<string>();
    for (;;) {
      const choice = chooseInstance(target, identification, sameName, (named) => taken.has(named));
      if (choice.kind !== "new" || taken.size >= maxNamesakes) return choice;
      if (!(await directory.instanceByName(scopeOf(target), choice.name))) return choice;
      taken.add(choice.name);
    }
  }

  async #create(
    target: IngestTarget,
    choice: NewInstance,
    provider: ProviderName,
  ): Promise<Instance> {
    const { clock, directory, ids } = this.#options;
    const { kind: _kind, ...named } = choice;
    const instance: Instance = {
      ...named,
      id: ids.next("ins"),
      tenantId: target.tenant.id,
      provider,
      ingestToken: ids.token(24),
      createdAt: clock.now(),
    };
    await directory.createInstance(scopeOf(target), instance);
    return instance;
  }

  async learnServer(
    target: IngestTarget,
    instance: Instance,
    { serverUrl }: Identification,
  ): Promise<void> {
    if (target.kind !== "tenant" || instance.serverUrl !== undefined || serverUrl === undefined)
      return;
    await this.#options.directory.updateInstance(scopeOf(target), instance.id, { serverUrl });
  }
}

export function createInstanceFinder(options: InstanceFinderOptions): InstanceFinder {
  return new DirectoryFinder(options);
}
