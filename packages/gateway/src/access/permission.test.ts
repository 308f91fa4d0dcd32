import { describe, expect, it } from "vitest";
import { permissions, permits, seesInstance } from "./permission.ts";
import { roles, type Principal } from "./principal.ts";

function principal(change: Partial<Principal>): Principal {
  return { kind: "token", role: "USER", tenantId: "default", ...change };
}

const allowed = {
  USER: ["read"],
  TENANT_ADMIN: ["read", "write"],
  ADMIN: ["read", "write"],
  SUPERADMIN: permissions,
} as const;

describe("what a role may do", () => {
  it.each(roles)("%s", (role) => {
    expect(permissions.filter((permission) => permits(principal({ role }), permission))).toEqual(
      allowed[role],
    );
  });

  it("scopes take away and never add", () => {
    for (const role of roles) {
      for (const scopes of [[], ["read"], ["write"], ["admin"], ["read", "write"]]) {
        for (const permission of permissions) {
          const scope = permission.endsWith("write") ? "write" : "read";
          const expected = permits(principal({ role }), permission) && scopes.includes(scope);
          expect(permits(principal({ role, scopes }), permission)).toBe(expected);
        }
      }
    }
  });

  it("whoever is limited to some instances is no operator", () => {
    const limited = principal({ role: "SUPERADMIN", instances: ["ins_1"] });
    expect(permissions.filter((permission) => permits(limited, permission))).toEqual([
      "read",
      "write",
    ]);
  });
});

describe("which instances a principal sees", () => {
  const instance = { id: "ins_1", name: "loja/centro" };
  it.each<[readonly string[] | undefined, boolean]>([
    [undefined, true],
    [[], false],
    [["ins_1"], true],
    [["loja/centro"], true],
    [["loja"], false],
    [["ins_2"], false],
  ])("%j", (instances, sees) => {
    expect(seesInstance(principal(instances ? { instances } : {}), instance)).toBe(sees);
  });
});
