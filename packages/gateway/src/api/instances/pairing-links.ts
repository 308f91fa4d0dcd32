import { instanceActionRoutes, type PairingLinkResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import { linkState, type PairingLink } from "../../sources/index.ts";
import { pageOf } from "../lists/page.ts";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { visibleInstance } from "./visible-instance.ts";

const prefix = "plk_";

function presentLink(link: PairingLink, now: number): PairingLinkResource {
  const { hash, language, createdAt, expiresAt, usedAt } = link;
  return {
    // The hash of a secret of 32 bytes says nothing about it.
    id: `${prefix}${hash}`,
    state: linkState(link, now),
    ...(language === undefined ? {} : { language }),
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    ...(usedAt === undefined ? {} : { usedAt: new Date(usedAt).toISOString() }),
  };
}

/** One-time links with which a number's owner connects it. */
export function servePairingLinks(app: FastifyInstance, options: ApiOptions): void {
  const { clock, pairing, publicUrl, store } = options;
  const { links } = pairing;
  const { directory } = store;

  route(app, instanceActionRoutes.createLink, async ({ params, body, caller }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    const { ttlSeconds, language } = body;
    const { token, link } = await links.create(instance, { ttlMs: ttlSeconds * 1_000, language });
    return {
      ...presentLink(link, clock.now()),
      url: `${publicUrl()}/pair/${token}`,
      apiUrl: `${publicUrl()}/api/public/pairing/${token}`,
    };
  });

  route(app, instanceActionRoutes.listLinks, async ({ params, query, caller }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    return pageOf(
      { list: "pairing_links", tenantId: caller.scope.tenantId },
      query,
      async (lastId, limit) => {
        const after = lastId === undefined ? {} : { afterHash: lastId.slice(prefix.length) };
        const found = await links.list(caller.scope, { ...after, limit });
        return found.map((link) => ({ id: `${prefix}${link.hash}`, link }));
      },
      ({ link }) => (link.instanceId === instance.id ? presentLink(link, clock.now()) : undefined),
    );
  });

  route(app, instanceActionRoutes.removeLink, async ({ params, caller }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    const { linkId } = params;
    const removed =
      linkId.startsWith(prefix) && (await links.remove(instance, linkId.slice(prefix.length)));
    if (!removed) throw new RecadoError("not_found");
  });
}
