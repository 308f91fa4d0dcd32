import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../base/clock.ts";
import { createNameResolver, resolveWithin, type NameResolver } from "./resolve.ts";
import { startDnsServer, type DnsServer } from "./testing/dns-server.ts";

let server: DnsServer;
let resolver: NameResolver;
beforeAll(async () => {
  server = await startDnsServer({
    "both.example": { a: ["1.2.3.4", "10.0.0.1"], aaaa: ["20010db8000000000000000000000001"] },
    "four.example": { a: ["1.2.3.4"] },
    "empty.example": {},
    "broken.example": "SERVFAIL",
    "silent.example": "silent",
    n8n: { a: ["172.18.0.5"] },
  });
  resolver = createNameResolver([server.address]);
});
afterAll(async () => {
  resolver.close();
  await server.close();
});

const resolve = (name: string, budgetMs = 5_000, local = false) =>
  resolveWithin(name, local, resolver.resolve, systemClock, budgetMs);

describe("a name", () => {
  test("gives every address of both families, the bad ones too", async () => {
    expect(await resolve("both.example")).toEqual({
      kind: "resolved",
      addresses: ["1.2.3.4", "10.0.0.1", "2001:db8::1"],
    });
  });

  test("of one family is enough", async () => {
    expect(await resolve("four.example")).toMatchObject({ addresses: ["1.2.3.4"] });
  });

  test("without a dot is asked for as it is: container networks serve such names", async () => {
    expect(await resolve("n8n", 5_000, true)).toMatchObject({ addresses: ["172.18.0.5"] });
  });

  test.each(["nobody.example", "empty.example", "broken.example"])(
    "%s ends as dns_error",
    async (name) => expect(await resolve(name)).toMatchObject({ errorCode: "dns_error" }),
  );

  test("that nobody answers for ends as dns_timeout when the budget is used up", async () => {
    expect(await resolve("silent.example", 50)).toMatchObject({ errorCode: "dns_timeout" });
  });

  test("localhost is loopback without asking anybody", async () => {
    const none = createNameResolver(["127.0.0.1:1"]);
    expect(await none.resolve("localhost", false)).toEqual(["127.0.0.1", "::1"]);
    expect(await none.resolve("app.localhost", false)).toEqual(["127.0.0.1", "::1"]);
  });
});
