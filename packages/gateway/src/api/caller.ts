import type { RouteContract } from "@recado/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  permits,
  requestCredential,
  tenantScope,
  type Access,
  type Principal,
} from "../access/index.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { Directory, TenantScope } from "../store/contract/index.ts";
import { findInstance } from "./instances/find-instance.ts";

/** Who calls, and for which tenant. */
export interface Caller {
  readonly principal: Principal;
  readonly scope: TenantScope;
  /** Ids of the instances that the credential is limited to; absent: no limit. */
  readonly instanceIds?: ReadonlySet<string>;
}

declare module "fastify" {
  interface FastifyContextConfig {
    permission?: RouteContract["permission"];
  }
  interface FastifyRequest {
    /** Absent on public routes. */
    caller: Caller | undefined;
  }
}

export interface CallerOptions {
  readonly access: Pick<Access, "authenticate">;
  readonly directory: Directory;
}

async function limitedTo(
  directory: Directory,
  scope: TenantScope,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(names.map((name) => findInstance(directory, scope, name)));
  return new Set(found.flatMap((instance) => (instance ? [instance.id] : [])));
}

async function callerOf(
  request: FastifyRequest,
  options: CallerOptions,
): Promise<Caller | undefined> {
  const { permission } = request.routeOptions.config;
  // Unknown routes have none; every route of ours does (route.ts sees to it).
  if (permission === undefined || permission === "public") return undefined;
  const principal = await options.access.authenticate(requestCredential(request.headers));
  if (!permits(principal, permission)) throw new RecadoError("forbidden");
  // Admin routes name their tenant in the path.
  if (permission.startsWith("admin")) return { principal, scope: { tenantId: principal.tenantId } };
  const scope = await tenantScope(options.directory, principal, request.headers);
  return {
    principal,
    scope,
    ...(principal.instances
      ? { instanceIds: await limitedTo(options.directory, scope, principal.instances) }
      : {}),
  };
}

/** Authenticates every request of a scope before its body is read. */
export function identifyCallers(app: FastifyInstance, options: CallerOptions): void {
  app.decorateRequest("caller", undefined);
  app.addHook("onRequest", async (request) => {
    request.caller = await callerOf(request, options);
  });
}

/** Refuses a credential that is limited to some instances: what follows concerns the whole tenant. */
export function requireWholeTenant(caller: Caller): void {
  if (caller.instanceIds) throw new RecadoError("forbidden");
}
