import { Decoder, Encoder } from "socket.io-parser";

/**
 * Evolution sends every byte field of a message as an attachment of its own, and a `messages.set` holds
 * hundreds of messages; the library's own limit of 10 ends the connection at the first such event. What is
 * in memory at once stays bounded by the largest frame.
 */
const mostAttachments = 100_000;

class WideDecoder extends Decoder {
  constructor() {
    super({ maxAttachments: mostAttachments });
  }
}

export const wideParser = { Encoder, Decoder: WideDecoder } as const;
