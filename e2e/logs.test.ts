import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  api,
  adminKey,
  post,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

const providersFolder = fileURLToPath(new URL("../packages/providers/src/", import.meta.url));

interface Sent {
  readonly provider: "evolution" | "waha";
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** Every fixture and every situation of the zoo, as it would arrive. */
function everything(): Sent[] {
  const sent: Sent[] = [];
  for (const provider of ["evolution", "waha"] as const) {
    for (const kind of ["events", "zoo"]) {
      const folder = `${providersFolder}${provider}/fixtures/${kind}/`;
      for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
        const fixture = JSON.parse(readFileSync(folder + file, "utf8")) as {
          body?: unknown;
          requests?: { body: unknown }[];
        };
        const bodies = fixture.requests?.map((request) => request.body) ?? [fixture.body];
        for (const body of bodies) sent.push({ provider, headers: {}, body });
      }
    }
  }
  return sent;
}

const secretNames = new Set(["apikey", "api_key", "apiKey", "instanceToken", "token"]);
const textNames = new Set([
  "conversation",
  "text",
  "caption",
  "body",
  "pushName",
  "notifyName",
  "contentText",
  "title",
]);

/** What must never reach a log: credentials, texts, names, phone numbers. */
function forbidden(value: unknown, name: string, found: Set<string>): void {
  if (typeof value === "string") {
    for (const phone of value.match(/55\d{10,11}/g) ?? []) found.add(phone);
    const isSecret = secretNames.has(name) && value.length >= 6;
    const isText = textNames.has(name) && value.length >= 8;
    if (isSecret || isText) found.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      for (const phone of key.match(/55\d{10,11}/g) ?? []) found.add(phone);
      forbidden(member, key, found);
    }
  }
}

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path, { LOG_LEVEL: "trace" });
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

it("no key, token, phone or text is in any log line after all fixtures went through", async () => {
  const addresses = new Map<string, string>();
  const tokens: string[] = [];
  for (const provider of ["evolution", "waha"] as const) {
    const instance = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", {
      name: `n-${provider}`,
      provider,
    });
    const path = new URL(instance.ingestUrl).pathname;
    addresses.set(provider, gateway.url + path);
    tokens.push(path.slice("/in/".length));
  }
  // A closed port as an endpoint, so that failing deliveries are logged as well.
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const endpoint = await api<{ secret: string }>(gateway.url, "POST", "/endpoints", {
    url: `http://127.0.0.1:${port}/hook`,
    allowPrivate: true,
  });
  const found = new Set<string>();
  const sent = everything();
  const statuses = new Map<number, number>();
  for (const { provider, body } of sent) {
    forbidden(body, "", found);
    const response = await post(addresses.get(provider) ?? "", body ?? "null");
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  }
  await post(`${gateway.url}/api/webhooks/whatsapp?token=${tokens[0]}`, sent[0]?.body);
  await fetch(`${gateway.url}/api/v1/events`, {
    headers: { authorization: "Bearer rk_not-a-key-0123456789" },
  });
  await fetch(`${gateway.url}/api/v1/events?phone=5511900000001&token=secret-in-the-query`, {
    headers: { apikey: adminKey },
  });
  expect(statuses.get(200)).toBeGreaterThan(250);
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  const output = gateway.stdout() + gateway.stderr().replace(/^.*(curl|\/in\/).*$/gm, "");
  const secrets = [
    ...found,
    ...tokens,
    adminKey,
    endpoint.secret,
    "rk_not-a-key-0123456789",
    "secret-in-the-query",
  ];
  expect(found.size).toBeGreaterThan(100);
  expect(output.length).toBeGreaterThan(100);
  expect(secrets.filter((secret) => output.includes(secret))).toEqual([]);
}, 60_000);
