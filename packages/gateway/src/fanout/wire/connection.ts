import type { Socket } from "socket.io";
import type { Clock } from "../../base/clock.ts";
import type { Packets } from "./packets.ts";

type EngineConnection = Socket["conn"];

/**
 * One client's Engine.IO connection: writes packets, knows how much of them is unread, closes.
 *
 * Everything that leans on the insides of Engine.IO and ws is in this file; read in engine.io 6.6 and
 * ws 8.21, and guarded by `wire.test.ts`, which fails when an update changes one of these facts:
 * - a packet with `options.wsPreEncodedFrame` goes to the network as it is, without `data`, when the
 *   transport is a WebSocket and compression is off; Socket.IO's own broadcasts use the same door;
 * - once a connection's transport is a WebSocket it stays one (an upgrade goes one way only, and its
 *   waiting packets are sent by the new transport in front of later ones);
 * - `flush` is emitted when everything in `writeBuffer` goes to the transport, which happens only when
 *   the transport has got rid of what it had before: so unread bytes are at most what the last flush
 *   took plus what came since.
 */
export class Connection {
  readonly #engine: EngineConnection;
  #buffered = 0;
  #inFlight = 0;
  readonly #onFlush = (): void => {
    this.#inFlight = this.#buffered;
    this.#buffered = 0;
  };

  constructor(engine: EngineConnection) {
    this.#engine = engine;
    engine.on("flush", this.#onFlush);
  }

  /** Bytes that were handed over and may still be unread by the network. */
  get queuedBytes(): number {
    const { transport } = this.#engine;
    if (transport.writable && writeBuffer(this.#engine).length === 0) {
      this.#buffered = 0;
      this.#inFlight = 0;
    }
    return this.#buffered + this.#inFlight;
  }

  /** Hands packets over in their order. Does nothing once the connection is closing. */
  send(packets: Packets): void {
    if (this.#engine.readyState !== "open") return;
    if (takesFrames(this.#engine)) {
      this.#buffered += packets.frames.length;
      this.#engine.write("", packets.frameOptions);
      return;
    }
    for (const text of packets.texts) {
      this.#buffered += text.length;
      this.#engine.write(text, { compress: false });
    }
  }

  /** Forgets what was handed over and has not reached the transport. Only before closing. */
  dropQueued(): void {
    writeBuffer(this.#engine).length = 0;
    this.#buffered = 0;
  }

  /**
   * Closes the transport, not the Socket.IO session: a stock client then connects again by itself. One
   * that has not read what is left within `graceMs` is cut off. Resolves when the connection is gone.
   */
  close(clock: Clock, graceMs: number): Promise<void> {
    const engine = this.#engine;
    // Engine.IO calls a WebSocket closed as soon as its close frame is queued, while a reader that does
    // not read would hold what is queued in front of it: the cut comes in any case.
    clock.after(graceMs, () => this.#cut());
    if (engine.readyState === "closed") return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    engine.once("close", () => resolve());
    engine.close();
    return promise;
  }

  #cut(): void {
    const socket = webSocket(this.#engine);
    if (typeof socket?.terminate === "function") socket.terminate();
    else this.#engine.close(true);
  }

  release(): void {
    this.#engine.off("flush", this.#onFlush);
  }
}

interface RawWebSocket {
  readonly _sender?: { readonly sendFrame?: unknown };
  terminate?(): void;
}

function webSocket(engine: EngineConnection): RawWebSocket | undefined {
  if (engine.transport.name !== "websocket") return undefined;
  return (engine.transport as unknown as { readonly socket?: RawWebSocket }).socket;
}

function takesFrames(engine: EngineConnection): boolean {
  const { perMessageDeflate } = engine.transport as { readonly perMessageDeflate?: unknown };
  return !perMessageDeflate && typeof webSocket(engine)?.["_sender"]?.sendFrame === "function";
}

function writeBuffer(engine: EngineConnection): unknown[] {
  return (engine as unknown as { readonly writeBuffer: unknown[] }).writeBuffer;
}
