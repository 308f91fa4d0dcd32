import { tokenRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { TenantScope } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { instanceIdsOf } from "../instances/find-instance.ts";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { fieldIssue } from "../validation.ts";
import { tokenRequest } from "./token-request.ts";

/** Short-lived tokens for browsers, so that a key never leaves the server. */
export function serveTokens(app: FastifyInstance, options: ApiOptions): void {
  const { store, access, clock } = options;

  async function scopeFor(caller: Caller, tenantId: string | undefined): Promise<TenantScope> {
    if (tenantId === undefined || tenantId === caller.scope.tenantId) return caller.scope;
    if (caller.principal.role !== "SUPERADMIN")
      throw new RecadoError("forbidden", ["tenantId names another tenant"]);
    const tenant = await store.directory.tenant(tenantId);
    if (!tenant) throw fieldIssue(["tenantId"], "unknown_tenant", tenantId);
    return { tenantId };
  }

  route(app, tokenRoutes.create, async ({ body, caller }) => {
    const scope = await scopeFor(caller, body.tenantId);
    const instances =
      body.instances &&
      (await instanceIdsOf(store.directory, { ...caller, scope }, body.instances));
    const request = tokenRequest(
      caller.principal,
      {
        tenantId: scope.tenantId,
        scopes: body.scopes,
        ttlSeconds: body.ttlSeconds ?? options.defaultTokenTtlSeconds,
        ...(instances ? { instances } : {}),
        ...(body.userId !== undefined ? { userId: body.userId } : {}),
      },
      clock.now(),
      caller.instanceIds,
    );
    const { token, expiresAt } = await access.issueToken(request);
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  });
}
