import { maskedSecret, serverRoutes, type ServerResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { Directory, ProviderServer, TenantScope } from "../../store/contract/index.ts";
import { requireWholeTenant, type Caller } from "../caller.ts";
import type { ApiOptions } from "../options.ts";
import { pageOf, storePage } from "../lists/page.ts";
import { route } from "../route.ts";
import { requireUsableUrl } from "../usable-url.ts";
import { fieldIssue } from "../validation.ts";
import { serveServerActions } from "./actions.ts";
import { serveInstanceHooks } from "./instance-hooks.ts";
import { countInstances, presentServer } from "./present.ts";
import { visibleServer } from "./visible.ts";

/** Tries for a free name after a server's host, when none was given. */
const maxHostNames = 20;

function hostName(baseUrl: string, attempt: number): string {
  const host = new URL(baseUrl).host.slice(0, 190);
  return attempt === 1 ? host : `${host} ${attempt}`;
}

/** A name that nobody chose must not stand in the way of a second server at one host. */
async function createNamed(
  directory: Directory,
  scope: TenantScope,
  server: ProviderServer,
  isNamed: boolean,
): Promise<ProviderServer> {
  for (let attempt = 1; ; attempt++) {
    const named = isNamed ? server : { ...server, name: hostName(server.baseUrl, attempt) };
    try {
      await directory.createServer(scope, named);
      return named;
    } catch (error) {
      const taken = error instanceof RecadoError && error.code === "name_taken";
      if (!taken || isNamed || attempt === maxHostNames) throw error;
    }
  }
}

/** Provider servers of the caller's tenant. Their keys go in and never come out. */
function serveServerRecords(app: FastifyInstance, options: ApiOptions): void {
  const { adoption, store, secretBox, clock, ids } = options;
  const { directory } = store;

  async function present(server: ProviderServer, caller: Caller): Promise<ServerResource> {
    const stored = await adoption.state(caller.scope, server.id);
    const running = adoption.progressOf(server.id);
    const state = running ? { ...stored, sync: running } : stored;
    return presentServer(server, state, options.publicUrl(), caller);
  }

  /** Private networks are the operator's to open, and stay open for the calls to this address. */
  async function checkUrl(caller: Caller, baseUrl: string): Promise<{ allowPrivate: boolean }> {
    const allowPrivate = caller.principal.kind === "admin_key";
    await requireUsableUrl(options.outbound, baseUrl, allowPrivate);
    return { allowPrivate };
  }

  route(app, serverRoutes.create, async ({ body, caller }) => {
    requireWholeTenant(caller);
    const { allowPrivate } = await checkUrl(caller, body.baseUrl);
    const server: ProviderServer = {
      id: ids.next("srv"),
      tenantId: caller.scope.tenantId,
      name: body.name ?? hostName(body.baseUrl, 1),
      provider: body.provider,
      baseUrl: body.baseUrl,
      apiKey: secretBox.seal(body.apiKey),
      ingestToken: ids.token(24),
      ...(allowPrivate ? { allowPrivate } : {}),
      createdAt: clock.now(),
    };
    const named = await createNamed(directory, caller.scope, server, body.name !== undefined);
    adoption.serverChanged(caller.scope, named);
    return present(named, caller);
  });

  route(app, serverRoutes.list, ({ query, caller }) =>
    pageOf(
      { list: "servers", tenantId: caller.scope.tenantId },
      query,
      (lastId, limit) => directory.servers(caller.scope, storePage(lastId, limit)),
      (server) => (caller.instanceIds ? undefined : present(server, caller)),
    ),
  );

  route(app, serverRoutes.get, async ({ params, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    const instances = await adoption.instancesOf(caller.scope, server.id);
    const records = await Promise.all(instances.map(({ id }) => adoption.hookOf(caller.scope, id)));
    return { ...(await present(server, caller)), instances: countInstances(instances, records) };
  });

  route(app, serverRoutes.update, async ({ params, body, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    const apiKey = body.apiKey === maskedSecret ? undefined : body.apiKey;
    let address: Pick<ProviderServer, "baseUrl" | "allowPrivate"> | undefined;
    if (body.baseUrl !== undefined) {
      address = { baseUrl: body.baseUrl, ...(await checkUrl(caller, body.baseUrl)) };
      const moves = new URL(body.baseUrl).origin !== new URL(server.baseUrl).origin;
      // Else a key that nobody may read could be had by pointing the server at a host of one's own.
      if (moves && apiKey === undefined) throw fieldIssue(["apiKey"], "key_needed");
    }
    const updated = await directory.updateServer(caller.scope, server.id, {
      ...(body.name !== undefined ? { name: body.name } : {}),
      ...address,
      ...(apiKey !== undefined ? { apiKey: secretBox.seal(apiKey) } : {}),
    });
    if (!updated) throw new RecadoError("not_found");
    if (address || apiKey !== undefined) adoption.serverChanged(caller.scope, updated);
    return present(updated, caller);
  });

  route(app, serverRoutes.remove, async ({ params, caller }) => {
    const server = await visibleServer(directory, caller, params.id);
    if (!(await directory.deleteServer(caller.scope, server.id)))
      throw new RecadoError("not_found");
    await adoption.serverGone(caller.scope, server.id);
  });
}

/** Provider servers, and what is set for us at them. */
export function serveServers(app: FastifyInstance, options: ApiOptions): void {
  serveServerRecords(app, options);
  serveServerActions(app, options);
  serveInstanceHooks(app, options);
}
