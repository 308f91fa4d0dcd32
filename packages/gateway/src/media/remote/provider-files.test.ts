import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchFailures } from "./file-source.ts";
import { openFileStage, type FileStage } from "./testing/file-stage.ts";

let stage: FileStage;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  stage = await openFileStage();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await stage.close();
});

const hash = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const file = randomBytes(70_000);
const calls = (): number => stage.waha.calls.count("GET /api/files/:session/:name");

async function serverOf(
  answer: RequestListener,
): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** What the event and the link say of a file that was not had. */
async function refusalOf(eventId: string): Promise<unknown> {
  const { url, error } = await stage.told(eventId);
  const answer = await stage.open(url);
  return [error, answer.statusCode, answer.json()];
}

function refusal(cause: keyof typeof fetchFailures): unknown {
  const error = fetchFailures[cause];
  return [error, 410, { code: "media_unavailable", details: [error] }];
}

describe("a file at WAHA", () => {
  it("is fetched from the configured server, whatever host the link names, and opens although it is gone there", async () => {
    await stage.start();
    const number = await stage.number();
    const url = stage.serve("a.jpeg", file);
    const id = await stage.send(number, "A1", { url, filename: "a.jpeg", mimetype: null });
    await stage.settled();
    stage.skewMs += 200_000;
    const media = await stage.told(id);
    expect(media).toMatchObject({
      size: file.length,
      sha256: hash(file),
      mimetype: "image/jpeg",
      filename: "a.jpeg",
    });
    expect(media.url).toMatch(/^http:\/\/recado\.test\/media\/[0-9a-f]{32}\/[0-9a-f]{64}\?/);
    const answer = await stage.open(media.url);
    expect(answer.statusCode).toBe(200);
    expect(answer.rawPayload.equals(file)).toBe(true);
    expect(answer.headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-disposition": 'inline; filename="a.jpeg"',
      etag: `"${hash(file)}"`,
    });
  });

  it("leaves the provider's own link in the body, and none of the file's secrets in the log", async () => {
    await stage.start();
    const url = stage.serve("b.jpeg", file);
    const id = await stage.send(await stage.number(), "B1", { url });
    await stage.settled();
    const event = await stage.store.log.byId({ tenantId: "acme" }, id);
    const body = await stage.store.log.body({ tenantId: "acme" }, event?.bodyId ?? 0);
    expect(body?.text).toContain(url);
    expect(stage.logged.join("")).not.toMatch(/waha-key|b\.jpeg/);
  });

  it("is asked for again later while it is not there yet", async () => {
    await stage.start({ limits: { pausesMs: [60_000] } });
    const number = await stage.number();
    const url = stage.serve("c.jpeg", file);
    const lift = stage.waha.trouble.fail({ routes: /files/, answer: "hang" });
    const id = await stage.send(number, "C1", { url });
    const early = await stage.open((await stage.told(id)).url);
    expect([early.statusCode, early.json<{ code: string }>().code]).toEqual([
      425,
      "media_not_fetched",
    ]);
    expect(early.headers).toMatchObject({ "retry-after": "5", "cache-control": "no-store" });
    expect(await stage.told(id)).not.toHaveProperty("error");
    lift();
  });

  it("that WAHA deleted after 180 s is said to be gone", async () => {
    await stage.start();
    const url = stage.serve("d.jpeg", file);
    stage.skewMs += 180_000;
    const id = await stage.send(await stage.number(), "D1", { url });
    await stage.settled();
    expect(await refusalOf(id)).toEqual(refusal("gone"));
    expect(calls()).toBe(1);
  });

  it("behind a key that was changed is said so, once", async () => {
    await stage.start();
    stage.waha.trouble.setApiKey("another-key");
    const id = await stage.send(await stage.number(), "E1", { url: stage.serve("e.jpeg", file) });
    await stage.settled();
    expect(await refusalOf(id)).toEqual(refusal("unauthorised"));
    expect(calls()).toBe(1);
  });

  it("that the server redirects elsewhere is not followed there", async () => {
    await stage.start();
    const elsewhere = await serverOf((_, response) => response.end("secret"));
    const moved = await serverOf((_, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/x` }).end(),
    );
    const number = await stage.number({}, { baseUrl: moved.url });
    const id = await stage.send(number, "F1", { url: "http://localhost:3000/api/files/loja/f" });
    await stage.settled();
    expect(await refusalOf(id)).toEqual(refusal("redirected"));
    expect([moved.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
  });

  it("larger than the limit is not kept; one of exactly the limit is", async () => {
    await stage.start({}, { maxBytes: file.length });
    const number = await stage.number();
    const large = stage.serve("g1.jpeg", Buffer.concat([file, Buffer.from([0])]));
    const first = await stage.send(number, "G1", { url: large });
    const second = await stage.send(number, "G2", { url: stage.serve("g2.jpeg", file) });
    await stage.settled();
    expect(await refusalOf(first)).toEqual(refusal("too_large"));
    expect(await stage.told(second)).toMatchObject({ size: file.length });
  });

  it("of a server that is down comes when it is up again", async () => {
    await stage.start({ limits: { pausesMs: Array.from({ length: 200 }, () => 20) } });
    const number = await stage.number();
    const url = stage.serve("h.jpeg", file);
    const lift = stage.waha.trouble.fail({ routes: /files/, answer: { status: 503, body: {} } });
    const id = await stage.send(number, "H1", { url });
    await expect.poll(calls, { timeout: 10_000 }).toBeGreaterThan(3);
    expect((await stage.open((await stage.told(id)).url)).statusCode).toBe(425);
    lift();
    await stage.settled();
    expect(await stage.told(id)).toMatchObject({ sha256: hash(file) });
  });

  it("of a server that stays down is said to be out of reach after the last try", async () => {
    await stage.start({ limits: { pausesMs: [1] } });
    const number = await stage.number({}, { baseUrl: "http://127.0.0.1:9" });
    const id = await stage.send(number, "I1", { url: stage.serve("i.jpeg", file) });
    await stage.settled();
    expect(await refusalOf(id)).toEqual(refusal("unreachable"));
  });

  it("of two messages is fetched once, and both have it", async () => {
    await stage.start();
    const number = await stage.number();
    const url = stage.serve("j.jpeg", file);
    const ids = [await stage.send(number, "J1", { url }), await stage.send(number, "J2", { url })];
    await stage.settled();
    const told = await Promise.all(ids.map((id) => stage.told(id)));
    expect(told.map(({ sha256 }) => sha256)).toEqual([hash(file), hash(file)]);
    expect(calls()).toBe(1);
  });

  it("never keeps others waiting: a server that hangs leaves places for another", async () => {
    await stage.start({ limits: { inAll: 3, perServer: 2 } });
    const hanging = await serverOf(() => undefined);
    const slow = await stage.number({}, { baseUrl: hanging.url });
    for (const n of [1, 2, 3, 4])
      await stage.send(slow, `K${n}`, { url: `http://localhost/api/files/loja/${n}` });
    const id = await stage.send(await stage.number(), "K9", { url: stage.serve("k.jpeg", file) });
    await expect.poll(async () => (await stage.told(id)).sha256).toBe(hash(file));
    expect(hanging.asked.length).toBe(2);
  });
});

describe("a restart", () => {
  it("between the event and its file loses nothing", async () => {
    const first = await stage.start();
    const number = await stage.number();
    await first.stop();
    const url = stage.serve("l.jpeg", file);
    const id = await stage.send(number, "L1", { url });
    await stage.start();
    await stage.settled();
    expect(await stage.told(id)).toMatchObject({ sha256: hash(file) });
    expect(calls()).toBe(1);
  });

  it("in the middle of a file fetches it again, and does not wait for what is under way", async () => {
    const first = await stage.start();
    const number = await stage.number();
    const url = stage.serve("m.jpeg", file);
    const lift = stage.waha.trouble.fail({ routes: /files/, answer: "hang" });
    const id = await stage.send(number, "M1", { url });
    await expect.poll(calls).toBe(1);
    await first.stop();
    lift();
    await stage.start();
    await stage.settled();
    expect(await stage.told(id)).toMatchObject({ sha256: hash(file) });
  });

  it("reads no event again whose file is known", async () => {
    const first = await stage.start();
    const number = await stage.number();
    stage.skewMs += 180_000;
    const gone = await stage.send(number, "N1", { url: "http://x/api/files/loja/none" });
    const had = await stage.send(number, "N2", { url: stage.serve("n.jpeg", file) });
    await stage.settled();
    await first.stop();
    await stage.store.records.delete({ tenantId: "acme" }, "media-reader", "offset");
    await stage.start();
    await stage.settled();
    expect(await refusalOf(gone)).toEqual(refusal("gone"));
    expect(await stage.told(had)).toMatchObject({ sha256: hash(file) });
    expect(calls()).toBe(2);
  });

  it("finds more events than fit in memory at once", async () => {
    const first = await stage.start();
    const number = await stage.number();
    await first.stop();
    const url = stage.serve("o.jpeg", file);
    const ids: string[] = [];
    for (let n = 0; n < 220; n++)
      ids.push(await stage.send(number, `O${n}`, { url: `${url}?n=${n % 12}` }));
    await stage.start({ limits: { perTenant: 3, perServer: 3 } });
    await stage.settled();
    for (const id of [ids[0], ids[199], ids[200], ids[219]])
      expect(await stage.told(id ?? "")).toMatchObject({ sha256: hash(file) });
    expect(
      await stage.store.records.list({ tenantId: "acme" }, "media-wanted", { limit: 10 }),
    ).toEqual([]);
  });
});

describe("a link", () => {
  it("stays as the provider gave it for a number without a configured server", async () => {
    await stage.start();
    const { serverId: _, ...number } = await stage.number();
    const url = stage.serve("p.jpeg", file);
    const id = await stage.send(number, "P1", { url });
    await stage.settled();
    expect(await stage.told(id)).toMatchObject({ url });
    expect(calls()).toBe(0);
  });

  it.each([
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:1/x.jpeg",
    "file:///etc/passwd",
    "https://user:pw@example.com/a?X-Amz-Signature=1",
    "http://localhost:3000/api/files/../../admin",
    "recado-media:x",
    "not a link",
  ])("that is none of the server's is left alone: %s", async (url) => {
    await stage.start();
    const id = await stage.send(await stage.number(), "Q1", { url });
    await stage.settled();
    expect((await stage.told(id)).url).toBe(url);
    expect(stage.waha.calls.count()).toBe(0);
  });

  it("that was made up, or is another tenant's, opens nothing", async () => {
    await stage.start();
    const [own, foreign] = [await stage.number(), await stage.number({}, { tenantId: "rival" })];
    const id = await stage.send(own, "R1", { url: stage.serve("r.jpeg", file) });
    await stage.settled();
    const event = await stage.store.log.byId({ tenantId: "acme" }, id);
    const marker = /recado-media:[^"]+/.exec(event?.json ?? "")?.[0] ?? "";
    expect(marker).not.toBe("");
    // Whoever learnt another's marker, or wrote one with a key of a link.
    const forged = marker.replace(/.{22}$/, "A".repeat(22));
    const stolen = await stage.send(foreign, "R2", { url: marker });
    const invented = await stage.send(own, "R3", { url: forged });
    await stage.settled();
    expect((await stage.told(stolen, "rival")).url).toBe(marker);
    expect((await stage.told(invented)).url).toBe(forged);
    // Another tenant's part with this key and a signature of its own for it.
    const link = new URL((await stage.told(id)).url);
    const [, , , key = ""] = link.pathname.split("/");
    const part = stage.media.keys.tenantPart("rival");
    const expires = Number(link.searchParams.get("expires"));
    const signature = stage.media.keys.signature(part, { sha256: key, about: "provider" }, expires);
    const path = `/media/${part}/${key}?about=provider&expires=${expires}&signature=${signature}`;
    expect((await stage.open(path)).json()).toMatchObject({ code: "media_gone" });
  });

  it("is another file for each tenant, though the addresses are the same", async () => {
    await stage.start();
    const url = stage.serve("s.jpeg", file);
    const one = await stage.send(await stage.number(), "S1", { url });
    const other = await stage.send(await stage.number({}, { tenantId: "rival" }), "S1", { url });
    await stage.settled();
    const [mine, theirs] = [await stage.told(one), await stage.told(other, "rival")];
    expect(new URL(mine.url).pathname).not.toBe(new URL(theirs.url).pathname);
    expect([mine.sha256, theirs.sha256]).toEqual([hash(file), hash(file)]);
  });
});

describe("Evolution's bucket", () => {
  const message = (mediaUrl: string): unknown => ({
    event: "messages.upsert",
    instance: "loja",
    data: {
      key: { remoteJid: "5511900000201@s.whatsapp.net", fromMe: false, id: "EVO1" },
      messageType: "imageMessage",
      messageTimestamp: Math.floor(Date.now() / 1_000),
      message: { imageMessage: { mimetype: "image/png", mediaKey: "AAAA" }, mediaUrl },
    },
  });
  const evolution = { provider: "evolution", baseUrl: "http://evolution.test" } as const;

  it("in a private network is not asked unless it is opened", async () => {
    await stage.start();
    const bucket = await serverOf((_, response) => response.end(file));
    const id = await stage.sendBody(
      await stage.number({}, evolution),
      message(`${bucket.url}/a.png?X-Amz-Signature=00`),
    );
    await stage.settled();
    expect(await refusalOf(id)).toEqual(refusal("blocked"));
    expect(bucket.asked).toEqual([]);
  });

  it("is asked with its presigned link and without the server's key", async () => {
    await stage.close();
    stage = await openFileStage(["127.0.0.1"]);
    await stage.start();
    const bucket = await serverOf((_, response) => response.end(file));
    const id = await stage.sendBody(
      await stage.number({}, evolution),
      message(`${bucket.url}/a.png?X-Amz-Signature=00`),
    );
    await stage.settled();
    expect(await stage.told(id)).toMatchObject({ sha256: hash(file), mimetype: "image/png" });
    const [asked] = bucket.asked;
    expect(asked?.url).toBe("/a.png?X-Amz-Signature=00");
    expect(JSON.stringify(asked?.headers)).not.toContain("key");
  });

  it("is not asked without a proof in the link", async () => {
    await stage.start();
    const url = "https://s3.example.com/a.png";
    const id = await stage.sendBody(await stage.number({}, evolution), message(url));
    expect((await stage.told(id)).url).toBe(url);
  });
});
