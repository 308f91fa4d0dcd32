import { startFakeEvolution, startFakeWaha } from "@recado/simulator";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { api, startGateway, temporaryFolder, type GatewayProcess } from "./gateway-process.ts";

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path);
});
afterAll(() => folder.remove());

interface Shown {
  readonly stage: string;
  readonly version: string;
  readonly qr?: string;
  readonly visitor?: string;
}

/** Registers a server and waits until its number is there with its webhook in place. */
async function adopt(provider: string, baseUrl: string, name: string): Promise<void> {
  const body = { provider, baseUrl, apiKey: "key", name: `${provider} server` };
  const { id } = await api<{ id: string }>(gateway.url, "POST", "/servers", body);
  await api(gateway.url, "POST", `/servers/${id}/sync`, { wait: true });
  expect(await api(gateway.url, "GET", `/instances/${name}`)).toMatchObject({ provider });
}

interface QrPayload {
  readonly instanceName: string;
  readonly data: { readonly qr: string; readonly base64?: string };
}

describe("a number that is connected through the gateway", () => {
  it("shows each of its codes to a stock socket once, and its owner connects it by a link", async () => {
    const waha = await startFakeWaha({ apiKey: "key", sessions: [{ name: "loja" }] });
    const evolution = await startFakeEvolution({ apikey: "key", instances: [{ name: "suporte" }] });
    await adopt("waha", waha.url, "loja");
    await adopt("evolution", evolution.url, "suporte");
    const { token } = await api<{ token: string }>(gateway.url, "POST", "/tokens", {
      ttlSeconds: 600,
    });
    const socket = io(gateway.url, { auth: { token } });
    const codes: string[] = [];
    let arrived = (): void => undefined;
    socket.on("whatsapp:qrcode_updated", ({ instanceName, data }: QrPayload) => {
      expect(data.base64).toMatch(/^data:image\/png;base64,/);
      codes.push(`${instanceName} ${data.qr}`);
      arrived();
    });
    await new Promise<void>((resolve) => socket.on("authenticated", () => resolve()));
    const seen = async (count: number): Promise<void> => {
      while (codes.length < count) await new Promise<void>((resolve) => (arrived = resolve));
    };

    const first = await api<Shown>(gateway.url, "POST", "/instances/suporte/connect");
    expect(first.stage).toBe("code");
    await seen(1);
    evolution.phone.nextCode("suporte");
    await seen(2);

    const { apiUrl } = await api<{ apiUrl: string }>(
      gateway.url,
      "POST",
      "/instances/loja/pairing-links",
    );
    const address = `${gateway.url}${new URL(apiUrl).pathname}`;
    const read = async (query = "", visitor?: string): Promise<Shown> => {
      const headers = visitor === undefined ? {} : { "x-pairing-visitor": visitor };
      return (await (await fetch(address + query, { headers })).json()) as Shown;
    };
    let shown = await read();
    expect(shown.stage).toBe("code");
    await seen(3);
    waha.phone.nextCode("loja");
    await seen(4);
    waha.phone.scan("loja");
    while (shown.stage !== "connected")
      shown = await read(`?after=${shown.version}`, shown.visitor);
    expect((await fetch(address)).status).toBe(404);
    expect(codes.map((code) => code.split(" ")[0])).toEqual(["suporte", "suporte", "loja", "loja"]);
    expect(new Set(codes).size).toBe(4);

    // Whoever waits for something newer does not hold up the end.
    const now = await api<Shown>(gateway.url, "GET", "/instances/loja/qr");
    const waiting = api<Shown>(gateway.url, "GET", `/instances/loja/qr?after=${now.version}`);
    const ended = waiting.then(
      ({ stage }) => stage,
      () => "refused",
    );
    expect(await gateway.stop()).toBe(0);
    expect(["connected", "refused"]).toContain(await ended);
    socket.close();
    await Promise.all([waha.close(), evolution.close()]);
  });
});
