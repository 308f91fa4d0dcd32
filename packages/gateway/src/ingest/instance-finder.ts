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
  find(
    target: IngestTarget,
    identification: Identification,
    provider: ProviderName,
  ): Promise<FoundInstance>;
}

/** How often a lost race for a name is run again before it is an error. */
const maxTries = 5;
const maxNameLength = 200;

/** A name that can be stored, shown and found again: no half characters, not endless. */
function withUsableName(identification: Identification): Identification {
  const { instanceName, ...rest } = identification;
  if (instanceName === undefined) return rest;
  return { ...rest, instanceName: instanceName.slice(0, maxNameLength).toWellFormed() };
}

function scopeOf(target: IngestTarget): TenantScope {
  return { tenantId: target.tenant.id };
}

export function createInstanceFinder(options: InstanceFinderOptions): InstanceFinder {
  const { directory, clock, ids } = options;

  async function choose(
    target: IngestTarget,
    identification: Identification,
  ): Promise<InstanceChoice> {
    const name = identification.instanceName;
    if (target.kind === "instance" || name === undefined) {
      return chooseInstance(target, identification, [], () => false);
    }
    const scope = scopeOf(target);
    const sameName = await directory.instancesByProviderName(scope, name);
    const choice = chooseInstance(target, identification, sameName, () => false);
    if (choice.kind !== "new") return choice;
    // Only a new one needs to know which names are taken; names are few and this is rare.
    const names = new Set<string>();
    for (let tries = 0, wanted = choice.name; tries < 100; tries++) {
      if (!(await directory.instanceByName(scope, wanted))) break;
      names.add(wanted);
      const next = chooseInstance(target, identification, sameName, (candidate) =>
        names.has(candidate),
      );
      if (next.kind !== "new") return next;
      wanted = next.name;
    }
    return chooseInstance(target, identification, sameName, (candidate) => names.has(candidate));
  }

  function created(
    target: IngestTarget,
    choice: InstanceChoice & { kind: "new" },
    provider: ProviderName,
  ): Instance {
    return {
      id: ids.next("ins"),
      tenantId: target.tenant.id,
      name: choice.name,
      providerName: choice.providerName,
      provider,
      ...(choice.serverId !== undefined ? { serverId: choice.serverId } : {}),
      ...(choice.serverUrl !== undefined ? { serverUrl: choice.serverUrl } : {}),
      ingestToken: ids.token(24),
      createdAt: clock.now(),
    };
  }

  async function find(
    target: IngestTarget,
    identification: Identification,
    provider: ProviderName,
  ): Promise<FoundInstance> {
    const usable = withUsableName(identification);
    for (let tries = 1; ; tries++) {
      const choice = await choose(target, usable);
      if (choice.kind === "unassigned") return {};
      if (choice.kind === "known") {
        const learnt = await learnServer(target, choice.instance, usable);
        return {
          instance: learnt,
          ...(choice.warning !== undefined ? { warning: choice.warning } : {}),
        };
      }
      const instance = created(target, choice, provider);
      try {
        await directory.createInstance(scopeOf(target), instance);
        return { instance };
      } catch (error) {
        const raced = error instanceof RecadoError && error.code === "name_taken";
        if (!raced || tries >= maxTries) throw error;
      }
    }
  }

  /** Under a tenant's token the first `server_url` is remembered, so that a second server is noticed. */
  async function learnServer(
    target: IngestTarget,
    instance: Instance,
    identification: Identification,
  ): Promise<Instance> {
    if (
      target.kind !== "tenant" ||
      instance.serverUrl !== undefined ||
      identification.serverUrl === undefined
    )
      return instance;
    return (
      (await directory.updateInstance(scopeOf(target), instance.id, {
        serverUrl: identification.serverUrl,
      })) ?? instance
    );
  }

  return { find };
}
