import { Server, type ServerOptions, type Socket } from "socket.io";
import { Audience } from "./audience.ts";
import { Batcher, eventLoopUtilisation } from "./batcher.ts";
import { Distributor, type Outgoing } from "./distribute.ts";
import { defaultFanoutLimits, type FanoutLimits } from "./limits.ts";
import type { Fanout, FanoutOptions, FanoutStats } from "./options.ts";
import { isOriginAllowed } from "./origin-policy.ts";
import { Session } from "./session/session.ts";

/**
 * The documented live sockets: the only Socket.IO server, default path and namespace.
 *
 * Owns: connections, who reads what, the bytes on the wire. Must not know: how events are stored or
 * received, HTTP routes, what a provider's body means.
 *
 * I1 Each event reaches each of its readers once, in offset order, as the documented events it stands
 *    for; nobody else gets a byte of it.
 * I2 An event's data is written as JSON at most once, and stored JSON never again, however many
 *    connections read it.
 * I3 A connection costs a bounded amount of memory, whatever its client does or does not do.
 * I4 An idle process hands an event over in the same turn in which it heard of it.
 * Proven by `documented-contract.test.ts` (I1), `isolation.test.ts` (I1), `wire.test.ts` (I2),
 * `slow-reader.test.ts` and `malformed.test.ts` (I3), `batcher.test.ts` (I4).
 */
export function createFanout(options: FanoutOptions): Fanout {
  return new SocketFanout(options);
}

class SocketFanout implements Fanout {
  readonly #io: Server;
  readonly #limits: FanoutLimits;
  readonly #options: FanoutOptions;
  readonly #audience = new Audience();
  readonly #distributor: Distributor;
  readonly #batcher: Batcher<Outgoing>;
  readonly #sessions = new Set<Session>();
  readonly #unsubscribe: () => void;
  #closedTooSlow = 0;
  #closedFlooding = 0;
  #closing: Promise<void> | undefined;

  constructor(options: FanoutOptions) {
    this.#options = options;
    this.#limits = { ...defaultFanoutLimits, ...options.limits };
    const { cursorOf, logger, clock } = options;
    this.#distributor = new Distributor({
      audience: this.#audience,
      cursorOf,
      logger,
      ...(options.present ? { present: options.present } : {}),
    });
    this.#batcher = new Batcher({
      clock,
      utilisation: eventLoopUtilisation(),
      windowMs: this.#limits.windowMs,
      batchEvents: this.#limits.batchEvents,
      batchCharacters: this.#limits.batchCharacters,
      charactersOf: ({ packets }) => packets.characters,
      handOver: (batch) => this.#distributor.handOver(batch),
    });
    this.#io = new Server(this.#serverOptions());
    this.#io.on("connection", (socket) => this.#open(socket));
    this.#io.attach(options.httpServer);
    this.#unsubscribe = options.tail.subscribe((events) =>
      this.#batcher.add(this.#distributor.prepare(events)),
    );
  }

  stats(): FanoutStats {
    let queuedBytes = 0;
    for (const session of this.#sessions) queuedBytes += session.queuedBytes;
    return {
      connectedClients: this.#sessions.size,
      authenticatedClients: this.#audience.size,
      queuedBytes,
      sentMessages: this.#distributor.sentMessages,
      waitingEvents: this.#batcher.waitingEvents,
      windowMs: this.#batcher.windowMs,
      closedTooSlow: this.#closedTooSlow,
      closedFlooding: this.#closedFlooding,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#unsubscribe();
    this.#batcher.drain();
    // Not `io.close()`: it would close the HTTP server too, which is not ours, and end the sessions so
    // that stock clients stay away.
    await Promise.all([...this.#sessions].map((session) => session.close()));
    this.#io.engine.close();
  }

  #serverOptions(): Partial<ServerOptions> {
    const { allowedOrigins } = this.#options;
    return {
      // Compression costs more than it saves here, and frames that are built once cannot be compressed.
      perMessageDeflate: false,
      httpCompression: false,
      // The handshake is open to anybody: a client that then says nothing is not kept for long.
      connectTimeout: 5_000,
      maxHttpBufferSize: this.#limits.messageBytes,
      // A token travels in messages, never in a cookie, so a page's credentials decide nothing here.
      cors: {
        origin: allowedOrigins === "*" ? true : [...allowedOrigins],
        credentials: true,
      },
      allowRequest: (request, answer) => {
        if (this.#closing) answer("closing", false);
        else answer(null, isOriginAllowed(request, allowedOrigins));
      },
    };
  }

  #open(socket: Socket): void {
    const { access, directory, clock, logger } = this.#options;
    const session = new Session(socket, {
      access,
      directory,
      clock,
      logger,
      limits: this.#limits,
      audience: this.#audience,
      onClosedFor: (cause) => {
        if (cause === "too_slow") this.#closedTooSlow += 1;
        else this.#closedFlooding += 1;
      },
    });
    this.#sessions.add(session);
    socket.on("disconnect", () => this.#sessions.delete(session));
    if (this.#closing) void session.close();
  }
}
