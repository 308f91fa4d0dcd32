import { maskedSecret } from "@recado/protocol";
import { describe, expect, it } from "vitest";
import { maskHeaders, unmaskHeaders } from "./header-mask.ts";

describe("headers as they are shown", () => {
  it.each([
    ["Authorization", "anything"],
    ["X-Api-Key", "1"],
    ["apikey", "x"],
    ["X-Hub-Signature", "x"],
    ["x-custom", "Bearer abc"],
    ["x-custom", "Basic dXNlcjpwdw=="],
    ["x-custom", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"],
    ["x-custom", "sk_live_abc"],
    ["x-custom", "whsec_abc"],
    ["x-custom", "postgres://user:pw@db/x"],
    ["x-custom", "3f2a9c0e7b1d4f6a8e5c2b9d0a7f4e1c"],
  ])("%s: %s is masked", (name, value) => {
    expect(maskHeaders({ [name]: value })).toEqual({ [name]: maskedSecret });
  });

  it.each([
    ["x-tenant", "acme"],
    ["x-source", "recado"],
    ["x-environment", "production-sao-paulo"],
    ["accept-language", "pt-BR,pt;q=0.9"],
    ["x-callback", "https://example.com/path"],
  ])("%s: %s is shown", (name, value) => {
    expect(maskHeaders({ [name]: value })).toEqual({ [name]: value });
  });
});

it("a mask without a stored value is a value like any other", () => {
  expect(
    unmaskHeaders({ a: maskedSecret, B: maskedSecret, c: "1" }, { b: "kept", c: "2" }),
  ).toEqual({ a: maskedSecret, B: "kept", c: "1" });
});
