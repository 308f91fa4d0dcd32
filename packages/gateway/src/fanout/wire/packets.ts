import { webSocketFrames } from "./frame.ts";

/** What Engine.IO takes for packets that are already WebSocket frames. */
export interface FrameOptions {
  compress: boolean;
  readonly wsPreEncodedFrame: readonly [Buffer];
}

/**
 * Packets in their order, for one or more connections: turned into WebSocket frames at most once,
 * however many connections take them, and not at all while only long-polling ones do.
 */
export class Packets {
  readonly texts: readonly string[];
  readonly #encode: () => Buffer;
  #options: FrameOptions | undefined;

  constructor(texts: readonly string[], encode = (): Buffer => webSocketFrames(texts)) {
    this.texts = texts;
    this.#encode = encode;
  }

  /** Several in a row, as one piece of the wire. */
  static joined(parts: readonly Packets[]): Packets {
    const [first] = parts;
    if (first !== undefined && parts.length === 1) return first;
    return new Packets(
      parts.flatMap((part) => part.texts),
      () => Buffer.concat(parts.map((part) => part.frames)),
    );
  }

  get characters(): number {
    return this.texts.reduce((sum, text) => sum + text.length, 0);
  }

  get frames(): Buffer {
    return this.frameOptions.wsPreEncodedFrame[0];
  }

  /** One object for every connection. */
  get frameOptions(): FrameOptions {
    this.#options ??= { compress: false, wsPreEncodedFrame: [this.#encode()] };
    return this.#options;
  }
}
