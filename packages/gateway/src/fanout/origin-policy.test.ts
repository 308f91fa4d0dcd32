import { describe, expect, it } from "vitest";
import { isOriginAllowed } from "./origin-policy.ts";

function allows(origin: string | undefined, allowed: "*" | readonly string[]): boolean {
  const headers = { host: "recado.example:3001", ...(origin === undefined ? {} : { origin }) };
  return isOriginAllowed({ headers }, allowed);
}

describe("pages that may connect", () => {
  it("are those of the listed origins and our own, and clients that are no pages", () => {
    const allowed = ["https://app.example"];
    expect(allows("https://app.example", allowed)).toBe(true);
    expect(allows("http://recado.example:3001", allowed)).toBe(true);
    expect(allows(undefined, allowed)).toBe(true);
    expect(allows("http://app.example", allowed)).toBe(false);
    expect(allows("https://app.example:8443", allowed)).toBe(false);
    expect(allows("https://app.example.evil.example", allowed)).toBe(false);
    expect(allows("null", allowed)).toBe(false);
  });

  it("an app's own scheme lets in that app and no other", () => {
    const allowed = ["capacitor://localhost"];
    expect(allows("capacitor://localhost", allowed)).toBe(true);
    expect(allows("tauri://localhost", allowed)).toBe(false);
    expect(allows("chrome-extension://abcdefgh", allowed)).toBe(false);
  });
});
