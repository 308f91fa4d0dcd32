import {
  chatRoutes,
  deliveryRoutes,
  endpointRoutes,
  eventRoutes,
  healthRoutes,
  instanceAdoptionRoutes,
  instanceActionRoutes,
  instanceHealthRoutes,
  instanceRoutes,
  keyRoutes,
  messageRoutes,
  serverRoutes,
  statsRoutes,
  tenantRoutes,
  tokenRoutes,
  type RouteContract,
} from "@recado/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startApi, type ApiServer } from "../testing/api-server.ts";
import { furnish, routeCases } from "../testing/route-cases.ts";

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly security?: readonly unknown[];
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: { readonly "application/json": { readonly schema: object } } }
    >
  >;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

let server: ApiServer;
let document: Document;

beforeAll(async () => {
  server = await startApi();
  document = (await server.call("GET", "/openapi.json", { as: null })).json();
});
afterAll(() => server.close());

const contracts: readonly RouteContract[] = [
  tenantRoutes,
  keyRoutes,
  tokenRoutes,
  serverRoutes,
  instanceRoutes,
  instanceAdoptionRoutes,
  instanceHealthRoutes,
  instanceActionRoutes,
  endpointRoutes,
  eventRoutes,
  messageRoutes,
  chatRoutes,
  deliveryRoutes,
  statsRoutes,
  healthRoutes,
].flatMap((routes) => Object.values(routes));

function operation(contract: RouteContract): Operation | undefined {
  const path = `/api/v1${contract.path.replaceAll(/:(\w+)/g, "{$1}")}`;
  return document.paths[path]?.[contract.method.toLowerCase()];
}

/** A schema of the document as a parser, with the named shapes that it refers to. */
function parserOf(schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(
    JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")) as Parameters<
      typeof z.fromJSONSchema
    >[0],
  );
}

describe("the OpenAPI document", () => {
  it("is 3.1 and says which version it describes", () => {
    expect([document.openapi, document.info]).toEqual([
      "3.1.0",
      { title: "Recado", version: "0.0.0-test", description: expect.any(String) },
    ]);
  });

  it("has every route and nothing else", () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) =>
          `${method.toUpperCase()} ${path.slice("/api/v1".length).replaceAll(/\{(\w+)\}/g, ":$1")}`,
      ),
    );
    expect(described.toSorted()).toEqual(Object.keys(routeCases).toSorted());
    expect(contracts.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
      Object.keys(routeCases).toSorted(),
    );
  });

  it.each(contracts.map((contract) => ({ name: `${contract.method} ${contract.path}`, contract })))(
    "$name tells its fields, its answers and its need of a key",
    ({ contract }) => {
      const described = operation(contract);
      expect(described?.summary).toBe(contract.summary);
      expect(described?.requestBody !== undefined).toBe(contract.body !== undefined);
      const query = contract.query instanceof z.ZodObject ? Object.keys(contract.query.shape) : [];
      const params =
        contract.params instanceof z.ZodObject ? Object.keys(contract.params.shape) : [];
      const named = (place: string): readonly string[] =>
        (described?.parameters ?? [])
          .filter((parameter) => parameter.in === place)
          .map(({ name }) => name);
      expect([named("query"), named("path")]).toEqual([query, params]);
      expect(Object.keys(described?.responses ?? {})).toEqual([String(contract.status), "4XX"]);
      expect(described?.security).toEqual(contract.permission === "public" ? [] : undefined);
    },
  );

  it.each(contracts.map((contract) => ({ name: `${contract.method} ${contract.path}`, contract })))(
    "$name answers what it says",
    async ({ name, contract }) => {
      const tenant = await furnish(server, `tenant-${name.replaceAll(/\W+/g, "-")}`);
      const { path, body } = routeCases[name]!.right(tenant);
      const admin = contract.permission.startsWith("admin");
      const response = await server.call(contract.method, path, {
        ...(admin ? {} : { as: tenant.key }),
        ...(body ? { body } : {}),
      });
      expect([response.statusCode, response.body && response.json().details]).toEqual([
        contract.status,
        contract.status === 204 ? "" : undefined,
      ]);
      if (contract.status === 204) return;
      const schema =
        operation(contract)?.responses[String(contract.status)]?.content?.["application/json"]
          .schema;
      expect(parserOf(schema!).safeParse(response.json()).error).toBeUndefined();
      const unnamed = parserOf(schema!).safeParse({ something: "else" });
      expect(unnamed.success).toBe(false);
    },
  );
});

it("names the shapes that are used, each once, and says what fields mean", () => {
  expect(Object.keys(document.components.schemas).toSorted()).toEqual([
    "Attempt",
    "Delivery",
    "Endpoint",
    "Error",
    "Event",
    "Hook",
    "Instance",
    "InstanceHealth",
    "Key",
    "NewPairingLink",
    "Pairing",
    "PairingLink",
    "Reach",
    "Reason",
    "Reconcile",
    "Server",
    "ServerDetail",
    "ServerSync",
    "Tenant",
  ]);
  expect(JSON.stringify(document.paths["/api/v1/events"])).toContain("Received at or after");
  expect(JSON.stringify(document)).not.toContain("Default Response");
});

describe("the reference page", () => {
  it("is served with what it loads", async () => {
    const page = await server.call("GET", "/api/docs/", { as: null });
    expect([page.statusCode, page.headers["content-type"]]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    const scripts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      (match) => new URL(match[1] ?? "", "http://x/api/docs/").pathname,
    );
    expect(scripts.length).toBeGreaterThan(2);
    for (const script of scripts)
      expect([script, (await server.call("GET", script, { as: null })).statusCode]).toEqual([
        script,
        200,
      ]);
    const shown: Document = (await server.call("GET", "/api/docs/json", { as: null })).json();
    expect(shown).toEqual(document);
  });

  it("leads there from the address without a slash", async () => {
    const response = await server.call("GET", "/api/docs", { as: null });
    expect([200, 302]).toContain(response.statusCode);
  });

  it("does not answer for what is not there", async () => {
    expect((await server.call("GET", "/api/docs/static/nothing.js", { as: null })).statusCode).toBe(
      404,
    );
    expect(
      (await server.call("GET", "/api/docs/static/..%2f..%2f..%2fpackage.json", { as: null }))
        .statusCode,
    ).toBe(404);
  });
});
