import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";

/** What a name has: IPv4 addresses, IPv6 addresses as 32 hex digits, or a failure. */
export interface DnsZone {
  readonly [name: string]:
    | { readonly a?: readonly string[]; readonly aaaa?: readonly string[] }
    | "SERVFAIL"
    | "silent";
}

export interface DnsServer {
  /** `address:port`. */
  readonly address: string;
  close(): Promise<void>;
}

const typeA = 1;
const typeAaaa = 28;
const noError = 0;
const serverFailure = 2;
const noSuchName = 3;

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where the question ends. */
  readonly end: number;
}

function questionOf(query: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("ascii", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function record(type: number, address: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc0_0c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(address.length, 10);
  return Buffer.concat([head, address]);
}

function answerTo(query: Buffer, zone: DnsZone): Buffer | undefined {
  const { name, type, end } = questionOf(query);
  const entry = zone[name];
  if (entry === "silent") return undefined;
  const known = typeof entry === "object" ? entry : {};
  const records = [
    ...(type === typeA ? (known.a ?? []) : []).map((text) =>
      record(typeA, Buffer.from(text.split(".").map(Number))),
    ),
    ...(type === typeAaaa ? (known.aaaa ?? []) : []).map((hex) =>
      record(typeAaaa, Buffer.from(hex, "hex")),
    ),
  ];
  const code = entry === undefined ? noSuchName : entry === "SERVFAIL" ? serverFailure : noError;
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x81_80 | code, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

/** A DNS server on the loopback address that knows the names of one zone. */
export async function startDnsServer(zone: DnsZone): Promise<DnsServer> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    const reply = answerTo(query, zone);
    if (reply) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((bound) => socket.bind(0, "127.0.0.1", bound));
  const { port } = socket.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: () => new Promise((closed) => socket.close(() => closed())),
  };
}
