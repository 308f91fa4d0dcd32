import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
  createOutbound,
  type Outbound,
  type OutboundOptions,
  type OutboundOutcome,
  type OutboundRequest,
} from "./index.ts";
import { emptyAnswer, startRawServer, type RawServer } from "./testing/raw-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(answer: (socket: Socket) => void): Promise<RawServer> {
  const server = await startRawServer(answer);
  closing.push(server.close);
  return server;
}

function outboundWith(options: OutboundOptions): Outbound {
  const outbound = createOutbound(options);
  closing.push(outbound.close);
  return outbound;
}

function post(url: string, change: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    body: Buffer.from('{"a":1}'),
    timeoutMs: 5_000,
    maxResponseBytes: 1_024,
    allowPrivate: false,
    ...change,
  };
}

function codeOf(outcome: OutboundOutcome): string | number {
  return outcome.kind === "failed" ? outcome.errorCode : outcome.statusCode;
}

const ok = (socket: Socket): void => void socket.write(emptyAnswer("200 OK"));
const resolved =
  (...addresses: readonly string[]) =>
  (): Promise<readonly string[]> =>
    Promise.resolve(addresses);

describe("a connection is made only to vetted addresses", () => {
  test.each([
    ["a name behind the loopback address", ["127.0.0.1"]],
    ["one good and one bad address", ["1.1.1.1", "127.0.0.1"]],
    ["a public A and a loopback AAAA record", ["1.1.1.1", "::1"]],
    ["a metadata address inside a NAT64 prefix", ["64:ff9b::a9fe:a9fe"]],
    ["a mapped address", ["::ffff:127.0.0.1"]],
    ["something that is no address", ["localhost"]],
  ])("%s: refused without one connection", async (_name, addresses) => {
    const server = await serve(ok);
    const outbound = outboundWith({ resolve: resolved(...addresses) });
    const outcome = await outbound.request(post(`http://hooks.example:${server.port}/`));
    expect(codeOf(outcome)).toBe("blocked_address");
    expect(server.connections()).toBe(0);
  });

  test("a refusal names no address of the inside", async () => {
    const outbound = outboundWith({ resolve: resolved("10.20.30.40") });
    const outcome = await outbound.request(post("http://hooks.example/"));
    expect(JSON.stringify(outcome)).not.toContain("10.20.30.40");
  });

  test.each(["http://127.0.0.1:PORT/", "http://127.1:PORT/", "http://[::ffff:7f00:1]:PORT/"])(
    "the literal %s is refused without one connection",
    async (url) => {
      const server = await serve(ok);
      const outbound = outboundWith({});
      const outcome = await outbound.request(post(url.replace("PORT", String(server.port))));
      expect(codeOf(outcome)).toBe("blocked_address");
      expect(server.connections()).toBe(0);
    },
  );

  test("each attempt asks once and connects to that answer, also when the next answer differs", async () => {
    const server = await serve(ok);
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    let lookups = 0;
    const outbound = outboundWith({
      allowTargets: ["127.0.0.1"],
      resolve: () => Promise.resolve(answers[lookups++] ?? []),
    });
    const url = `http://hooks.example:${server.port}/`;
    expect(codeOf(await outbound.request(post(url)))).toBe(200);
    expect(lookups).toBe(1);
    // The connection to the first address is still open and must not be used for the second answer.
    expect(codeOf(await outbound.request(post(url)))).toBe("blocked_address");
    expect(server.connections()).toBe(1);
  });

  test("a name that the operator listed may lead into the private network", async () => {
    const server = await serve(ok);
    const outbound = outboundWith({ allowTargets: ["n8n"], resolve: resolved("127.0.0.1") });
    expect(codeOf(await outbound.request(post(`http://n8n:${server.port}/`)))).toBe(200);
    const other = await outbound.request(post(`http://hooks.example:${server.port}/`));
    expect(codeOf(other)).toBe("blocked_address");
  });

  test("allowPrivate opens the loopback address for that request only", async () => {
    const server = await serve(ok);
    const outbound = outboundWith({});
    const url = `http://localhost:${server.port}/`;
    expect(codeOf(await outbound.request(post(url, { allowPrivate: true })))).toBe(200);
    expect(codeOf(await outbound.request(post(url)))).toBe("blocked_address");
  });

  test("the next vetted address is tried when nothing listens at the first", async () => {
    const server = await serve(ok);
    const outbound = outboundWith({
      allowTargets: ["127.0.0.0/8"],
      resolve: resolved("127.0.0.9", "127.0.0.1"),
    });
    const outcome = await outbound.request(post(`http://hooks.example:${server.port}/`));
    expect(outcome).toMatchObject({ kind: "answered", remoteAddress: "127.0.0.1" });
  });
});

describe("names", () => {
  test("an unanswered question ends as dns_timeout within the time limit", async () => {
    const outbound = outboundWith({ resolve: () => new Promise(() => undefined) });
    const outcome = await outbound.request(post("http://hooks.example/", { timeoutMs: 50 }));
    expect(codeOf(outcome)).toBe("dns_timeout");
  });

  test.each([
    ["ESERVFAIL", "dns_error"],
    ["ENOTFOUND", "dns_error"],
    ["ETIMEOUT", "dns_timeout"],
  ])("%s ends as %s", async (code, expected) => {
    const failure = Object.assign(new Error("query failed"), { code });
    const outbound = outboundWith({ resolve: () => Promise.reject(failure) });
    expect(codeOf(await outbound.request(post("http://hooks.example/")))).toBe(expected);
  });

  test("attempts at the same moment share one question", async () => {
    const server = await serve(ok);
    let lookups = 0;
    const outbound = outboundWith({
      allowTargets: ["127.0.0.1"],
      resolve: () => {
        lookups += 1;
        return Promise.resolve(["127.0.0.1"]);
      },
    });
    const url = `http://hooks.example:${server.port}/`;
    await Promise.all([1, 2, 3].map(() => outbound.request(post(url))));
    expect(lookups).toBe(1);
  });
});

