import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** A server that answers with bytes of the test's choosing, on the loopback address. */
export interface RawServer {
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
  /** Everything received, one text for each connection. */
  received(): readonly string[];
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Called for each connection as soon as a whole request head has arrived. */
export type RawAnswer = (socket: Socket) => void;

export interface RawServerOptions {
  readonly certificate?: { readonly key: string; readonly cert: string };
}

/** Listens on a free port of 127.0.0.1. */
export async function startRawServer(
  answer: RawAnswer,
  options: RawServerOptions = {},
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  let connections = 0;

  function accept(socket: Socket): void {
    const index = received.push("") - 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const before = received[index] ?? "";
      received[index] = before + chunk.toString("latin1");
      if (!before.includes("\r\n\r\n") && received[index].includes("\r\n\r\n")) answer(socket);
    });
  }

  const server: Server = options.certificate
    ? createTlsServer(options.certificate, accept)
    : createServer(accept);
  server.on("connection", () => (connections += 1));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => connections,
    received: () => received,
    close: () =>
      new Promise((closed) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
      }),
  };
}

/** A complete answer without a body. */
export function emptyAnswer(status: string, ...headers: readonly string[]): string {
  return [`HTTP/1.1 ${status}`, ...headers, "content-length: 0", "", ""].join("\r\n");
}
