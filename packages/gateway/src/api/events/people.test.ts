import { afterAll, beforeAll, expect, test } from "vitest";
import { systemIds } from "../../base/ids.ts";
import type { NewEvent } from "../../store/contract/index.ts";
import { startApi, tenantWithKey, type ApiServer } from "../testing/api-server.ts";

const lid = "120000000000105@lid";
const phone = "5511900000105@s.whatsapp.net";
const tenantId = "people";

let server: ApiServer;
let key = "";
const instances: Record<string, string> = {};
beforeAll(async () => {
  server = await startApi();
  key = await tenantWithKey(server, tenantId);
  for (const name of ["loja", "filial"]) {
    const body = { name, provider: "evolution" };
    const made = await server.call("POST", "/instances", { as: key, body });
    instances[name] = made.json<{ id: string }>().id;
  }
});
afterAll(() => server.close());

let made = 0;

async function append(name: string, change: Partial<NewEvent> = {}): Promise<string> {
  const id = systemIds.next("evt");
  const contact = change.contactLid === undefined ? {} : { contact: { jid: lid, lid } };
  const instanceId = instances[name] ?? "";
  const instance = { id: instanceId, name, provider: "evolution" };
  const event: NewEvent = {
    id,
    type: "message.received",
    instanceId,
    unrecognised: false,
    occurredAt: 1,
    receivedAt: server.options.clock.now(),
    json: JSON.stringify({ id, type: "message.received", instance, ...contact, data: {} }),
    index: 0,
    identity: {
      key: `["message",${(made += 1)}]`,
      contentMissing: false,
      bodyHash: id,
      source: "t",
    },
    ...change,
  };
  await server.store.log.append({ tenantId }, { events: [event] });
  return id;
}

interface Shown {
  readonly id: string;
  readonly contact?: { readonly phone?: string };
}

async function found(query: string, as = key): Promise<readonly Shown[]> {
  const response = await server.call("GET", `/events${query}`, { as });
  expect(response.statusCode).toBe(200);
  return response.json<{ data: Shown[] }>().data;
}

test("a phone that becomes known appears on the reads of older events, finds them, and stays with its number", async () => {
  const early = await append("loja", { contactLid: lid });
  const elsewhere = await append("filial", { contactLid: lid });
  expect(await found("?phone=5511900000105")).toEqual([]);
  expect((await found(""))[1]?.contact).toEqual({ jid: lid, lid });

  const teaching = await append("loja", { phone: "5511900000105", pairs: [{ lid, phone }] });
  const known = { jid: lid, lid, phone: "5511900000105" };
  const single = await server.call("GET", `/events/${early}`, { as: key });
  expect(single.json<Shown>().contact).toEqual(known);
  expect((await found("?instance=loja")).map(({ contact }) => contact)).toEqual([undefined, known]);
  expect((await found("?instance=loja&phone=%2B55%2011%2090000-0105")).map(({ id }) => id)).toEqual(
    [teaching, early],
  );
  const other = await server.call("GET", `/events/${elsewhere}`, { as: key });
  expect(other.json<Shown>().contact).toEqual({ jid: lid, lid });

  // Who may see one number learns nothing of what another one's events say about people.
  const token = await server.call("POST", "/tokens", {
    as: key,
    body: { instances: ["filial"], ttlSeconds: 600 },
  });
  const limited = token.json<{ token: string }>().token;
  expect(await found("?phone=5511900000105", limited)).toEqual([]);
  expect((await found("", limited)).map(({ contact }) => contact)).toEqual([{ jid: lid, lid }]);
});

test("duplicates are shown for each number that had some, in the statistics and in its health", async () => {
  const identity = { key: '["twice"]', contentMissing: false, bodyHash: "a", source: "t" };
  for (let copies = 0; copies < 3; copies += 1) await append("filial", { identity });
  await append("filial", { identity: { ...identity, source: "u", bodyHash: "b" } });
  const { instances: shown } = (await server.call("GET", "/stats", { as: key })).json<{
    instances: { id: string; duplicates: unknown }[];
  }>();
  expect(Object.fromEntries(shown.map(({ id, duplicates }) => [id, duplicates]))).toEqual({
    [instances["loja"] ?? ""]: { retry: 0, overlap: 0, redelivered: 0 },
    [instances["filial"] ?? ""]: { retry: 2, overlap: 1, redelivered: 0 },
  });
  const health = await server.call("GET", "/instances/filial/health", { as: key });
  expect(health.json<{ duplicates: unknown }>().duplicates).toEqual({
    retry: 2,
    overlap: 1,
    redelivered: 0,
  });
});
