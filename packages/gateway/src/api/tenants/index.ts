import { tenantRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { defaultTenantId } from "../../access/index.ts";
import { RecadoError } from "../../base/recado-error.ts";
import type { Tenant } from "../../store/contract/index.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf, storePage } from "../lists/page.ts";
import { definedOnly } from "../present.ts";
import { route } from "../route.ts";
import { presentTenant } from "./present.ts";

/** Tenants, for operators. */
export function serveTenants(app: FastifyInstance, options: ApiOptions): void {
  const { store, access, deliverer, clock, ids } = options;
  const { directory } = store;
  const present = (tenant: Tenant): ReturnType<typeof presentTenant> =>
    presentTenant(tenant, options.publicUrl());

  /** What was cached of the tenant's credentials and endpoints is out of date. */
  function changed(): void {
    access.forget();
    deliverer.wake();
  }

  route(app, tenantRoutes.create, async ({ body }) => {
    const tenant: Tenant = {
      id: body.id ?? ids.next("ten"),
      name: body.name,
      active: true,
      ingestToken: ids.token(24),
      createdAt: clock.now(),
    };
    if (await directory.tenant(tenant.id)) throw new RecadoError("name_taken", ["id"]);
    await directory.createTenant(tenant);
    return present(tenant);
  });

  route(app, tenantRoutes.list, ({ query }) =>
    pageOf(
      { list: "tenants", tenantId: "" },
      query,
      (lastId, limit) => directory.tenants(storePage(lastId, limit)),
      present,
    ),
  );

  route(app, tenantRoutes.get, async ({ params }) => {
    const tenant = await directory.tenant(params.id);
    if (!tenant) throw new RecadoError("not_found");
    return present(tenant);
  });

  route(app, tenantRoutes.update, async ({ params, body }) => {
    const tenant = await directory.updateTenant(params.id, definedOnly(body));
    if (!tenant) throw new RecadoError("not_found");
    changed();
    return present(tenant);
  });

  route(app, tenantRoutes.remove, async ({ params }) => {
    if (params.id === defaultTenantId) throw new RecadoError("tenant_in_use");
    if (!(await directory.deleteTenant(params.id))) throw new RecadoError("not_found");
    changed();
  });
}
