import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createOutbound, type OutboundOutcome } from "./index.ts";
import {
  expiredCertificate,
  selfSignedCertificate,
  selfSignedKey,
  serverKey,
  testAuthority,
  validCertificate,
} from "./testing/certificates.ts";
import {
  emptyAnswer,
  startRawServer,
  type RawServer,
  type RawServerOptions,
} from "./testing/raw-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(
  answer: (socket: Socket) => void,
  options?: RawServerOptions,
): Promise<RawServer> {
  const server = await startRawServer(answer, options);
  closing.push(server.close);
  return server;
}

const outbound = createOutbound({
  allowTargets: ["127.0.0.1"],
  resolve: () => Promise.resolve(["127.0.0.1"]),
  trustedCertificates: [testAuthority],
});

async function call(
  server: { readonly port: number },
  change: { readonly timeoutMs?: number; readonly url?: string } = {},
): Promise<OutboundOutcome> {
  return outbound.request({
    method: "POST",
    url: change.url ?? `http://hooks.example:${server.port}/`,
    headers: { "content-type": "application/json" },
    body: Buffer.from("{}"),
    timeoutMs: change.timeoutMs ?? 5_000,
    maxResponseBytes: 1_024,
    allowPrivate: false,
  });
}

const forever = 60_000;

/** Writes `bytes` again and again until the socket is closed. */
function flood(socket: Socket, bytes: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", more);
  more();
}

describe("a request ends within its time limit", () => {
  test("when the answer never begins", async () => {
    const server = await serve(() => undefined);
    expect(await call(server, { timeoutMs: 60 })).toMatchObject({ errorCode: "timeout" });
  });

  test("when the head arrives one byte at a time", async () => {
    const server = await serve((socket) => {
      const timer = setInterval(() => socket.write("H"), 10);
      socket.on("close", () => clearInterval(timer));
    });
    const outcome = await call(server, { timeoutMs: 60 });
    expect(outcome.kind).toBe("failed");
  });

  test("when the body drips: the status stands, the end is noted, the connection is gone", async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
      const timer = setInterval(() => socket.write("x"), 10);
      socket.on("close", () => {
        clearInterval(timer);
        closed();
      });
    });
    const outcome = await call(server, { timeoutMs: 100 });
    expect(outcome).toMatchObject({ statusCode: 200, truncated: true, bodyErrorCode: "timeout" });
    await gone;
  });

  test("when interim answers never end", async () => {
    const server = await serve((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    });
    expect(await call(server, { timeoutMs: 80 })).toMatchObject({ errorCode: "timeout" });
  });
});

describe("a request reads no more than its size limit", () => {
  test("an endless body: the status decides and the beginning is kept", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 500 Oops\r\ncontent-length: 67108864\r\n\r\n");
      flood(socket, "x".repeat(65_536));
    });
    const outcome = await call(server, { timeoutMs: forever });
    expect(outcome).toMatchObject({ statusCode: 500, truncated: true });
    expect(outcome.kind === "answered" && outcome.body.length).toBe(1_024);
    expect(outcome).not.toHaveProperty("bodyErrorCode");
  });

  test("a body of exactly the limit is whole", async () => {
    const server = await serve(
      (socket) =>
        void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1024\r\n\r\n${"x".repeat(1_024)}`),
    );
    expect(await call(server)).toMatchObject({ statusCode: 200, truncated: false });
  });

  test("a compressed body is kept as it came", async () => {
    const server = await serve(
      (socket) =>
        void socket.write(
          "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
        ),
    );
    const outcome = await call(server);
    expect(outcome.kind === "answered" && outcome.body.toString()).toBe("abc");
  });

  test.each([
    ["many headers", "x-more: 0123456789\r\n"],
    ["one header without an end", "0123456789"],
  ])("an endless header section of %s", async (_name, piece) => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-first: ");
      flood(socket, piece.repeat(100));
    });
    const outcome = await call(server, { timeoutMs: forever });
    expect(outcome).toMatchObject({ errorCode: "headers_too_large" });
  });
});

describe("an answer of some megabytes", () => {
  const body = Buffer.alloc(3_000_000, "0123456789");
  const ask = async (server: RawServer, maxResponseBytes: number): Promise<OutboundOutcome> =>
    outbound.request({
      method: "GET",
      url: `http://hooks.example:${server.port}/`,
      headers: {},
      body: Buffer.alloc(0),
      timeoutMs: 20_000,
      maxResponseBytes,
      allowPrivate: false,
    });
  const head = (more: string): string => `HTTP/1.1 200 OK\r\nconnection: close\r\n${more}\r\n`;
  const announced = (length: number): string => head(`content-length: ${length}\r\n`);

  test.each([
    ["whose length is announced", announced(body.length)],
    ["whose length is not announced", head("")],
  ])("%s is kept whole", async (_, start) => {
    const server = await serve((socket) => {
      socket.write(start);
      socket.end(body);
    });
    const outcome = await ask(server, body.length);
    expect(outcome).toMatchObject({ kind: "answered", truncated: false });
    expect(outcome.kind === "answered" && outcome.body.equals(body)).toBe(true);
  });

  test("is cut at the limit", async () => {
    const server = await serve((socket) => {
      socket.write(announced(body.length));
      socket.end(body);
    });
    const outcome = await ask(server, body.length - 1);
    expect(outcome).toMatchObject({ kind: "answered", truncated: true });
    expect(outcome.kind === "answered" && outcome.body.length).toBe(body.length - 1);
  });

  test("that ends early has what came, and nothing of this process's memory", async () => {
    const server = await serve((socket) => {
      socket.write(announced(body.length));
      socket.end(body.subarray(0, 1_500_000));
    });
    const outcome = await ask(server, body.length);
    expect(outcome).toMatchObject({ kind: "answered", truncated: true });
    expect(outcome.kind === "answered" && outcome.body.equals(body.subarray(0, 1_500_000))).toBe(
      true,
    );
  });
});

