import type { JsonReply, JsonRequest } from "../../serving/json-server.ts";
import { isSince } from "../edition.ts";
import type { KeyAction } from "../session/waha-keys.ts";
import { refusal } from "./refusals.ts";

/** A call of the management API as its handler sees it. */
export interface WahaCall {
  readonly request: JsonRequest;
  /** The session that the call is about: in the path, the query or the body. */
  readonly session: string | undefined;
  /** A placeholder of the template; it always has a value. */
  readonly param: (name: string) => string;
  /** The body's members; empty without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** One row of the API. `template` has placeholders: `/api/:session/auth/qr`. */
export interface WahaRoute {
  readonly method: string;
  readonly template: string;
  /** What a key must be allowed; `media` is what every key of the session may. */
  readonly needs: KeyAction | "media" | "admin";
  /** The version that brought it. */
  readonly since?: string;
  readonly handle: (call: WahaCall) => JsonReply | Promise<JsonReply>;
}

export interface Matched {
  readonly route: WahaRoute;
  readonly call: WahaCall;
}

function bind(template: string, path: readonly string[]): ReadonlyMap<string, string> | undefined {
  const parts = template.slice(1).split("/");
  if (parts.length !== path.length) return undefined;
  const params = new Map<string, string>();
  for (const [index, part] of parts.entries()) {
    const given = path[index] ?? "";
    const name = part.startsWith(":") ? part.slice(1) : undefined;
    if (name === undefined ? part !== given : given === "") return undefined;
    if (name !== undefined) params.set(name, given);
  }
  return params;
}

/** Rows with fewer placeholders win, whatever their order. */
export function sortRoutes(routes: readonly WahaRoute[], version: string): readonly WahaRoute[] {
  const holes = ({ template }: WahaRoute): number => template.split(":").length;
  return routes
    .filter(({ since }) => since === undefined || isSince(version, since))
    .toSorted((left, right) => holes(left) - holes(right));
}

/** Express routes are matched without a slash at the end. */
const trimmed = (path: readonly string[]): readonly string[] =>
  path.length > 1 && path.at(-1) === "" ? path.slice(0, -1) : path;

export function matchRoute(
  routes: readonly WahaRoute[],
  request: JsonRequest,
): Matched | undefined {
  const path = trimmed(request.path);
  const value = request.body.kind === "json" ? request.body.value : undefined;
  const body = (typeof value === "object" && value !== null ? value : {}) as WahaCall["body"];
  for (const route of routes) {
    const params = route.method === request.method ? bind(route.template, path) : undefined;
    if (!params) continue;
    const named = params.get("session") ?? request.query.get("session") ?? body["session"];
    const session = typeof named === "string" && named !== "" ? named : undefined;
    const param = (name: string): string => {
      const given = params.get(name);
      if (given === undefined) throw new Error(`${route.template} has no ${name}`);
      return given;
    };
    return { route, call: { request, session, param, body } };
  }
  return undefined;
}

/** The session that a call by query or body must name. */
export function sessionOf({ session }: WahaCall): string {
  if (session === undefined) throw refusal(400, "Session name is required");
  return session;
}

/** An answer with a body of no bytes. */
export const empty = (status: number): JsonReply => ({ status, body: undefined });
export const ok = (body: unknown): JsonReply => ({ status: 200, body });
export const created = (body: unknown): JsonReply => ({ status: 201, body });

/** Bytes with their own content type. */
export function binary(bytes: Uint8Array, headers: Readonly<Record<string, string>>): JsonReply {
  return { status: 200, body: undefined, text: bytes, headers };
}