describe("what goes over the wire", () => {
  test("host first, the caller's headers with their case, the length, the body byte for byte", async () => {
    const server = await serve(ok);
    const outbound = outboundWith({
      allowTargets: ["127.0.0.1"],
      resolve: resolved("127.0.0.1"),
    });
    const body = Buffer.from('{"b":1e21,"a":"olá 👋🏽","a":2}\n');
    await outbound.request(
      post(`http://hooks.example:${server.port}/in?x=1`, { body, headers: { "X-My-Key": "Ab" } }),
    );
    const [text = ""] = server.received();
    const [head = "", sent = ""] = text.split("\r\n\r\n");
    const lines = head.split("\r\n");
    expect(lines[0]).toBe("POST /in?x=1 HTTP/1.1");
    expect(lines[1]).toBe(`host: hooks.example:${server.port}`);
    expect(lines).toContain("X-My-Key: Ab");
    expect(lines).toContain(`content-length: ${body.length}`);
    expect(head).not.toMatch(/transfer-encoding/i);
    expect(Buffer.from(sent, "latin1").equals(body)).toBe(true);
  });

  test("a host before a backslash is the host that is called", async () => {
    const server = await serve(ok);
    const asked: string[] = [];
    const outbound = outboundWith({
      allowTargets: ["127.0.0.1"],
      resolve: (name) => {
        asked.push(name);
        return Promise.resolve(["127.0.0.1"]);
      },
    });
    await outbound.request(post(`http://hooks.example:${server.port}\\@internal.example/`));
    expect(asked).toEqual(["hooks.example"]);
    expect(server.received()[0]).toContain(`host: hooks.example:${server.port}`);
  });

  test("connections are used again when the same address was vetted again", async () => {
    let connections = 0;
    const server = createServer((request, response) =>
      request.on("end", () => response.end()).resume(),
    );
    server.on("connection", () => (connections += 1));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    closing.push(async () => void server.close());
    const { port } = server.address() as AddressInfo;
    const outbound = outboundWith({ allowTargets: ["127.0.0.1"], resolve: resolved("127.0.0.1") });
    const url = `http://hooks.example:${port}/`;
    for (let sent = 0; sent < 20; sent += 1) await outbound.request(post(url));
    // undici rests a connection for one turn of the event loop, so two take turns.
    expect(connections).toBeLessThanOrEqual(2);
  });

  test.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY"])("%s is not obeyed", async (name) => {
    const proxy = await serve(ok);
    const server = await serve(ok);
    process.env[name] = `http://127.0.0.1:${proxy.port}`;
    try {
      const outbound = outboundWith({ allowTargets: ["127.0.0.1"] });
      expect(codeOf(await outbound.request(post(`http://127.0.0.1:${server.port}/`)))).toBe(200);
    } finally {
      Reflect.deleteProperty(process.env, name);
    }
    expect(proxy.connections()).toBe(0);
  });
});

describe("no redirect is followed", () => {
  test.each([301, 302, 303, 307, 308])("%i is the answer", async (status) => {
    const elsewhere = await serve(ok);
    const server = await serve(
      (socket) =>
        void socket.write(
          emptyAnswer(`${status} Moved`, `location: http://127.0.0.1:${elsewhere.port}/`),
        ),
    );
    const outbound = outboundWith({ allowTargets: ["127.0.0.1"] });
    const outcome = await outbound.request(post(`http://127.0.0.1:${server.port}/`));
    expect(codeOf(outcome)).toBe(status);
    expect(server.connections()).toBe(1);
    expect(elsewhere.connections()).toBe(0);
  });
});

test("an answer tells where it came from and how long each phase took", async () => {
  const server = await serve(ok);
  const outbound = outboundWith({ allowTargets: ["127.0.0.1"], resolve: resolved("127.0.0.1") });
  const outcome = await outbound.request(post(`http://hooks.example:${server.port}/`));
  expect(outcome).toMatchObject({
    remoteAddress: "127.0.0.1",
    timings: {
      dnsMs: expect.any(Number),
      connectMs: expect.any(Number),
      firstByteMs: expect.any(Number),
      totalMs: expect.any(Number),
    },
  });
});

describe("fetch for addresses of the operator's configuration", () => {
  test("answers with status and text", async () => {
    const server = await serve(
      (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
    );
    const outbound = outboundWith({});
    const answer = await outbound.fetch(`http://127.0.0.1:${server.port}/keys`, {
      headers: new Headers({ accept: "application/json" }),
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("{}");
    expect(server.received()[0]).toContain("accept: application/json");
  });

  test("rejects when there is no answer", async () => {
    const outbound = outboundWith({});
    await expect(
      outbound.fetch("http://169.254.169.254/keys", { headers: new Headers() }),
    ).rejects.toThrow(/metadata/);
  });
});
