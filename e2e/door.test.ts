import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adminKey,
  allEvents,
  api,
  evolutionMessage,
  post,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let ingest = "";
let tenantIngest = "";

beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path, { BODY_LIMIT_MB: "4" });
  const instance = await api<{ ingestUrl: string }>(gateway.url, "POST", "/instances", {
    name: "loja-centro",
    provider: "evolution",
  });
  ingest = gateway.url + new URL(instance.ingestUrl).pathname;
  const tenant = await api<{ ingestUrl: string }>(gateway.url, "GET", "/tenants/default");
  tenantIngest = gateway.url + new URL(tenant.ingestUrl).pathname;
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

interface Refusal {
  readonly success: boolean;
  readonly code: string;
  readonly error: string;
  readonly message: string;
}

/** Sends bytes as they are, and answers everything that comes back until the server closes. */
async function speak(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}

describe("bad input", () => {
  const cases: readonly (readonly [
    string,
    string | Uint8Array<ArrayBuffer>,
    Record<string, string>,
    number,
    string,
  ])[] = [
    ["not JSON", "{'event': True}", {}, 400, "json_invalid"],
    ["null", "null", {}, 400, "json_not_object"],
    ["a number", "0", {}, 400, "json_not_object"],
    ["an array", '[{"event":"messages.upsert"}]', {}, 400, "json_not_object"],
    ["an empty body", "", {}, 400, "body_empty"],
    ["an empty object", "{}", {}, 400, "webhook_unrecognised"],
    [
      "10,000 levels",
      `{"event":"x","data":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
      {},
      400,
      "json_too_deep",
    ],
    [
      "a __proto__ key",
      '{"event":"messages.upsert","__proto__":{"a":1}}',
      {},
      400,
      "json_forbidden_key",
    ],
    [
      "bytes that are not UTF-8",
      new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      {},
      400,
      "json_not_utf8",
    ],
    [
      "an HTML page",
      "<html></html>",
      { "content-type": "text/html" },
      415,
      "unsupported_media_type",
    ],
    [
      "a form",
      "jsonData=%7B%7D",
      { "content-type": "application/x-www-form-urlencoded" },
      415,
      "unsupported_media_type",
    ],
    [
      "a body over the limit",
      JSON.stringify({ event: "x", data: "a".repeat(5 * 1_048_576) }),
      {},
      413,
      "body_too_large",
    ],
  ];

  it.each(cases)(
    "%s is refused with a short reason in JSON, and nothing is stored",
    async (_name, body, headers, status, code) => {
      const before = (await allEvents(gateway.url)).length;
      const response = await fetch(ingest, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
      const answer = (await response.json()) as Refusal;
      expect({ status: response.status, code: answer.code, success: answer.success }).toEqual({
        status,
        code,
        success: false,
      });
      expect(answer.error).toBe(answer.message);
      expect(JSON.stringify(answer)).not.toMatch(/node_modules|at \w+ \(/);
      expect((await allEvents(gateway.url)).length).toBe(before);
    },
  );

  it("a slow sender is answered 408 and let go, while others are served", async () => {
    const slow = await startGateway(`${folder.path}/slow`, { REQUEST_TIMEOUT_SECONDS: "1" });
    try {
      const tenant = await api<{ ingestUrl: string }>(slow.url, "GET", "/tenants/default");
      const { pathname } = new URL(tenant.ingestUrl);
      const answer = await speak(
        slow.url,
        `POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain("request_timeout");
      expect((await fetch(`${slow.url}/health`)).status).toBe(200);
    } finally {
      await slow.stop();
    }
  });

  it("who has no address of ours is refused before the body, which is never read", async () => {
    for (const path of ["/in/nobody-has-this-token", "/api/webhooks/whatsapp"]) {
      const answer = await speak(
        gateway.url,
        `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it("a sender that goes away in the middle of its body is no error in our log", async () => {
    const { hostname, port } = new URL(gateway.url);
    const refused = async (): Promise<string | undefined> => {
      const headers = { apikey: adminKey };
      const metrics = await (await fetch(`${gateway.url}/metrics`, { headers })).text();
      return /refused_total\{code="request_timeout"\} \d+/.exec(metrics)?.[0];
    };
    const before = await refused();
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    socket.write(
      `POST ${new URL(ingest).pathname} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      () => socket.destroy(),
    );
    await once(socket, "close");
    await expect.poll(refused).not.toBe(before);
    expect(gateway.stdout()).not.toContain('"level":50');
  });

  it("a client that offers HTTP/2, as Java's does with every request, is served all the same", async () => {
    const body = JSON.stringify(evolutionMessage("loja-centro", "JAVA"));
    const answer = await speak(
      gateway.url,
      `POST ${new URL(ingest).pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(await allEvents(gateway.url, "&messageId=JAVA")).toHaveLength(1);
  });

  it("after all of it the next right webhook is taken", async () => {
    expect((await post(ingest, evolutionMessage("loja-centro", "AFTER"))).status).toBe(200);
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  });
});

describe("one fact, many copies", () => {
  it("the same body 100 times at once is one event and 100 times 2xx", async () => {
    const body = evolutionMessage("loja-centro", "HUNDRED");
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(ingest, body)));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 100 }, () => 200));
    const events = await allEvents(gateway.url, "&messageId=HUNDRED");
    expect(events).toHaveLength(1);
  });

  it("a copy that brings missing content is published too, and says what it completes", async () => {
    const whole = evolutionMessage("loja-centro", "LATER") as { data: Record<string, unknown> };
    const { message: _message, messageType: _type, ...empty } = whole.data;
    await post(ingest, { ...whole, data: empty });
    await post(ingest, whole);
    await post(ingest, whole);
    const events = await allEvents(gateway.url, "&messageId=LATER");
    expect(events).toHaveLength(2);
    expect(events[1]?.data).toMatchObject({
      completes: events[0]?.id,
      content: { kind: "text", text: "oi" },
    });
  });
});

describe("who sends", () => {
  it("an unknown address is refused", async () => {
    const response = await post(
      `${gateway.url}/in/nobody-has-this-token`,
      evolutionMessage("loja-centro", "X"),
    );
    expect(response.status).toBe(401);
    expect(((await response.json()) as Refusal).code).toBe("ingest_token_unknown");
  });

  it("the documented route takes no name, and no apikey of the body, for a proof", async () => {
    const response = await post(
      `${gateway.url}/api/webhooks/whatsapp`,
      evolutionMessage("loja-centro", "Y"),
    );
    expect(response.status).toBe(401);
    const answer = (await response.json()) as Refusal;
    expect(answer.message).toBe("Nada neste webhook prova quem o enviou");
  });

  it.each(["", "/messages-upsert"])(
    "the documented routes%s take the ingest token in every documented place",
    async (suffix) => {
      const token = tenantIngest.slice(tenantIngest.lastIndexOf("/") + 1);
      const places: readonly (readonly [string, Record<string, string>])[] = [
        [`?token=${token}`, {}],
        ["", { authorization: `Bearer ${token}` }],
        ["", { apikey: token }],
        ["", { "x-api-key": token }],
      ];
      for (const route of ["whatsapp", "evolution", "waha"]) {
        for (const [query, headers] of places) {
          const response = await post(
            `${gateway.url}/api/webhooks/${route}${suffix}${query}`,
            evolutionMessage("via-tenant", "DOC1"),
            headers,
          );
          expect([response.status, await response.json()]).toEqual([
            200,
            { success: true, message: "Webhook processado" },
          ]);
        }
      }
      expect(await allEvents(gateway.url, "&messageId=DOC1")).toHaveLength(1);
    },
  );

  it("a body of no known form is refused on the documented route in the documented words", async () => {
    const token = tenantIngest.slice(tenantIngest.lastIndexOf("/") + 1);
    const response = await post(`${gateway.url}/api/webhooks/whatsapp?token=${token}`, {
      hello: 1,
    });
    expect(response.status).toBe(400);
    expect(((await response.json()) as Refusal).error).toBe("Formato de webhook não reconhecido");
  });

  it("two servers that call a number by the same name stay two numbers", async () => {
    const a = evolutionMessage("suporte", "S1");
    const b = { ...evolutionMessage("suporte", "S1"), server_url: "https://evo-b.example.com" };
    await post(tenantIngest, a);
    await post(tenantIngest, b);
    const events = await allEvents(gateway.url, "&messageId=S1");
    expect(events.map((event) => event.instance?.name)).toEqual([
      "suporte",
      "suporte@evo-b.example.com",
    ]);
  });

  it("a keep-alive connection survives a refusal", async () => {
    const statuses: number[] = [];
    const { Agent } = await import("node:http");
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const body of ["null", JSON.stringify(evolutionMessage("loja-centro", "KEEP"))]) {
      statuses.push(
        await new Promise<number>((resolve, reject) => {
          const request = httpRequest(
            ingest,
            { method: "POST", agent, headers: { "content-type": "application/json" } },
            (response) => {
              response.resume();
              response.on("end", () => resolve(response.statusCode ?? 0));
            },
          );
          request.on("error", reject);
          request.end(body);
        }),
      );
    }
    agent.destroy();
    expect(statuses).toEqual([400, 200]);
  });
});
