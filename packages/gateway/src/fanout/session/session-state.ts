import type { ErrorCode } from "@recado/protocol";
import { seesInstance, type Principal } from "../../access/index.ts";
import type { SocketScope } from "./client-message.ts";

/**
 * What one connection may read, as a value: who it is, and which instances it asked for. Pure; the
 * runner is `session.ts`.
 *
 * I1 Nothing is readable before a credential was accepted.
 * I2 A principal that is limited to some instances reads no other, whatever it subscribed.
 * I3 Another tenant means other instances: a change of tenant forgets the subscriptions.
 * Proven by `session-state.test.ts`.
 */
export interface SessionState {
  readonly identity?: SessionIdentity;
  /** Instance id by the name it was subscribed under. */
  readonly subscriptions: ReadonlyMap<string, string>;
  /** Names and ids of {@link subscriptions} together, for a quick look at each event. */
  readonly followed: ReadonlySet<string>;
}

export interface SessionIdentity {
  readonly principal: Principal;
  readonly tenantId: string;
  readonly scope: SocketScope;
}

interface NamedInstance {
  readonly id: string;
  readonly name: string;
}

export const anonymousSession: SessionState = { subscriptions: new Map(), followed: new Set() };

export function admitted(state: SessionState, identity: SessionIdentity): SessionState {
  const sameTenant = state.identity?.tenantId === identity.tenantId;
  return { ...(sameTenant ? state : anonymousSession), identity };
}

export type Subscribed =
  | { readonly ok: true; readonly state: SessionState }
  | { readonly ok: false; readonly code: ErrorCode };

/**
 * `instance` is what the tenant's directory has under `name`. One that the principal may not see is
 * answered like one that does not exist.
 */
export function subscribed(
  state: SessionState,
  name: string,
  instance: NamedInstance | undefined,
  limit: number,
): Subscribed {
  if (!state.identity) return { ok: false, code: "socket_not_authenticated" };
  if (!instance || !seesInstance(state.identity.principal, instance)) {
    return { ok: false, code: "socket_instance_unknown" };
  }
  if (!state.subscriptions.has(name) && state.subscriptions.size >= limit) {
    return { ok: false, code: "socket_limit" };
  }
  const subscriptions = new Map(state.subscriptions).set(name, instance.id);
  return { ok: true, state: following(state, subscriptions) };
}

export function unsubscribed(state: SessionState, name: string): SessionState {
  const subscriptions = new Map(state.subscriptions);
  subscriptions.delete(name);
  return following(state, subscriptions);
}

function following(state: SessionState, subscriptions: ReadonlyMap<string, string>): SessionState {
  return { ...state, subscriptions, followed: new Set([...subscriptions].flat()) };
}

/** True when no event of the tenant has to be looked at before it is sent. */
export function readsEverything(state: SessionState): boolean {
  const { identity } = state;
  return identity?.scope === "tenant" && identity.principal.instances === undefined;
}

/** Whether an event of this instance (undefined: the tenant's own) is for this connection. */
export function reads(state: SessionState, instance: NamedInstance | undefined): boolean {
  const { identity, followed } = state;
  if (!identity) return false;
  if (readsEverything(state)) return true;
  if (!instance || !seesInstance(identity.principal, instance)) return false;
  if (identity.scope === "tenant") return true;
  // By name as well: an instance that was removed and made again has another id.
  return followed.has(instance.id) || followed.has(instance.name);
}
