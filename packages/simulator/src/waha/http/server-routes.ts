import { noKeysHere, refusal } from "./refusals.ts";
import { created, empty, ok, type WahaRoute } from "./route.ts";
import type { KeyAction, WahaKey } from "../session/waha-keys.ts";
import type { WahaWorld } from "./waha-world.ts";

/** The server itself and its keys. */

function keyRoutes(world: WahaWorld): WahaRoute[] {
  const { keys, edition, sessions } = world;
  const allowed = (): void => {
    if (edition.singleSession) throw noKeysHere();
  };
  return [
    { method: "GET", template: "/api/keys", needs: "admin", handle: () => ok(keys.list()) },
    {
      method: "POST",
      template: "/api/keys",
      needs: "admin",
      handle({ body }) {
        allowed();
        const { isAdmin, session, isActive, actions } = body;
        const given: Partial<WahaKey> = {
          isAdmin: isAdmin === true,
          isActive: isActive !== false,
          session: typeof session === "string" ? session : null,
          actions: (actions ?? null) as Record<KeyAction, boolean> | null,
        };
        return created(keys.add(given));
      },
    },
    {
      method: "POST",
      template: "/api/keys/media",
      needs: "admin",
      handle({ session = "" }) {
        allowed();
        if (!sessions.has(session)) throw refusal(422, `Session "${session}" does not exist`);
        return created(keys.media(session));
      },
    },
    {
      method: "DELETE",
      template: "/api/keys/:id",
      needs: "admin",
      handle({ param }) {
        allowed();
        keys.remove(param("id"));
        return empty(200);
      },
    },
  ];
}

export function serverRoutes(world: WahaWorld): WahaRoute[] {
  const { environment, clock, startedAt } = world;
  const get = (template: string, body: () => unknown): WahaRoute => ({
    method: "GET",
    template,
    needs: "admin",
    handle: () => ok(body()),
  });
  return [
    get("/api/server/version", () => environment),
    get("/api/version", () => environment),
    get("/api/server/status", () => ({
      startTimestamp: startedAt(),
      uptime: clock.now() - startedAt(),
      worker: environment.worker,
    })),
    get("/health", () => ({ status: "ok", info: {}, error: {}, details: {} })),
    ...keyRoutes(world),
  ];
}
