import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { io } from "socket.io-client";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  api,
  post,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path);
});
afterAll(async () => {
  await gateway.stop();
  await folder.remove();
});

/** The curl line of the welcome text, taken apart: a new machine may have no curl. */
function printedCurl(): { readonly url: string; readonly body: string } {
  const match = /curl -X POST '([^']+)' -H 'Content-Type: application\/json' -d '([^']+)'/.exec(
    gateway.stderr(),
  );
  if (!match?.[1] || !match[2]) throw new Error(`no curl line in: ${gateway.stderr()}`);
  return { url: match[1].replace("localhost", "127.0.0.1"), body: match[2] };
}

describe("the first minutes", () => {
  it("the printed webhook goes in, and comes out of the API, a stock socket and a signed webhook", async () => {
    const arrived = Promise.withResolvers<{ raw: Buffer; headers: Record<string, string> }>();
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.end();
        arrived.resolve({
          raw: Buffer.concat(chunks),
          headers: request.headers as Record<string, string>,
        });
      });
    });
    receiver.listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const { port } = receiver.address() as AddressInfo;
    const { secret } = await api<{ secret: string }>(gateway.url, "POST", "/endpoints", {
      url: `http://127.0.0.1:${port}/hook`,
      allowPrivate: true,
    });
    const { token } = await api<{ token: string }>(gateway.url, "POST", "/tokens", {
      ttlSeconds: 60,
    });

    // The documented snippet: emit and forget, no waiting between the two.
    const socket = io(gateway.url);
    const payload = Promise.withResolvers<Record<string, unknown>>();
    const subscribed = new Promise<void>((resolve) => socket.on("subscribed", () => resolve()));
    const { url, body } = printedCurl();
    await api(gateway.url, "POST", "/instances", { name: "minha-loja", provider: "evolution" });
    socket.emit("authenticate", { token, tenantId: "default" });
    socket.emit("subscribe:instance", "minha-loja");
    socket.on("whatsapp:message_received", (message: Record<string, unknown>) =>
      payload.resolve(message),
    );
    await subscribed;

    expect((await post(url, body)).status).toBe(200);
    const { data: events } = await api<{ data: { id: string; type: string; offset: number }[] }>(
      gateway.url,
      "GET",
      "/events",
    );
    expect(events[0]).toMatchObject({
      type: "message.received",
      tenantId: "default",
      instance: { name: "minha-loja", provider: "evolution" },
      chat: { id: "5511900000001@s.whatsapp.net", kind: "person" },
      contact: { phone: "5511900000001", name: "Maria Teste" },
      fromMe: false,
      data: { content: { kind: "text", text: "Oi! Chegou?" } },
    });
    expect(await payload.promise).toMatchObject({
      event: "message_received",
      instanceName: "minha-loja",
      provider: "EVOLUTION",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      id: events[0]?.id,
      offset: events[0]?.offset,
      cursor: expect.stringMatching(/^v1\./),
      tenantId: "default",
      type: "message.received",
      data: {
        key: { remoteJid: "5511900000001@s.whatsapp.net", fromMe: false },
        message: { conversation: "Oi! Chegou?" },
        messageType: "conversation",
        messageTimestamp: expect.any(Number),
        pushName: "Maria Teste",
      },
    });
    const { raw, headers } = await arrived.promise;
    expect(new Webhook(secret).verify(raw, headers)).toMatchObject({
      id: events[0]?.id,
      type: "message.received",
    });
    expect(headers["webhook-id"]).toBe(events[0]?.id);
    socket.close();
    receiver.close();
  });

  it("the printed command that lists events is right, and needs the key", async () => {
    expect(gateway.stderr()).toContain(`/api/v1/events' -H 'apikey: `);
    expect((await fetch(`${gateway.url}/api/v1/events`)).status).toBe(401);
  });

  it("stdout is JSON lines where it is not a terminal", () => {
    const lines = gateway.stdout().trim().split("\n");
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => "object"));
  });

  it("a second process on the same data is refused in plain words", async () => {
    await expect(startGateway(folder.path)).rejects.toThrow(/already in use|another/i);
  });

  it("DATABASE_URL is refused in plain words", async () => {
    await expect(
      startGateway(`${folder.path}/other`, { DATABASE_URL: "postgres://db/x" }),
    ).rejects.toThrow(/only the embedded store/);
  });

  it("stops when it is asked to, with exit code 0", async () => {
    const other = await startGateway(`${folder.path}/stop`);
    expect(await other.stop()).toBe(0);
  });
});
