import { publicPairingRoutes, type PublicPairingResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import type { Visited } from "../../sources/index.ts";
import { presentShown } from "../instances/present-pairing.ts";
import type { Language } from "../language.ts";
import type { ApiOptions } from "../options.ts";
import { route, type RequestFacts } from "../route.ts";

/** The header in which a visitor proves to be the one of before: no cookie, so that no other page can use it. */
const visitorHeader = "x-pairing-visitor";

/** Pairing by a link, for whoever has it. */
export function servePublicPairing(app: FastifyInstance, options: ApiOptions): void {
  const { visits } = options.pairing;

  function present(seen: Visited, asked: Language): PublicPairingResource {
    const { view, name, language, visitor, linkExpiresAt } = seen;
    return {
      ...presentShown(view, language ?? asked, options.clock.now()),
      name,
      visitor,
      ...(language === undefined ? {} : { language }),
      linkExpiresAt: new Date(linkExpiresAt).toISOString(),
    };
  }

  function visitOf(
    token: string,
    request: RequestFacts,
  ): { token: string; visitor: string | undefined; address: string; signal: AbortSignal } {
    const visitor = request.header(visitorHeader);
    return { token, visitor, address: request.address, signal: request.untilGone() };
  }

  route(app, publicPairingRoutes.read, async ({ params, query, language, request }) => {
    const visit = { ...visitOf(params.token, request), after: query.after };
    return present(await visits.read(visit), language);
  });

  route(app, publicPairingRoutes.code, async ({ params, body, language, request }) => {
    const visit = { ...visitOf(params.token, request), phone: body.phone };
    return present(await visits.code(visit), language);
  });

  route(app, publicPairingRoutes.renew, async ({ params, language, request }) =>
    present(await visits.renew(visitOf(params.token, request)), language),
  );
}
