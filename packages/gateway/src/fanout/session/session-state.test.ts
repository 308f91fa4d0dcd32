import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../access/index.ts";
import {
  admitted,
  anonymousSession,
  reads,
  readsEverything,
  subscribed,
  unsubscribed,
  type SessionState,
} from "./session-state.ts";

const vendas = { id: "inst_1", name: "vendas" };
const suporte = { id: "inst_2", name: "suporte" };

function principal(instances?: readonly string[]): Principal {
  return {
    kind: "token",
    role: "USER",
    tenantId: "tenant_a",
    ...(instances ? { instances } : {}),
  };
}

function session(scope: "tenant" | "instances", instances?: readonly string[]): SessionState {
  return admitted(anonymousSession, {
    principal: principal(instances),
    tenantId: "tenant_a",
    scope,
  });
}

function following(state: SessionState, instance: typeof vendas, limit = 10): SessionState {
  const outcome = subscribed(state, instance.name, instance, limit);
  if (!outcome.ok) throw new Error(outcome.code);
  return outcome.state;
}

it("nothing is readable before a credential was accepted", () => {
  expect(reads(anonymousSession, vendas)).toBe(false);
  expect(reads(anonymousSession, undefined)).toBe(false);
  expect(subscribed(anonymousSession, "vendas", vendas, 10)).toEqual({
    ok: false,
    code: "socket_not_authenticated",
  });
});

describe("the tenant's scope", () => {
  it("reads everything, also after subscribing to one instance", () => {
    const state = following(session("tenant"), vendas);
    expect(readsEverything(state)).toBe(true);
    expect(reads(state, suporte)).toBe(true);
    expect(reads(state, undefined)).toBe(true);
  });
});

describe("the scope of instances", () => {
  it("reads only what is subscribed, until it is not", () => {
    const state = following(session("instances"), vendas);
    expect(reads(session("instances"), vendas)).toBe(false);
    expect(reads(state, vendas)).toBe(true);
    expect(reads(state, suporte)).toBe(false);
    expect(reads(state, undefined)).toBe(false);
    expect(reads(unsubscribed(state, "vendas"), vendas)).toBe(false);
  });

  it("still reads an instance that was renamed, or removed and made again", () => {
    const state = following(session("instances"), vendas);
    expect(reads(state, { id: "inst_1", name: "renamed" })).toBe(true);
    expect(reads(state, { id: "inst_9", name: "vendas" })).toBe(true);
  });
});

it("a principal that is limited to instances reads no other, whatever it asks for", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("tenant" as const, "instances" as const),
      fc.constantFrom(["inst_1"], ["vendas"], []),
      (scope, instances) => {
        const state = session(scope, instances);
        expect(subscribed(state, "suporte", suporte, 10)).toEqual({
          ok: false,
          code: "socket_instance_unknown",
        });
        expect(readsEverything(state)).toBe(false);
        expect(reads(state, suporte)).toBe(false);
        expect(reads(state, undefined)).toBe(false);
      },
    ),
  );
});

it("another tenant forgets the subscriptions, the same one keeps them", () => {
  const state = following(session("instances"), vendas);
  const again = { principal: principal(), tenantId: "tenant_a", scope: "instances" } as const;
  expect(admitted(state, again).subscriptions.size).toBe(1);
  const moved = admitted(state, { ...again, tenantId: "tenant_b" });
  expect(moved.subscriptions.size).toBe(0);
  expect(reads(moved, vendas)).toBe(false);
});

it("subscriptions have a limit; the same one again does not count", () => {
  const state = following(session("instances"), vendas, 1);
  expect(following(state, vendas, 1).subscriptions.size).toBe(1);
  expect(subscribed(state, "suporte", suporte, 1)).toEqual({ ok: false, code: "socket_limit" });
});
