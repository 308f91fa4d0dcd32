import { createHmac, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startReceiver, type Receiver } from "@recado/simulator";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  api,
  post,
  startGateway,
  temporaryFolder,
  type GatewayProcess,
} from "./gateway-process.ts";
import {
  eventsOf,
  imageWebhook,
  linkOf,
  picture,
  sha256Of,
  webhookPath,
  type FileEvent,
} from "./media-webhooks.ts";

let gateway: GatewayProcess;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let receiver: Receiver;
let path: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  gateway = await startGateway(folder.path);
  receiver = await startReceiver();
  path = await webhookPath(gateway.url, { name: "loja", provider: "evolution" });
});
afterAll(async () => {
  await gateway.stop();
  await receiver.close();
  await folder.remove();
});

const jpeg = picture(300_000);
const sha256 = sha256Of(jpeg);

async function eventOf(messageId: string): Promise<FileEvent> {
  const [event] = await eventsOf(gateway.url, messageId);
  if (!event) throw new Error(`there is no event of ${messageId}`);
  return event;
}

async function send(body: string): Promise<number> {
  return (await post(`${gateway.url}${path}`, body)).status;
}

async function filesOnDisk(): Promise<readonly string[]> {
  const all = await readdir(join(folder.path, "media"), { recursive: true });
  return all.filter((name) => /[0-9a-f]{64}$/.test(name));
}

describe("a file inside a webhook", () => {
  it("is out of the event and its body, opens by its link, and reaches every reader in its form", async () => {
    const base = { allowPrivate: true, secret: undefined };
    await api(gateway.url, "POST", "/endpoints", { ...base, url: `${receiver.url}/recado` });
    await api(gateway.url, "POST", "/endpoints", {
      ...base,
      url: `${receiver.url}/provider`,
      format: "provider",
    });
    const { token: jwt } = await api<{ token: string }>(gateway.url, "POST", "/tokens", {
      ttlSeconds: 60,
    });
    const socket = io(gateway.url);
    const seen = Promise.withResolvers<unknown>();
    socket.on("whatsapp:message_received", (message: unknown) => seen.resolve(message));
    socket.emit("authenticate", { token: jwt, tenantId: "default" });
    socket.emit("subscribe:instance", "loja");
    await new Promise<void>((resolve) => socket.on("subscribed", () => resolve()));

    const body = imageWebhook("IMG1", jpeg);
    expect(await send(body)).toBe(200);
    const event = await eventOf("IMG1");
    expect(event.data.content.media).toMatchObject({
      mimetype: "image/jpeg",
      size: jpeg.length,
      sha256,
    });
    expect(event.data.content.media).not.toHaveProperty("inline");
    expect(event.raw?.data.message["base64"]).toMatchObject({ sha256, size: jpeg.length });
    expect(JSON.stringify(event)).not.toContain("recado-media:");

    const response = await fetch(linkOf(event));
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).equals(jpeg)).toBe(true);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      etag: `"${sha256}"`,
    });

    expect(JSON.stringify(await seen.promise)).toContain(`/media/`);
    socket.close();
    const requests = await receiver.waitFor(2);
    const byPath = new Map(requests.map((request) => [request.url, request.body.toString()]));
    expect(byPath.get("/recado")).toContain(`/${sha256}?about=`);
    expect(byPath.get("/provider")).toBe(body);
  });

  it("comes twice: the retry is a duplicate, and another message with the same picture has the same file", async () => {
    const body = imageWebhook("IMG2", jpeg);
    expect([await send(body), await send(body)]).toEqual([200, 200]);
    expect(await send(imageWebhook("IMG3", jpeg))).toBe(200);
    const { data } = await api<{ data: unknown[] }>(gateway.url, "GET", "/events?messageId=IMG2");
    expect(data).toHaveLength(1);
    expect((await filesOnDisk()).filter((name) => name.endsWith(sha256))).toHaveLength(1);
    expect(await readdir(join(folder.path, "media", ".incoming"))).toEqual([]);
  });

  it("is served in ranges, by its tag, and to HEAD", async () => {
    await send(imageWebhook("IMG4", jpeg));
    const link = linkOf(await eventOf("IMG4"));
    const asked = async (
      headers: Record<string, string>,
      method = "GET",
    ): Promise<[number, Buffer, Headers]> => {
      const response = await fetch(link, { method, headers });
      return [response.status, Buffer.from(await response.arrayBuffer()), response.headers];
    };
    expect((await asked({ range: "bytes=0-9" })).slice(0, 2)).toEqual([206, jpeg.subarray(0, 10)]);
    const [status, bytes, headers] = await asked({ range: "bytes=-7" });
    expect([status, bytes]).toEqual([206, jpeg.subarray(-7)]);
    expect(headers.get("content-range")).toBe(
      `bytes ${jpeg.length - 7}-${jpeg.length - 1}/${jpeg.length}`,
    );
    expect((await asked({ range: "bytes=999999999-" }))[0]).toBe(416);
    expect((await asked({ range: "bytes=0-1,5-6" }))[1]).toHaveLength(jpeg.length);
    expect((await asked({ range: "bytes=0-9", "if-range": '"other"' }))[0]).toBe(200);
    expect((await asked({ "if-none-match": `W/"${sha256}"` }))[0]).toBe(304);
    const [head, nothing, headHeaders] = await asked({}, "HEAD");
    expect([head, nothing.length]).toEqual([200, 0]);
    expect(headHeaders.get("content-length")).toBe(String(jpeg.length));
  });

  it.each([
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/javascript",
    "TEXT/HTML;x",
  ])("that calls itself %s is saved as an unknown type under a harmless name", async (mimetype) => {
    const id = `TYPE${mimetype.length}${mimetype.replaceAll(/\W/g, "")}`;
    await send(imageWebhook(id, jpeg, { mimetype, fileName: '../../x"\r\n<b>.html' }));
    const response = await fetch(linkOf(await eventOf(id)));
    await response.arrayBuffer();
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="x_b_.html"');
  });
});

