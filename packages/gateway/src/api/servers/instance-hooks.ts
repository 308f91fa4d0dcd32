import { instanceAdoptionRoutes, type HookResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { AdoptionRecord } from "../../sources/adopt/index.ts";
import type { Instance } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { findInstance } from "../instances/find-instance.ts";
import type { ApiOptions } from "../options.ts";
import { definedOnly, isoOrAbsent } from "../present.ts";
import { route } from "../route.ts";
import { presentReach, presentReason } from "./present.ts";

function presentHook(instance: Instance, record: AdoptionRecord | undefined): HookResource {
  const signed = instance.webhookSecret !== undefined;
  if (!record) return { state: "none", differences: [], signed };
  const { state, differences, reason, endpointId, droppedHeaders, media, others } = record;
  return definedOnly({
    state,
    differences,
    reason: reason && presentReason(reason),
    adoptedAt: isoOrAbsent(record.adoptedAt),
    checkedAt: isoOrAbsent(record.checkedAt),
    vanishedAt: isoOrAbsent(record.vanishedAt),
    keptEndpointId: endpointId,
    droppedHeaders,
    media,
    others,
    signedFrom: isoOrAbsent(record.demandSecretAt),
    signed,
  }) as HookResource;
}

/** The webhook of one number at its provider: how it stands, putting it in place, giving it back. */
export function serveInstanceHooks(app: FastifyInstance, options: ApiOptions): void {
  const { adoption, store } = options;

  async function visible(caller: Caller, idOrName: string): Promise<Instance> {
    const instance = await findInstance(store.directory, caller.scope, idOrName);
    if (!instance || caller.instanceIds?.has(instance.id) === false) {
      throw new RecadoError("not_found");
    }
    return instance;
  }

  route(app, instanceAdoptionRoutes.get, async ({ params, caller }) => {
    const instance = await visible(caller, params.id);
    return presentHook(instance, await adoption.hookOf(caller.scope, instance.id));
  });

  route(app, instanceAdoptionRoutes.sync, async ({ params, caller }) => {
    const instance = await visible(caller, params.id);
    const result = await adoption.adoptInstance(caller.scope, instance);
    return {
      outcome: result.kind,
      ...(result.kind === "failed" ? { reason: presentReason(result.reason) } : {}),
    };
  });

  route(app, instanceAdoptionRoutes.release, async ({ params, caller }) => {
    const instance = await visible(caller, params.id);
    const result = await adoption.releaseInstance(caller.scope, instance);
    return {
      outcome: result.kind,
      ...(result.kind === "failed" ? { reason: presentReason(result.reason) } : {}),
    };
  });

  route(app, instanceAdoptionRoutes.test, async ({ params, caller }) => {
    const instance = await visible(caller, params.id);
    return presentReach(await adoption.testInstance(caller.scope, instance));
  });
}