describe("each way to fail has its own word", () => {
  test("nothing listens", async () => {
    const server = await serve(() => undefined);
    await server.close();
    expect(await call(server)).toMatchObject({ errorCode: "connection_refused" });
  });

  test("the connection is reset before the answer", async () => {
    const server = await serve((socket) => socket.resetAndDestroy());
    expect(await call(server)).toMatchObject({
      errorCode: "connection_reset",
      remoteAddress: "127.0.0.1",
    });
    expect(server.connections()).toBe(1);
  });

  test("the connection is closed before the answer", async () => {
    const server = await serve((socket) => socket.end());
    expect(await call(server)).toMatchObject({ errorCode: "connection_reset" });
  });

  test.each([
    "SSH-2.0-OpenSSH_9.9\r\n",
    "HTTP/1.1 banana\r\n\r\n",
    "\u0000\u0001\u0002garbage\r\n",
  ])("the answer %j is no HTTP", async (bytes) => {
    const server = await serve((socket) => void socket.write(bytes));
    expect(await call(server)).toMatchObject({ errorCode: "bad_response" });
  });

  const tls = (server: RawServer, host = "hooks.example"): { url: string } => ({
    url: `https://${host}:${server.port}/`,
  });
  const ok = (socket: Socket): void => void socket.write(emptyAnswer("200 OK"));

  test("a trusted certificate for the name is accepted", async () => {
    const server = await serve(ok, { certificate: { key: serverKey, cert: validCertificate } });
    expect(await call(server, tls(server))).toMatchObject({ statusCode: 200 });
  });

  test.each([
    ["self-signed", selfSignedKey, selfSignedCertificate, "hooks.example", "tls_self_signed"],
    ["expired", serverKey, expiredCertificate, "hooks.example", "tls_expired"],
    ["for another name", serverKey, validCertificate, "other.example", "tls_wrong_name"],
  ])("a certificate that is %s", async (_name, key, cert, host, errorCode) => {
    const server = await serve(ok, { certificate: { key, cert } });
    expect(await call(server, tls(server, host))).toMatchObject({ errorCode });
    expect(server.received().join("")).toBe("");
  });

  test("TLS towards a server that speaks none", async () => {
    const server = await serve(() => undefined);
    // The server takes the handshake for the beginning of a request and waits for more.
    const outcome = await call(server, { ...tls(server), timeoutMs: 60 });
    expect(outcome).toMatchObject({ errorCode: "timeout" });
    expect(outcome).not.toHaveProperty("remoteAddress");
  });

  test("an address that cannot be called", async () => {
    expect(await call({ port: 0 }, { url: "ftp://hooks.example/" })).toMatchObject({
      errorCode: "url_invalid",
    });
  });

  test.each([
    ["x-split", "a\r\nb: c"],
    ["Host", "internal.example"],
    ["transfer-encoding", "chunked"],
  ])("the header %s: %j, which cannot be sent", async (name, value) => {
    const server = await serve(ok);
    const outcome = await outbound.request({
      method: "POST",
      url: `http://hooks.example:${server.port}/`,
      headers: { [name]: value },
      body: Buffer.alloc(0),
      timeoutMs: 1_000,
      maxResponseBytes: 0,
      allowPrivate: false,
    });
    expect(outcome).toMatchObject({ errorCode: "request_invalid" });
    expect(server.received().join("")).toBe("");
  });
});

describe("answers that look odd and are fine", () => {
  test.each([
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n"],
    ["connection: close", "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"],
    ["103 Early Hints first", `HTTP/1.1 103 Early Hints\r\n\r\n${emptyAnswer("200 OK")}`],
    ["an unknown 2xx", emptyAnswer("299 Fine")],
  ])("%s", async (_name, bytes) => {
    const server = await serve((socket) => {
      socket.write(bytes);
      if (bytes.startsWith("HTTP/1.0")) socket.end();
    });
    const outcome = await call(server);
    expect(outcome.kind).toBe("answered");
    expect(outcome).toMatchObject({ statusCode: expect.any(Number), truncated: false });
  });

  test("100 Continue that nobody asked for is not among them: undici refuses it", async () => {
    const server = await serve(
      (socket) => void socket.write(`HTTP/1.1 100 Continue\r\n\r\n${emptyAnswer("200 OK")}`),
    );
    expect(await call(server)).toMatchObject({ errorCode: "bad_response" });
  });

  test("a reset after the head: the status stands and the end is noted", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc", () =>
        setImmediate(() => socket.resetAndDestroy()),
      );
    });
    expect(await call(server)).toMatchObject({
      statusCode: 200,
      truncated: true,
      bodyErrorCode: "connection_reset",
    });
  });
});

test("closing ends what is under way", async () => {
  const own = createOutbound({ allowTargets: ["127.0.0.1"] });
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const server = await serve(() => arrived());
  const pending = own.request({
    method: "GET",
    url: `http://127.0.0.1:${server.port}/`,
    headers: {},
    body: Buffer.alloc(0),
    timeoutMs: forever,
    maxResponseBytes: 0,
    allowPrivate: false,
  });
  await arrival;
  await own.close();
  expect(await pending).toMatchObject({ kind: "failed" });
  await own.close();
});
