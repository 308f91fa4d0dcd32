import { instanceActionRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { presentPairing } from "./present-pairing.ts";
import { visibleInstance } from "./visible-instance.ts";

/** What is done with a number at its provider: connect, log out, restart. */
export function serveInstanceActions(app: FastifyInstance, options: ApiOptions): void {
  const { clock, pairing, store } = options;
  const { pairings } = pairing;
  const { directory } = store;

  route(app, instanceActionRoutes.connect, async ({ params, body, caller, language, request }) => {
    const instance = await visibleInstance(directory, caller, params.id);
    const signal = request.untilGone();
    const view = await pairings.connect(instance, { phone: body.phone, signal });
    return presentPairing(view, language, clock.now());
  });

  route(app, instanceActionRoutes.logout, async ({ params, caller }) => {
    await pairings.logout(await visibleInstance(directory, caller, params.id));
  });

  route(app, instanceActionRoutes.restart, async ({ params, caller }) => {
    await pairings.restart(await visibleInstance(directory, caller, params.id));
  });
}
