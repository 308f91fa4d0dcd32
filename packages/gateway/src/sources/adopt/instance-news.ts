import type { EventData, EventInstance } from "@recado/protocol";
import { identityKey } from "@recado/providers";
import type { Instance, TenantScope } from "../../store/contract/index.ts";
import type { DriftVerdict } from "./decide/drift.ts";
import type { AdoptionOptions } from "./options.ts";

/** What adoption tells through the log. Each is told once: its identity says which occurrence it is. */
export interface InstanceNews {
  /** `occurrence` tells one appearance from a later one. */
  created(scope: TenantScope, instance: Instance, occurrence: number): Promise<void>;
  removed(scope: TenantScope, instance: Instance, occurrence: number): Promise<void>;
  webhookChanged(
    scope: TenantScope,
    instance: Instance,
    verdict: DriftVerdict,
    occurrence: number,
  ): Promise<void>;
}

function eventInstance(instance: Instance): EventInstance {
  return { id: instance.id, name: instance.name, provider: instance.provider };
}

type NewsType = "instance.created" | "instance.removed" | "instance.webhook_changed";

export function createInstanceNews({ writer }: Pick<AdoptionOptions, "writer">): InstanceNews {
  async function tell<T extends NewsType>(
    scope: TenantScope,
    instance: Instance,
    type: T,
    data: EventData[T],
    ...occurrence: readonly (string | number)[]
  ): Promise<void> {
    await writer.appendOwn(scope, {
      type,
      data,
      instance: eventInstance(instance),
      identity: { key: identityKey(type, "recado", instance.id, ...occurrence) },
    });
  }
  return {
    created: (scope, instance, occurrence) =>
      tell(scope, instance, "instance.created", {}, occurrence),
    removed: (scope, instance, occurrence) =>
      tell(scope, instance, "instance.removed", {}, occurrence),
    webhookChanged(scope, instance, verdict, occurrence) {
      const { isDeaf, repair, gaveUp, differences, memory } = verdict;
      const data = {
        reason: isDeaf ? "webhook_lost" : "webhook_altered",
        evidence: { differences, repairing: repair, ...(gaveUp ? { gaveUp } : {}) },
      };
      const fingerprint = memory.told ?? "";
      return tell(scope, instance, "instance.webhook_changed", data, fingerprint, occurrence);
    },
  };
}
