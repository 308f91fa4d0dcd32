import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Access } from "../access/principal.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { EventTail } from "../log/live.ts";
import type { Directory } from "../store/contract/index.ts";
import type { FanoutLimits } from "./limits.ts";

export interface FanoutOptions {
  /** Where the sockets are served (`/socket.io/`); whoever made it closes it, after {@link Fanout.close}. */
  readonly httpServer: HttpServer | HttpsServer;
  readonly access: Pick<Access, "authenticate">;
  readonly directory: Pick<Directory, "tenant" | "instance" | "instanceByName">;
  readonly tail: EventTail;
  /** The cursor that stands behind the event at `offset`. Called once per event that has a reader. */
  readonly cursorOf: (tenantId: string, offset: number) => string;
  /** A message on its way out: what stands in stored texts for a file becomes a link. Default: as it is. */
  readonly present?: (tenantId: string, text: string) => string;
  /** Origins whose pages may connect, as `https://host[:port]`; a page of our own origin always may. */
  readonly allowedOrigins: "*" | readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<FanoutLimits>;
}

export interface FanoutStats {
  readonly connectedClients: number;
  /** Connected and authenticated. */
  readonly authenticatedClients: number;
  /** Bytes handed over and not yet taken by the network, all connections together. */
  readonly queuedBytes: number;
  /** Socket messages handed over since the start, counted per connection. */
  readonly sentMessages: number;
  /** Events collected and not yet handed over. */
  readonly waitingEvents: number;
  /** Milliseconds for which events are being collected now; 0 unless the process is busy. */
  readonly windowMs: number;
  /** Connections closed since the start because they read too slowly. */
  readonly closedTooSlow: number;
  /** Connections closed since the start because they sent too much. */
  readonly closedFlooding: number;
}

export interface Fanout {
  stats(): FanoutStats;
  /**
   * Hands over what is waiting, closes every connection so that stock clients reconnect by themselves,
   * and lets go of the HTTP server without closing it. Idempotent.
   */
  close(): Promise<void>;
}
