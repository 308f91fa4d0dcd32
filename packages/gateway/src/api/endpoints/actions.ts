import { endpointRoutes, type EndpointResource } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { Caller } from "../caller.ts";
import { presentOutcome } from "../deliveries/present.ts";
import type { ApiOptions } from "../options.ts";
import { route } from "../route.ts";
import { usableSecret } from "./checks.ts";
import { presentEndpoint } from "./present.ts";
import { maxOlderSecrets, rotatedSecrets } from "./secret-rotation.ts";
import { visibleEndpoint } from "./visible.ts";

/** What can be done with an endpoint beside changing its record. */
export function serveEndpointActions(app: FastifyInstance, options: ApiOptions): void {
  const { store, deliverer, secretBox, clock, logger } = options;
  const { directory } = store;

  async function setEnabled(
    caller: Caller,
    id: string,
    enabled: boolean,
  ): Promise<EndpointResource> {
    const endpoint = await visibleEndpoint(directory, caller, id);
    const updated = await directory.updateEndpoint(caller.scope, endpoint.id, { enabled });
    if (!updated) throw new RecadoError("not_found");
    deliverer.wake(endpoint.id);
    return presentEndpoint(updated);
  }

  route(app, endpointRoutes.test, async ({ params, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    return presentOutcome(await deliverer.sendTest(caller.scope, endpoint.id));
  });

  route(app, endpointRoutes.rotateSecret, async ({ params, body, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    const secret = usableSecret(body.secret);
    const secrets = rotatedSecrets(
      endpoint.secrets,
      secretBox.seal(secret),
      body.graceSeconds * 1_000,
      clock.now(),
    );
    if (!secrets) {
      throw new RecadoError("invalid_request", [
        `graceSeconds: at most ${maxOlderSecrets} older secrets can be valid at once`,
      ]);
    }
    const updated = await directory.updateEndpoint(caller.scope, endpoint.id, { secrets });
    if (!updated) throw new RecadoError("not_found");
    deliverer.wake(endpoint.id);
    return { ...presentEndpoint(updated), secret };
  });

  route(app, endpointRoutes.revealSecret, async ({ params, caller }) => {
    const endpoint = await visibleEndpoint(directory, caller, params.id);
    const [current] = endpoint.secrets;
    if (!current) throw new RecadoError("not_found");
    const { tenantId } = caller.scope;
    logger.info(
      { tenantId, endpointId: endpoint.id, by: caller.principal.kind },
      "endpoint secret revealed",
    );
    return { id: endpoint.id, secret: secretBox.open(current.value) };
  });

  route(app, endpointRoutes.enable, ({ params, caller }) => setEnabled(caller, params.id, true));
  route(app, endpointRoutes.disable, ({ params, caller }) => setEnabled(caller, params.id, false));
}
