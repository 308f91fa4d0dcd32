import type { JsonReply, JsonRequest } from "../../serving/json-server.ts";
import type { Flow } from "../life/flow.ts";
import type { Pairing } from "../life/pairing.ts";
import type { World } from "../life/world.ts";
import type { FakeInstance } from "../state/fake-instance.ts";
import { refuse } from "./refusals.ts";

/** What the routes act on. */
export interface Desk {
  readonly world: World;
  readonly pairing: Pairing;
  readonly flow: Flow;
}

/** A call that passed its guards. */
export interface EvolutionCall extends Desk {
  readonly request: JsonRequest;
  /** The JSON that came; an empty object without one. */
  readonly body: unknown;
  readonly key: string | undefined;
  /** The name that the call is about: a query parameter wins over the path, after the key was checked against the path (recorded). */
  readonly name: string;
}

/** Who may make a call: anybody, a valid key, or the global key and the token of the instance in the path. */
export type Guard = "open" | "global" | "list" | "create" | "instance";

export interface Route {
  readonly method: string;
  /** Without the instance's name, which follows it for the guard `instance`. */
  readonly path: string;
  readonly guard: Guard;
  readonly run: (call: EvolutionCall) => JsonReply | Promise<JsonReply>;
}

/** The instance that a call is about. Only a name from the query can be unknown here: the server then fails on it. */
export function instanceOf({ world, name }: EvolutionCall): FakeInstance {
  const instance = world.instances.get(name);
  if (!instance) throw refuse(500, "Cannot read properties of undefined (reading 'instanceId')");
  return instance;
}

export const ok = (body: unknown): JsonReply => ({ status: 200, body });
export const created = (body: unknown): JsonReply => ({ status: 201, body });

/** What a feature that is off in the server's environment answers: the status, and nothing (recorded). */
export function emptyJson(status: number): JsonReply {
  return {
    status,
    body: undefined,
    headers: { "Content-Type": "application/json; charset=utf-8" },
  };
}
