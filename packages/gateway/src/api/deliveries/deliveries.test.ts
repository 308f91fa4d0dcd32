import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendEvent, startApi, type ApiServer } from "../testing/api-server.ts";
import { furnish, type Furnished } from "../testing/route-cases.ts";

let server: ApiServer;
let tenant: Furnished;
beforeAll(async () => {
  server = await startApi();
  tenant = await furnish(server, "acme");
});
afterAll(() => server.close());

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly dueAt?: string;
}

async function list(
  query: string,
): Promise<{ readonly data: readonly Listed[]; readonly nextCursor?: string }> {
  const response = await server.call("GET", `/deliveries${query}`, { as: tenant.key });
  expect([response.statusCode, response.json().details]).toEqual([200, undefined]);
  return response.json();
}

async function ids(query: string): Promise<readonly string[]> {
  return (await list(query)).data.map(({ id }) => id);
}

/** Plans deliveries of one new event to the tenant's endpoint. */
async function plan(...names: readonly string[]): Promise<string> {
  const scope = { tenantId: "acme" };
  const event = await appendEvent(server, { tenantId: "acme", instanceId: tenant.instanceId });
  const cursor = await server.store.deliveries.cursor(scope, tenant.endpointId);
  const deliveries = names.map((id) => ({
    id,
    eventId: event.id,
    eventOffset: event.offset,
    eventType: event.type,
    createdAt: server.options.clock.now(),
  }));
  await server.store.deliveries.plan(scope, {
    endpointId: tenant.endpointId,
    from: cursor?.offset ?? 0,
    to: event.offset,
    deliveries,
  });
  return event.id;
}

describe("deliveries", () => {
  it("are listed newest first, by endpoint, status and event, in pages that meet", async () => {
    const eventId = await plan("dlv_a");
    await plan("dlv_b", "dlv_c");
    await server.store.deliveries.record(
      { tenantId: "acme" },
      {
        deliveryId: "dlv_b",
        attempt: { startedAt: 1, durationMs: 1, outcome: "succeeded", statusCode: 200 },
        next: { status: "succeeded" },
      },
    );
    const all = ["dlv_c", "dlv_b", "dlv_a", tenant.deliveryId];
    expect(await ids("")).toEqual(all);
    expect(await ids(`?endpoint=${tenant.endpointId}`)).toEqual(all);
    expect(await ids("?endpoint=nobody")).toEqual([]);
    expect(await ids("?status=succeeded")).toEqual(["dlv_b"]);
    expect(await ids(`?event=${eventId}`)).toEqual(["dlv_a"]);
    const first = await list("?limit=3");
    expect(await ids(`?limit=3&after=${first.nextCursor}`)).toEqual([tenant.deliveryId]);
    const [done] = (await list("?status=succeeded")).data;
    expect(done?.dueAt).toBeUndefined();
  });

  it("tell their attempts with timings, and nothing of the endpoint's secrets", async () => {
    const response = await server.call("GET", `/deliveries/${tenant.deliveryId}/attempts`, {
      as: tenant.key,
    });
    expect(response.json()).toEqual({
      data: [
        {
          number: 1,
          outcome: "failed",
          startedAt: expect.any(String),
          durationMs: 12,
          statusCode: 503,
          errorCode: "status",
          timings: { dnsMs: 1, connectMs: 2 },
        },
      ],
    });
  });

  it("go out again when asked to, whatever became of them", async () => {
    await plan("dlv_again");
    await server.store.deliveries.record(
      { tenantId: "acme" },
      {
        deliveryId: "dlv_again",
        attempt: { startedAt: 1, durationMs: 1, outcome: "failed", errorCode: "timeout" },
        next: { status: "failed" },
      },
    );
    server.woken.length = 0;
    const response = await server.call("POST", "/deliveries/dlv_again/resend", { as: tenant.key });
    expect(response.json()).toMatchObject({
      id: "dlv_again",
      status: "pending",
      attempts: 0,
      totalAttempts: 1,
      dueAt: expect.any(String),
    });
    expect(Date.parse(response.json().dueAt)).toBeLessThanOrEqual(server.options.clock.now());
    expect(server.woken).toEqual([tenant.endpointId]);
  });

  it.each([
    ["?status=done", "status: "],
    ["?endpointId=x", "endpointId: unknown field"],
    ["?limit=-1", "limit: "],
  ])("%s is refused naming the field", async (query, start) => {
    const response = await server.call("GET", `/deliveries${query}`, { as: tenant.key });
    expect([response.statusCode, response.json().code]).toEqual([400, "invalid_request"]);
    expect(response.json().details[0].startsWith(start), response.json().details[0]).toBe(true);
  });
});
