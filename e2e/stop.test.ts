import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  allEvents,
  api,
  evolutionMessage,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let gateway: GatewayProcess;
beforeEach(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path);
});
afterEach(() => folder.remove());

const body = JSON.stringify(evolutionMessage("loja-centro", "STOP"));

/** A sender of whose webhook the server has everything but the last byte. */
async function almostSent(): Promise<Socket> {
  const tenant = await api<{ ingestUrl: string }>(gateway.url, "GET", "/tenants/default");
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  // Asked to continue: then the server has seen the request, and what comes next is its body.
  socket.write(
    `POST ${new URL(tenant.ingestUrl).pathname} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await once(socket, "data");
  socket.write(body.slice(0, -1));
  return socket;
}

describe("a stop", () => {
  it("lets a webhook that is under way end, and does not wait for its connection to be used again", async () => {
    const sender = await almostSent();
    const ended = gateway.stop();
    await expect.poll(() => gateway.stdout()).toContain('"stopping"');
    sender.write(body.slice(-1));
    const [answer] = (await once(sender, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    // 1 would be the end by force, after 20 s.
    expect(await ended).toBe(0);
    gateway = await startGateway(folder.path);
    expect(await allEvents(gateway.url, "&messageId=STOP")).toHaveLength(1);
    await gateway.stop();
  });

  it("does not wait for a sender that never comes to an end", async () => {
    const sender = await almostSent();
    sender.on("error", () => undefined);
    expect(await gateway.stop()).toBe(0);
    expect(gateway.stdout()).toContain('"stopped"');
  });
});
