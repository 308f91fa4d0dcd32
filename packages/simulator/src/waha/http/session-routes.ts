import type { JsonReply } from "../../serving/json-server.ts";
import { type FakeSession, listedSession, shownSession } from "../session/fake-session.ts";
import { complaintsAboutConfig, storedConfig, type WahaConfig } from "../session/session-config.ts";
import { refusal } from "./refusals.ts";
import { created, empty, ok, type WahaCall, type WahaRoute } from "./route.ts";
import { checkName, findSession, findStarted, type WahaWorld } from "./waha-world.ts";

/** Sessions: list, create, change, start, stop, restart, log out, delete. */

/** How long the real calls hold (recorded). */
const stopMs = 3_000;
const logoutMs = 4_000;

function readConfig({ body }: WahaCall): WahaConfig | undefined {
  const complaints = complaintsAboutConfig(body["config"]);
  if (complaints.length > 0) throw refusal(400, complaints);
  const config = body["config"] as WahaConfig | null | undefined;
  return config ? storedConfig(config) : undefined;
}

const isRunning = ({ status }: FakeSession): boolean => status !== "STOPPED";

async function stop(world: WahaWorld, session: FakeSession, pauseMs = stopMs): Promise<void> {
  if (!isRunning(session)) return;
  world.lifecycle.stop(session);
  await world.pause(pauseMs);
}

function create(world: WahaWorld, call: WahaCall): ReturnType<WahaRoute["handle"]> {
  const { body } = call;
  const generated = `session_${world.random.text("0123456789abcdefghjkmnpqrstvwxyz", 26)}`;
  const otherwise = world.edition.singleSession ? "default" : generated;
  const name = typeof body["name"] === "string" ? body["name"] : otherwise;
  checkName(world, name);
  if (world.sessions.has(name))
    throw refusal(422, `Session '${name}' already exists. Use PUT to update it.`);
  const config = readConfig(call);
  const start = body["start"] !== false;
  // Recorded on the single-session edition: nothing is created, and nothing says so.
  if (!start && world.edition.singleSession) return empty(201);
  const session = world.create(config ? { name, config } : { name });
  if (start) world.lifecycle.start(session);
  return created(shownSession(session, world.edition));
}

/** Changes of one session wait for each other. */
function inTurn(
  world: WahaWorld,
  call: WahaCall,
  handle: WahaRoute["handle"],
): ReturnType<WahaRoute["handle"]> {
  return world.turns.take(call.param("session"), async () => handle(call));
}

async function remove(world: WahaWorld, name: string): Promise<JsonReply> {
  checkName(world, name);
  const session = world.sessions.get(name);
  if (session) await stop(world, session, logoutMs);
  world.sessions.delete(name);
  return empty(200);
}

async function update(world: WahaWorld, call: WahaCall): Promise<FakeSession> {
  const session = findSession(world, call.param("session"));
  const config = readConfig(call);
  const running = isRunning(session);
  // The stop is told to the webhooks of until now.
  await stop(world, session);
  session.config = config;
  if (running) world.lifecycle.start(session);
  return session;
}

function changes(world: WahaWorld): WahaRoute[] {
  const { edition, lifecycle, sessions } = world;
  const shown = (session: FakeSession) => created(shownSession(session, edition));
  const named = ({ param }: WahaCall): FakeSession => findSession(world, param("session"));
  const post = (action: string, handle: WahaRoute["handle"]): WahaRoute => ({
    method: "POST",
    template: `/api/sessions/:session/${action}`,
    needs: "control",
    handle: (call) => inTurn(world, call, handle),
  });
  return [
    post("start", (call) => {
      const session = named(call);
      if (isRunning(session)) throw refusal(422, `Session '${session.name}' is already started.`);
      lifecycle.start(session);
      return shown(session);
    }),
    post("stop", async ({ param }) => {
      checkName(world, param("session"));
      const session = sessions.get(param("session"));
      if (!session) return empty(201);
      await stop(world, session);
      return shown(session);
    }),
    post("restart", async (call) => {
      const session = named(call);
      await stop(world, session);
      lifecycle.start(session);
      return shown(session);
    }),
    post("logout", async (call) => {
      const session = named(call);
      const running = isRunning(session);
      await stop(world, session, logoutMs);
      session.account = null;
      session.mailbox.clear();
      if (running) lifecycle.start(session);
      return shown(session);
    }),
  ];
}

export function sessionRoutes(world: WahaWorld): WahaRoute[] {
  const { edition, sessions } = world;
  const one = "/api/sessions/:session";
  const expand = ({ request }: WahaCall): string[] => request.query.getAll("expand");
  return [
    {
      method: "GET",
      template: "/api/sessions",
      needs: "admin",
      handle({ request }) {
        const all = request.query.get("all") === "true";
        const visible = [...sessions.values()].filter((session) => all || isRunning(session));
        return ok(visible.map((session) => listedSession(session, edition)));
      },
    },
    {
      method: "POST",
      template: "/api/sessions",
      needs: "admin",
      handle: (call) => create(world, call),
    },
    {
      method: "GET",
      template: one,
      needs: "read",
      handle: (call) =>
        ok(shownSession(findSession(world, call.param("session")), edition, expand(call))),
    },
    {
      method: "GET",
      template: `${one}/me`,
      needs: "read",
      handle({ param }) {
        const { me } = findStarted(world, param("session"));
        return me ? ok(me) : empty(200);
      },
    },
    {
      method: "PUT",
      template: one,
      needs: "setting",
      handle: (call) =>
        inTurn(world, call, async () => ok(shownSession(await update(world, call), edition))),
    },
    {
      method: "DELETE",
      template: one,
      needs: "delete",
      handle: (call) => inTurn(world, call, () => remove(world, call.param("session"))),
    },
    ...changes(world),
  ];
}
