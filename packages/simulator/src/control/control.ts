import { type Clock, systemClock } from "../clock.ts";
import {
  type JsonReply,
  type JsonRequest,
  type JsonServer,
  startJsonServer,
} from "../serving/json-server.ts";
import { type Action, ControlRefusal } from "./action.ts";
import { controlHelp } from "./control-help.ts";
import { numberActions } from "./number-actions.ts";
import { serverActions } from "./server-actions.ts";
import type { Simulated, SimulatedNumber } from "./simulated.ts";

/**
 * Routes under `/_simulator` that make things happen, so that a scenario can be written in any language.
 *
 * Owns: a port of its own, since the provider's closes when its process dies and knows no such routes.
 * Must not know: which provider it is.
 *
 * I1 A call answers once the thing has begun, not once its deliveries ended ("a message is received before
 *    its webhook is delivered").
 * I2 What cannot happen is refused with a sentence and changes nothing ("what cannot happen is refused").
 */
export interface Control {
  /** `http://127.0.0.1:<port>`; the routes are under `/_simulator`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ControlOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. The routes ask for no key. */
  readonly host?: string;
  readonly clock?: Clock;
  /** What failed after its call was answered. */
  readonly onTrouble?: (message: string) => void;
}

/** Messages of one answer. */
const mostMessages = 10_000;

const ok = (body: unknown): JsonReply => ({ status: 200, body });

function bodyOf({ body }: JsonRequest): unknown {
  if (body.kind === "malformed")
    throw new ControlRefusal(400, "body_invalid", `not JSON: ${body.reason}`);
  return body.kind === "none" ? {} : body.value;
}

function numberOf(simulated: Simulated, name: string): SimulatedNumber {
  const number = simulated.numbers().find((one) => one.name === name);
  if (number) return number;
  const known = simulated.numbers().map((one) => `"${one.name}"`);
  const some = known.length === 0 ? "none" : known.slice(0, 20).join(", ");
  throw new ControlRefusal(
    404,
    "number_unknown",
    `there is no number "${name}"; there are: ${some}`,
  );
}

function lastOf(request: JsonRequest): number {
  const last = Number(request.query.get("last") ?? 100);
  if (Number.isInteger(last) && last >= 1 && last <= mostMessages) return last;
  throw new ControlRefusal(400, "query_invalid", `last: a whole number from 1 to ${mostMessages}`);
}

/** Waits for what fails at once, not for deliveries. */
async function begin(
  action: () => unknown,
  wait: "until it began" | "until it ended",
  onTrouble: (message: string) => void,
): Promise<void> {
  try {
    const under = Promise.resolve(action());
    if (wait === "until it ended") return void (await under);
    let answered = false;
    const failed = under.catch((error: unknown) => {
      if (!answered) throw error;
      onTrouble((error as Error).message);
    });
    await Promise.race([failed, new Promise((resolve) => setImmediate(resolve))]);
    answered = true;
  } catch (error) {
    if (error instanceof ControlRefusal) throw error;
    throw new ControlRefusal(409, "not_possible", (error as Error).message);
  }
}

function actionOf<Target>(actions: readonly Action<Target>[], name: string): Action<Target> {
  const action = actions.find((one) => one.name === name);
  if (action) return action;
  const known = actions.map((one) => one.name).join(", ");
  throw new ControlRefusal(
    404,
    "action_unknown",
    `there is no action "${name}"; there are: ${known}`,
  );
}

type Handle = (request: JsonRequest, url: string) => JsonReply | Promise<JsonReply>;

function createHandler(simulated: Simulated, options: ControlOptions): Handle {
  const { clock = systemClock, onTrouble = () => undefined } = options;
  const ofServer = serverActions(clock);

  function read(request: JsonRequest, url: string): JsonReply {
    const [, kind, name, part] = request.path;
    const depth = request.path.length;
    if (depth === 1) {
      const text = controlHelp(url, numberActions, ofServer);
      return {
        status: 200,
        body: undefined,
        text,
        headers: { "Content-Type": "text/plain; charset=utf-8" },
      };
    }
    if (kind === "calls" && depth === 2) return ok(simulated.calls());
    if (kind === "numbers" && depth === 2) return ok(simulated.numbers());
    if (kind === "numbers" && name !== undefined && depth === 3)
      return ok(numberOf(simulated, name));
    if (kind === "numbers" && name !== undefined && part === "messages" && depth === 4) {
      numberOf(simulated, name);
      return ok(simulated.messages(name).slice(-lastOf(request)));
    }
    throw unknownRoute(request);
  }

  async function act(request: JsonRequest): Promise<JsonReply> {
    const [, kind = "", name = "", part = ""] = request.path;
    if (kind === "numbers" && request.path.length === 4) {
      const action = actionOf(numberActions, part);
      numberOf(simulated, name);
      const body = bodyOf(request);
      await begin(() => action.run(simulated, name, body), "until it began", onTrouble);
      return ok(numberOf(simulated, name));
    }
    if (request.path.length !== 2) throw unknownRoute(request);
    const action = actionOf(ofServer, kind);
    const body = bodyOf(request);
    await begin(() => action.run(simulated, undefined, body), "until it ended", onTrouble);
    return ok({ done: kind });
  }

  return (request, url) => {
    if (request.path[0] !== "_simulator") throw unknownRoute(request);
    if (request.method === "GET") return read(request, url);
    if (request.method === "POST") return act(request);
    throw unknownRoute(request);
  };
}

function unknownRoute({ method, path }: JsonRequest): ControlRefusal {
  const route = `${method} /${path.join("/")}`;
  return new ControlRefusal(
    404,
    "route_unknown",
    `there is no ${route}; GET /_simulator says what there is`,
  );
}

/** Opens the control routes. Rejects when the port is taken. */
export async function startControl(
  simulated: Simulated,
  options: ControlOptions = {},
): Promise<Control> {
  const handle = createHandler(simulated, options);
  const { port, host } = options;
  const server: JsonServer = await startJsonServer(
    async (request) => {
      try {
        return await handle(request, server.url);
      } catch (error) {
        if (!(error instanceof ControlRefusal)) throw error;
        const { status, code, message } = error;
        return { status, body: { code, message } };
      }
    },
    {
      headers: { "X-Powered-By": "recado-simulator" },
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
    },
  );
  return { url: server.url, close: () => server.close() };
}
