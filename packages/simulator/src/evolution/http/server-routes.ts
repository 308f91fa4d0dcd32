import { ok, type Route } from "./evolution-call.ts";

/** Calls about the server itself. */
export const serverRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/",
    guard: "open",
    run: ({ world, request }) =>
      ok({
        status: 200,
        message: "Welcome to the Evolution API, it is working!",
        version: world.version,
        clientName: "evolution_exchange",
        manager: `http://${request.headers["host"] ?? ""}/manager`,
        documentation: "https://doc.evolution-api.com",
        whatsappWebVersion: "2.3000.1027934701",
      }),
  },
  {
    method: "POST",
    path: "/verify-creds",
    guard: "global",
    run: () => ok({ status: 200, message: "Credentials are valid" }),
  },
  {
    // Meta asks this when its webhook is set up; `evolution` is the server's default for the token (recorded).
    method: "GET",
    path: "/webhook/meta",
    guard: "open",
    run: ({ request: { query } }) =>
      query.get("hub.verify_token") === "evolution"
        ? { ...ok(undefined), text: query.get("hub.challenge") ?? "" }
        : { ...ok(undefined), text: "Error, wrong validation token" },
  },
];
