import type { Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../../clock.ts";
import { wahaWants } from "../waha-webhook.ts";
import { readSocketQuery } from "./socket-query.ts";

/**
 * WAHA's `/ws`: every event as a text frame to whoever asked for it; nothing is kept or repeated.
 *
 * Owns: connections and their heartbeat. Must not know: sessions, webhooks, where frames come from.
 *
 * I1 The upgrade always succeeds; a bad key is closed with 1008 afterwards ("a bad key is closed after the
 *    upgrade").
 * I2 One timer pings all of them every 60 s; who has not answered by the next is dropped ("a client that
 *    does not answer a ping is dropped").
 */
export interface WahaSockets {
  /** Serves a process; returns what cuts its connections. */
  attach(http: Server): () => void;
  send(session: string, event: string, envelope: Uint8Array): void;
  /** Clients whose key was taken. */
  readonly clients: number;
}

export interface WahaSocketOptions {
  readonly clock: Clock;
  /** The single-session edition sends everything whatever session was asked for (recorded). */
  readonly singleSession: boolean;
  /** What a key is worth. */
  readonly judge: (key: string) => "welcome" | "Unauthorized" | "Forbidden";
}

const heartbeatMs = 60_000;
/** Connections at once, so that a client in a loop is noticed; the real one has no bound of its own. */
const mostClients = 1_000;

interface Client {
  readonly socket: WebSocket;
  readonly session: string;
  readonly events: readonly string[];
  answered: boolean;
}

export function createWahaSockets(options: WahaSocketOptions): WahaSockets {
  const { clock, singleSession, judge } = options;
  const clients = new Set<Client>();

  function welcome(socket: WebSocket, query: URLSearchParams): void {
    const { key, session, events } = readSocketQuery(query);
    const verdict = judge(key);
    // What a client sends is ignored; its mistakes end its connection and nothing else.
    socket.on("error", () => socket.terminate());
    if (verdict !== "welcome") return socket.close(1008, verdict);
    if (clients.size >= mostClients) return socket.close(1013, "Too many connections");
    const client: Client = { socket, session, events, answered: true };
    clients.add(client);
    socket.on("pong", () => {
      client.answered = true;
    });
    socket.on("close", () => clients.delete(client));
  }

  function beat(): void {
    for (const client of clients) {
      if (!client.answered) {
        client.socket.terminate();
        continue;
      }
      client.answered = false;
      client.socket.ping();
    }
  }

  return {
    get clients() {
      return clients.size;
    },
    attach(http) {
      const server = new WebSocketServer({ noServer: true });
      http.on("upgrade", (request, socket, head) => {
        // A path such as `//` is no URL.
        const url = URL.parse(request.url ?? "/", "http://fake");
        if (url?.pathname !== "/ws") return void socket.destroy();
        server.handleUpgrade(request, socket, head, (open) => welcome(open, url.searchParams));
      });
      let cancel = clock.after(heartbeatMs, function again() {
        beat();
        cancel = clock.after(heartbeatMs, again);
      });
      return () => {
        cancel();
        for (const open of server.clients) open.terminate();
        server.close();
      };
    },
    send(session, event, envelope) {
      for (const client of clients) {
        const other = !singleSession && client.session !== "*" && client.session !== session;
        if (other || !wahaWants({ url: "", events: client.events }, event)) continue;
        client.socket.send(envelope, { binary: false });
      }
    },
  };
}
