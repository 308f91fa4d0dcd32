import { io, type ManagerOptions, type SocketOptions } from "socket.io-client";
import { onTestFinished } from "vitest";

/** A client of Evolution's sockets, as a test watches it. */
export interface WatchedSocket {
  /** How connecting went: undefined when it worked. */
  readonly refused: string | undefined;
  /** Events as they came, `[name, payload]`. */
  readonly events: readonly (readonly [name: string, payload: unknown])[];
  /** Event packets in the text of the wire. */
  readonly packets: readonly string[];
  /** Resolves when so many events came in all. */
  waitFor(count: number): Promise<void>;
  /** Resolves when the server ended the connection. */
  readonly gone: Promise<void>;
}

/** Connects once to a namespace, without trying again. */
export async function watchSocket(
  url: string,
  namespace: string,
  options: Partial<ManagerOptions & SocketOptions> = {},
): Promise<WatchedSocket> {
  const socket = io(url + namespace, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    ...options,
  });
  onTestFinished(() => void socket.disconnect());
  const events: [string, unknown][] = [];
  const packets: string[] = [];
  let arrived = (): void => undefined;
  socket.onAny((name: string, payload: unknown) => {
    events.push([name, payload]);
    arrived();
  });
  const gone = new Promise<void>((resolve) => void socket.on("disconnect", () => resolve()));
  const refused = await new Promise<string | undefined>((resolve) => {
    socket.io.on("open", () => {
      socket.io.engine.on("packet", ({ data }: { data?: unknown }) => {
        if (typeof data === "string" && /^[25]/.test(data)) packets.push(data);
      });
    });
    socket.on("connect", () => resolve(undefined));
    socket.on("connect_error", (error) => {
      // A refused poll is described by its status alone.
      const { description } = error as { description?: { message?: string } | number };
      const isStatus = typeof description === "number";
      resolve(isStatus ? String(description) : (description?.message ?? error.message));
    });
  });
  return {
    refused,
    events,
    packets,
    gone,
    async waitFor(count) {
      while (events.length < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}
