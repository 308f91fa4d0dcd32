import { once } from "node:events";
import { request as httpRequest, type Agent } from "node:http";
import { createServer as createTlsServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createOutbound, failureCodeOf, type OutboundOptions, type Vetting } from "./index.ts";
import { serverKey, testAuthority, validCertificate } from "./testing/certificates.ts";
import { emptyAnswer, startRawServer } from "./testing/raw-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A server that counts the bytes it was sent. */
async function serve(): Promise<{ readonly port: number; readonly received: () => number }> {
  let bytes = 0;
  const server = await startRawServer((socket) => {
    socket.on("data", (chunk) => (bytes += chunk.length));
    socket.write(emptyAnswer("200 OK"));
  });
  closing.push(server.close);
  return { port: server.port, received: () => bytes };
}

function vet(url: string, allowPrivate: boolean, options: OutboundOptions = {}): Promise<Vetting> {
  const outbound = createOutbound(options);
  closing.push(outbound.close);
  return outbound.vet(url, { allowPrivate });
}

const to =
  (...addresses: readonly string[]) =>
  (): Promise<readonly string[]> =>
    Promise.resolve(addresses);

async function agentFor(url: string, options: OutboundOptions = {}): Promise<Agent> {
  const vetting = await vet(url, true, options);
  if (!vetting.ok) throw new Error(vetting.message);
  return vetting.agent;
}

/** The status, or the code of what went wrong. */
async function outcomeOf(url: string, agent: Agent): Promise<number | string> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const sent = send(url, { agent, headers: { "x-key": "secret" } });
  sent.end();
  try {
    const [answer] = (await once(sent, "response")) as [{ statusCode: number; resume(): void }];
    answer.resume();
    return answer.statusCode;
  } catch (error) {
    return failureCodeOf(error);
  }
}

describe("an address is judged before a library may connect to it", () => {
  test.each<[string, string, boolean, readonly string[], string]>([
    ["a private literal", "http://10.0.0.1/ws", false, [], "blocked_address"],
    [
      "a name behind a private address",
      "http://waha.example/",
      false,
      ["10.0.0.1"],
      "blocked_address",
    ],
    [
      "one bad address of two",
      "http://waha.example/",
      false,
      ["1.1.1.1", "::1"],
      "blocked_address",
    ],
    [
      "the metadata server, though private is open",
      "http://169.254.169.254/",
      true,
      [],
      "blocked_address",
    ],
    ["a name behind it", "http://waha.example/", true, ["169.254.169.254"], "blocked_address"],
    ["no URL", "waha", true, [], "url_invalid"],
    ["another protocol", "ws://waha.example/", true, ["1.1.1.1"], "url_invalid"],
    ["a name without an address", "http://waha.example/", true, [], "dns_error"],
  ])("%s", async (_name, url, allowPrivate, addresses, errorCode) => {
    expect(await vet(url, allowPrivate, { resolve: to(...addresses) })).toMatchObject({
      ok: false,
      errorCode,
    });
  });
});

describe("an agent connects where it was vetted for", () => {
  test("a name leads to its vetted address, without another lookup", async () => {
    const { port } = await serve();
    let lookups = 0;
    const resolve = (): Promise<readonly string[]> => {
      lookups += 1;
      // A name that moves after it was judged.
      return Promise.resolve(lookups === 1 ? ["127.0.0.1"] : ["127.0.0.2"]);
    };
    const url = `http://waha.example:${port}/`;
    const agent = await agentFor(url, { resolve });
    expect(await outcomeOf(url, agent)).toBe(200);
    expect(await outcomeOf(url, agent)).toBe(200);
    expect(lookups).toBe(1);
  });

  test("another name leads to the vetted address all the same", async () => {
    const { port } = await serve();
    const agent = await agentFor(`http://waha.example:${port}/`, { resolve: to("127.0.0.1") });
    expect(await outcomeOf(`http://localhost:${port}/`, agent)).toBe(200);
  });

  test("an address that was not vetted is left before anything is sent", async () => {
    const { port, received } = await serve();
    const agent = await agentFor(`http://waha.example:${port}/`, { resolve: to("127.0.0.2") });
    expect(await outcomeOf(`http://127.0.0.1:${port}/`, agent)).toBe("blocked_address");
    expect(received()).toBe(0);
  });

  test("an address that does not answer gives way to the next", async () => {
    const { port } = await serve();
    const url = `http://waha.example:${port}/`;
    const agent = await agentFor(url, { resolve: to("::1", "127.0.0.3", "127.0.0.1") });
    expect(await outcomeOf(url, agent)).toBe(200);
  });

  test("TLS is verified for the name, not for the address", async () => {
    const server = createTlsServer(
      { key: serverKey, cert: validCertificate },
      (_request, response) => response.end(),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => new Promise((closed) => server.close(() => closed())));
    const { port } = server.address() as AddressInfo;
    const options = { resolve: to("127.0.0.1"), trustedCertificates: [testAuthority] };
    const url = `https://hooks.example:${port}/`;
    expect(await outcomeOf(url, await agentFor(url, options))).toBe(200);
    const other = `https://waha.example:${port}/`;
    expect(await outcomeOf(other, await agentFor(other, options))).toBe("tls_wrong_name");
    const untrusted = await agentFor(url, { resolve: to("127.0.0.1") });
    expect(await outcomeOf(url, untrusted)).toMatch(/^tls_/);
  });
});
