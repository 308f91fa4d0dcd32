import type { IncomingMessage, Server as HttpServer } from "node:http";
import { Server } from "socket.io";
import { configName } from "../evolution-event-names.ts";
import type { EvolutionEvent, EvolutionSource } from "../evolution-webhook.ts";
import type { WebsocketRow } from "../state/websocket-set.ts";

/**
 * Evolution's Socket.IO server: `/` with every event of every instance, and one namespace per instance
 * with the events of `/websocket/set`.
 *
 * Owns: namespaces and connections of one process. Must not know: instances, webhooks.
 *
 * I1 A namespace exists only after the first event of its instance in this process ("a namespace begins
 *    with its first event, and is gone after a restart").
 * I2 Any valid key opens any namespace, as on the real server ("a key comes in the query or a header, and opens every namespace").
 */
export interface EvolutionSockets {
  /** Shares the port of a process; returns what ends it. */
  attach(http: HttpServer): () => Promise<void>;
  emit(
    source: EvolutionSource,
    row: WebsocketRow | undefined,
    event: EvolutionEvent,
    server: { readonly serverUrl: string; readonly dateTime: string },
  ): void;
}

export interface EvolutionSocketOptions {
  /** `WEBSOCKET_GLOBAL_EVENTS`. Default true. */
  readonly global?: boolean;
  /**
   * `WEBSOCKET_ALLOWED_HOSTS`: addresses that need no key, separated by commas; `*` is everybody. The
   * real default is loopback; here it is nobody, since a client on another machine is what is meant.
   */
  readonly allowedHosts?: string;
}

/** What is wrong with a handshake; undefined: nothing. */
function refusal(
  request: IncomingMessage,
  allowedHosts: string,
  isKey: (key: string) => boolean,
): string | undefined {
  const hosts = allowedHosts.split(",").map((host) => host.trim());
  if (hosts.includes("*") || hosts.includes(request.socket.remoteAddress ?? "")) return undefined;
  const { searchParams } = new URL(request.url ?? "/", "http://fake");
  const header = request.headers["apikey"];
  const key = searchParams.get("apikey") ?? (typeof header === "string" ? header : "");
  if (key === "") return "apiKey is required";
  return isKey(key) ? undefined : "Invalid global token";
}

export function createEvolutionSockets(
  isKey: (key: string) => boolean,
  { global = true, allowedHosts = "" }: EvolutionSocketOptions,
): EvolutionSockets {
  let io: Server | undefined;

  return {
    attach(http) {
      const server = new Server(http, {
        serveClient: false,
        cors: { origin: "*" },
        allowRequest(request, decide) {
          const wrong = refusal(request, allowedHosts, isKey);
          decide(wrong, wrong === undefined);
        },
      });
      io = server;
      return async () => {
        if (io === server) io = undefined;
        await server.close();
      };
    },
    emit(source, row, { event, data, lead }, { serverUrl, dateTime }) {
      const message = {
        ...lead,
        event,
        instance: source.name,
        data,
        server_url: serverUrl,
        date_time: dateTime,
        ...(source.owner === undefined ? {} : { sender: source.owner }),
        apikey: source.token,
      };
      if (global) io?.emit(event, message);
      if (row?.enabled && row.events.includes(configName(event)))
        io?.of(`/${source.name}`).emit(event, message);
    },
  };
}
