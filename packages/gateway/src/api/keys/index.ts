import { keyRoutes, type KeyResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { newTenantKey } from "../../access/index.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { ApiKey, TenantScope } from "../../store/contract/index.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf, storePage } from "../lists/page.ts";
import { route } from "../route.ts";
import { fieldIssue } from "../validation.ts";

function present(key: ApiKey): KeyResource {
  return {
    id: key.id,
    tenantId: key.tenantId,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    ...(key.expiresAt !== undefined ? { expiresAt: new Date(key.expiresAt).toISOString() } : {}),
    createdAt: new Date(key.createdAt).toISOString(),
  };
}

/** Keys of a tenant, for operators. A key itself is answered once, when it is made; only its hash is kept. */
export function serveKeys(app: FastifyInstance, options: ApiOptions): void {
  const { store, access, clock, ids } = options;
  const { directory } = store;

  async function scopeOf(tenantId: string): Promise<TenantScope> {
    if (!(await directory.tenant(tenantId))) throw new RecadoError("not_found");
    return { tenantId };
  }

  route(app, keyRoutes.create, async ({ params, body }) => {
    const scope = await scopeOf(params.id);
    const now = clock.now();
    if (body.expiresAt !== undefined && body.expiresAt <= now)
      throw fieldIssue(["expiresAt"], "in_the_past");
    const { key, hash, prefix } = newTenantKey(ids);
    const stored: ApiKey = {
      id: ids.next("key"),
      tenantId: scope.tenantId,
      name: body.name,
      hash,
      prefix,
      scopes: [...new Set(body.scopes)],
      ...(body.expiresAt !== undefined ? { expiresAt: body.expiresAt } : {}),
      createdAt: now,
    };
    await directory.createKey(scope, stored);
    return { ...present(stored), key };
  });

  route(app, keyRoutes.list, async ({ params, query }) => {
    const scope = await scopeOf(params.id);
    return pageOf(
      { list: "keys", tenantId: scope.tenantId },
      query,
      (lastId, limit) => directory.keys(scope, storePage(lastId, limit)),
      present,
    );
  });

  route(app, keyRoutes.remove, async ({ params }) => {
    const deleted = await directory.deleteKey(await scopeOf(params.id), params.keyId);
    if (!deleted) throw new RecadoError("not_found");
    access.forget();
  });
}
