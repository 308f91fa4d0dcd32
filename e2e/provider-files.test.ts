import { createHash, randomBytes } from "node:crypto";
import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterEach, beforeEach, expect, it } from "vitest";
import { api, startGateway, temporaryFolder, type GatewayProcess } from "./gateway-process.ts";

const apiKey = "waha-key-0123456789";
const bytes = randomBytes(90_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");

let waha: FakeWaha;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let gateway: GatewayProcess;
beforeEach(async () => {
  folder = await temporaryFolder();
  waha = await startFakeWaha({
    apiKey,
    sessions: [{ name: "loja", me: { id: "5511900000001@c.us" } }],
  });
});
afterEach(async () => {
  await gateway.stop();
  await waha.close();
  await folder.remove();
});

async function start(): Promise<void> {
  gateway = await startGateway(folder.path, { WAHA_API_URL: waha.url, WAHA_API_KEY: apiKey });
}

async function startAdopted(): Promise<void> {
  await start();
  const { data } = await api<{ data: { id: string }[] }>(gateway.url, "GET", "/servers");
  await api(gateway.url, "POST", `/servers/${data[0]?.id}/sync`, { wait: true });
}

interface Told {
  readonly url: string;
  readonly sha256?: string;
  readonly size?: number;
}

interface WithFile {
  readonly id: string;
  readonly data: { readonly content: { readonly media?: Told } };
}

async function eventWithFile(): Promise<WithFile> {
  const { data } = await api<{ data: WithFile[] }>(
    gateway.url,
    "GET",
    "/events?type=message.received",
  );
  const [event] = data;
  if (!event) throw new Error("no message was stored");
  return event;
}

async function receive(): Promise<void> {
  const media = { kind: "image", bytes, mimetype: "image/jpeg" } as const;
  await waha.receive("loja", { phone: "5511900000201", text: "foto", media });
}

function open(link = ""): Promise<Response> {
  return fetch(link.replace("localhost", "127.0.0.1"));
}

it("a file that WAHA serves is told of, and opens, wherever the message is read", async () => {
  await startAdopted();
  await receive();
  await expect
    .poll(async () => (await eventWithFile()).data.content.media?.sha256, { timeout: 10_000 })
    .toBe(sha256);
  const { id } = await eventWithFile();
  const one = await api<WithFile>(gateway.url, "GET", `/events/${id}`);
  const read = async (path: string) => JSON.stringify(await api(gateway.url, "GET", path));
  const views = [await read("/messages?phone=5511900000201"), await read("/chats")];
  await waha.trouble.stop();
  for (const text of [JSON.stringify(one.data), views[0] ?? ""]) {
    expect(text).toContain(`"sha256":"${sha256}"`);
    const link = /http:[^"]+\/media\/[^"]+/.exec(text)?.[0];
    const answer = await open(link);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
  }
  expect(views.join("")).not.toContain("recado-media:");
  expect(gateway.stdout()).not.toContain(apiKey);
});

it("a gateway that is killed between a message and its file has the file after its next start", async () => {
  await startAdopted();
  const lift = waha.trouble.fail({ routes: /files/, answer: "hang" });
  await receive();
  const early = await open((await eventWithFile()).data.content.media?.url);
  expect([early.status, early.headers.get("retry-after")]).toEqual([425, "5"]);
  await gateway.kill();
  lift();
  await start();
  await expect
    .poll(async () => (await eventWithFile()).data.content.media, { timeout: 10_000 })
    .toMatchObject({ sha256, size: bytes.length });
});
