import { io, type Socket } from "socket.io-client";
import type { Deliveries } from "./deliveries.ts";
import { numberInPacket } from "./webhook-body.ts";

/** Where a generator sends a tenant's webhooks, and what its sockets say to get its events. */
export interface Target {
  /** Of the webhook's address. */
  readonly path: string;
  readonly instance: string;
  readonly tenantId: string;
  readonly token: string;
}

/**
 * Opens the stock clients of every tenant. Only the parsing of events is left out: JSON.parse of every
 * packet in 200 clients would make the generator the bottleneck, for every server alike.
 */
export async function openReaders(
  url: string,
  targets: readonly Target[],
  perTenant: number,
  deliveries: Deliveries,
): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  for (const [tenant, target] of targets.entries()) {
    const opening = Array.from({ length: perTenant }, (_, reader) => {
      const socket = io(url, { transports: ["websocket"], forceNew: true, reconnection: false });
      socket.on("disconnect", (reason) => {
        throw new Error(`a reader was disconnected: ${reason}`);
      });
      onlyIds(socket, (number) => deliveries.seen(number, tenant, reader));
      sockets.push(socket);
      return authenticated(socket, target);
    });
    await Promise.all(opening);
  }
  return sockets;
}

export function closeReaders(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.off("disconnect").disconnect();
}

function authenticated(socket: Socket, { token, tenantId }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("authenticated", () => resolve());
    socket.once("error", (body: unknown) => reject(new Error(JSON.stringify(body))));
    socket.once("connect_error", reject);
    socket.emit("authenticate", { token, tenantId });
  });
}

const eventPacket = '2["whatsapp:message_received",';

function onlyIds(socket: Socket, seen: (number: number) => void): void {
  const { decoder } = socket.io as unknown as {
    readonly decoder: { add: (data: unknown) => void };
  };
  const decode = decoder.add.bind(decoder);
  decoder.add = (data) => {
    if (typeof data === "string" && data.startsWith(eventPacket)) seen(numberInPacket(data));
    else decode(data);
  };
}
