import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { tidyDocument } from "./tidy-document.ts";
import { buildReference, type ReferenceOptions } from "./document.ts";

export type { KnownRoute } from "./document.ts";

/** `/api/v1/openapi.json` and the reference page at `/api/docs`; both are public and made on demand. */
export function serveReference(app: FastifyInstance, options: ReferenceOptions): void {
  let built: Promise<FastifyInstance> | undefined;
  let document: string | undefined;

  function reference(): Promise<FastifyInstance> {
    built ??= buildReference(options).catch((error: unknown) => {
      built = undefined; // A failure is this request's, not every later one's.
      throw error;
    });
    return built;
  }

  async function page(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const side = await reference();
    reply.hijack();
    side.routing(request.raw, reply.raw);
  }

  const method = "GET";
  app.route({
    method,
    url: "/api/v1/openapi.json",
    handler: async (_request, reply) => {
      document ??= JSON.stringify(tidyDocument({ ...(await reference()).swagger() }));
      return reply.type("application/json; charset=utf-8").send(document);
    },
  });
  app.route({ method, url: "/api/docs", handler: page });
  app.route({ method, url: "/api/docs/*", handler: page });
  app.addHook("onClose", async () => {
    await (await built)?.close();
  });
}