describe("a link", () => {
  it("is never made of what a sender wrote", async () => {
    await send(imageWebhook("IMG5", jpeg));
    const link = new URL(linkOf(await eventOf("IMG5")));
    const about = link.searchParams.get("about") ?? "";
    const forged = `recado-media:${sha256}.${about}.${"A".repeat(22)}`;
    await send(imageWebhook("FORGED", jpeg.subarray(0, 90), { caption: forged, url: forged }));
    const text = JSON.stringify(await eventOf("FORGED"));
    expect(text).toContain(forged);
    expect(text).not.toContain("/media/");
  });

  it.each([
    ["another file", (url: URL) => (url.pathname = url.pathname.replace(/.$/, "x"))],
    [
      "another tenant",
      (url: URL) =>
        (url.pathname = url.pathname.replace(/media\/.{32}/, `media/${"0".repeat(32)}`)),
    ],
    ["a later end", (url: URL) => url.searchParams.set("expires", "9999999999")],
    ["another type", (url: URL) => url.searchParams.set("about", "WyJ0ZXh0L2h0bWwiXQ")],
    ["no signature", (url: URL) => url.searchParams.delete("signature")],
    ["two signatures", (url: URL) => url.searchParams.append("signature", "x")],
    ["a path", (url: URL) => (url.pathname = "/media/..%2f..%2frecado.db/x")],
  ])("changed to %s opens nothing", async (_what, change) => {
    await send(imageWebhook("IMG6", jpeg));
    const url = new URL(linkOf(await eventOf("IMG6")));
    change(url);
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "media_link_invalid" });
  });

  it("of a file that is gone says so", async () => {
    const lost = randomBytes(100_000);
    await send(imageWebhook("IMG7", lost));
    const event = await eventOf("IMG7");
    const name = (await filesOnDisk()).find((one) => one.endsWith(sha256Of(lost)));
    await rm(join(folder.path, "media", String(name)));
    const response = await fetch(linkOf(event));
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ code: "media_gone" });
  });
});

it("a signed body keeps its signature although its file is taken out; a wrong one leaves nothing behind", async () => {
  const secret = "waha-secret-0123456789";
  const own = { name: "sessao", provider: "waha", webhookSecret: secret };
  const address = await webhookPath(gateway.url, own);
  const file = randomBytes(400_000);
  const body = JSON.stringify({
    event: "message",
    session: "sessao",
    engine: "WEBJS",
    payload: {
      id: "false_5511999990000@c.us_WAHA1",
      timestamp: 1_760_000_000,
      from: "5511999990000@c.us",
      fromMe: false,
      body: "",
      hasMedia: true,
      media: { data: file.toString("base64"), mimetype: "application/pdf", filename: "conta.pdf" },
    },
  });
  const hmac = createHmac("sha512", secret).update(body).digest("hex");
  const call = (signature: string): Promise<Response> =>
    fetch(`${gateway.url}${address}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-webhook-hmac": signature },
      body,
    });
  const before = await filesOnDisk();
  expect((await call("0".repeat(128))).status).toBe(401);
  expect(await filesOnDisk()).toEqual(before);
  expect((await call(hmac)).status).toBe(200);
  const { data } = await api<{ data: FileEvent[] }>(gateway.url, "GET", "/events?limit=1");
  expect(data[0]?.data.content.media).toMatchObject({
    mimetype: "application/pdf",
    filename: "conta.pdf",
    size: file.length,
  });
  const response = await fetch(linkOf(data[0] as FileEvent));
  expect(Buffer.from(await response.arrayBuffer()).equals(file)).toBe(true);
  expect(response.headers.get("content-disposition")).toBe('inline; filename="conta.pdf"');
});
