import { describe, expect, expectTypeOf, test } from "vitest";
import { errorCatalogue, type ErrorBody, type ErrorCode } from "./errors.ts";

describe("sentences of the documented contract are kept to the letter", () => {
  test.each([
    ["token_missing", 401, "Token de acesso não fornecido"],
    ["token_expired", 401, "Token expirado"],
    ["token_invalid", 401, "Token inválido"],
    ["user_inactive", 401, "Usuário não encontrado ou inativo"],
    ["tenant_inactive", 401, "Tenant não encontrado ou inativo"],
    ["forbidden", 403, "Acesso negado. Permissão insuficiente."],
    ["session_not_found", 404, "Sessão não encontrada"],
    ["webhook_unrecognised", 400, "Formato de webhook não reconhecido"],
    ["internal", 500, "Erro interno do servidor"],
  ] as const)("%s", (code, status, sentence) => {
    expect(errorCatalogue[code]).toMatchObject({ status, pt: sentence });
  });
});

describe("the catalogue", () => {
  const entries = Object.entries(errorCatalogue);

  test.each(entries)("%s has a refusing status and a sentence in both languages", (code, entry) => {
    expect(code).toMatch(/^[a-z]+(?:_[a-z0-9]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.en).toMatch(/^[A-Z].*[^.]$/);
    expect(entry.pt).toMatch(/^[A-Z]/);
  });

  test("a webhook's sender is never told not to repeat by a fault of ours", () => {
    // Evolution API drops an event for good after 400, 401, 403, 404 and 422.
    for (const code of ["store_unavailable", "internal"] as const) {
      expect(errorCatalogue[code].status).toBeGreaterThanOrEqual(500);
    }
  });

  test("a code is one of a closed set, so that a switch over it can be complete", () => {
    expectTypeOf<ErrorBody["code"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<ErrorCode>().not.toEqualTypeOf<string>();
    expect(entries.length).toBeGreaterThan(0);
  });
});
