import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../base/clock.ts";
import { createSecretBox } from "../../base/secret-box.ts";
import { createOutbound, type Outbound } from "../../outbound/index.ts";
import type { ProviderServer } from "../../store/contract/index.ts";
import { createServerControls, type ServerControls } from "../control/index.ts";
import { createProviderFileSource, type ProviderFileSource } from "./file-source.ts";

const secretBox = createSecretBox(Buffer.alloc(32, 3));
let outbound: Outbound;
let controls: ServerControls;
let source: ProviderFileSource;
let url: string;
let asked: IncomingMessage[] = [];
let answer: (response: ServerResponse) => void = (response) => response.end("file");
let close: () => void;
beforeEach(async () => {
  asked = [];
  outbound = createOutbound();
  controls = createServerControls({ outbound, secretBox, clock: systemClock });
  source = createProviderFileSource({ outbound, controls, maxBytes: 4, timeoutMs: 300 });
  const server = createServer((request, response) => {
    asked.push(request);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(async () => {
  controls.close();
  await outbound.close();
  close();
});

function server(
  provider: "evolution" | "waha",
  change: Partial<ProviderServer> = {},
): ProviderServer {
  return {
    id: "srv_1",
    tenantId: "acme",
    name: "one",
    provider,
    baseUrl: url,
    apiKey: secretBox.seal("the-servers-key"),
    ingestToken: "token",
    allowPrivate: true,
    createdAt: 1,
    ...change,
  };
}

describe("a link at Evolution's own address", () => {
  it.each([
    [(response: ServerResponse) => response.end("file"), { kind: "had" }],
    [(response: ServerResponse) => response.end("files"), { cause: "too_large", mayHelp: false }],
    [status(302), { cause: "redirected", mayHelp: false }],
    [status(401), { cause: "unauthorised", mayHelp: false }],
    [status(403), { cause: "gone", mayHelp: false }],
    [status(404), { cause: "gone", mayHelp: false }],
    [status(400), { cause: "refused", mayHelp: false }],
    [status(429), { cause: "refused", mayHelp: true }],
    [status(500), { cause: "refused", mayHelp: true }],
    [(response: ServerResponse) => response.destroy(), { cause: "unreachable", mayHelp: true }],
    [() => undefined, { cause: "unreachable", mayHelp: true }],
    [cutOff, { cause: "unreachable", mayHelp: true }],
  ])("is asked without its key, and how it ends is said: %#", async (answers, expected) => {
    answer = answers;
    const found = await source.fetch(server("evolution"), `${url}/store/a.png`);
    expect(found).toMatchObject(expected);
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked[0]?.headers)).not.toContain("the-servers-key");
  });

  it("in a private network is asked only where the server may lie in one", async () => {
    const closed = server("evolution", { allowPrivate: false });
    expect(await source.fetch(closed, `${url}/store/a.png`)).toMatchObject({ cause: "blocked" });
    expect(asked).toEqual([]);
  });
});

function status(code: number) {
  return (response: ServerResponse) =>
    response.writeHead(code, { location: "http://127.0.0.1:9/" }).end();
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { "content-length": "4" });
  response.write("fi", () => response.destroy());
}

it("WAHA's key goes to its address and to no other host, whatever the link says", async () => {
  answer = (response) => response.end("file");
  const links = ["http://evil.test/api/files/loja/a", "http://evil.test/a?X-Amz-Signature=1"];
  for (const link of links) await source.fetch(server("waha"), link);
  expect(asked.map((one) => [one.url, one.headers["x-api-key"]])).toEqual([
    ["/api/files/loja/a", "the-servers-key"],
  ]);
});

it.each([
  ["waha", "http://localhost:3000/api/files/loja/a.jpeg", true],
  ["waha", "https://bucket.s3.amazonaws.com/a?X-Amz-Signature=1", true],
  ["waha", "http://waha.test/api/sessions", false],
  ["waha", "https://mmg.whatsapp.net/v/t62/a.enc?oh=1", false],
  ["evolution", "http://evolution.test/a.png", true],
  ["evolution", "https://evolution.test/a.png", false],
  ["evolution", "https://s3.test/a.png", false],
  ["evolution", "https://s3.test/a.png?x-goog-signature=1", true],
  ["evolution", "ftp://s3.test/a.png?X-Amz-Signature=1", false],
  ["evolution", `https://s3.test/a.png?X-Amz-Signature=${"1".repeat(5_000)}`, false],
  ["evolution", "", false],
] as const)("of %s, %s: %s", (provider, link, expected) => {
  const of = server(provider, { baseUrl: `http://${provider}.test` });
  expect(source.mayFetch(of, link)).toBe(expected);
});
