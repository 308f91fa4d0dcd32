import { instanceActionRoutes } from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import { imageBytes } from "../../sources/index.ts";
import type { ApiOptions } from "../options.ts";
import { Picture, route } from "../route.ts";
import { presentPairing } from "./present-pairing.ts";
import { visibleInstance } from "./visible-instance.ts";

/** Whether a request wants the picture alone: a page that shows it in an image element. */
function wantsPicture(format: string | undefined, accept: string | undefined): boolean {
  if (format !== undefined) return format === "png";
  const types = (accept ?? "").toLowerCase();
  return types.includes("image/png") && !types.includes("application/json");
}

/** The code to scan, as JSON and as a picture. */
export function serveQr(app: FastifyInstance, options: ApiOptions): void {
  const { clock, pairing, store } = options;

  route(app, instanceActionRoutes.qr, async ({ params, query, caller, language, request }) => {
    const instance = await visibleInstance(store.directory, caller, params.id);
    const { after, format } = query;
    const signal = request.untilGone();
    const view = await pairing.pairings.look(instance, { after, signal });
    if (!wantsPicture(format, request.header("accept")))
      return presentPairing(view, language, clock.now());
    if (view.image === undefined)
      throw new RecadoError("pairing_no_code", [`the stage is ${view.state.stage}`]);
    return new Picture("image/png", imageBytes(view.image));
  });
}
