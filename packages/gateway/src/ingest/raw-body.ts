import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../base/recado-error.ts";
import type { Ingest } from "./ingest.ts";

/**
 * How much of a body over the limit is still read and thrown away. A sender that is cut off in the
 * middle of its body sees a broken connection and not the 413, and sends the same body again.
 */
const drainedBytes = 128 * 1_048_576;

/**
 * Reads a whole body. Rejects with `body_too_large` above `limit` bytes, once the sender has finished
 * (or sent {@link drainedBytes} more); with the stream's error when it breaks off.
 */
export function readBody(stream: IncomingMessage, limit: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let size = 0;
  let settled = false;
  // Errors are made only where they are needed: one costs more than reading a usual body.
  const fail = (error: Error): void => {
    settled = true;
    reject(error);
  };
  const tooLarge = (): RecadoError =>
    new RecadoError("body_too_large", [`the limit is ${limit} bytes`]);
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks = [];
    if (size <= limit + drainedBytes || settled) return;
    stream.pause();
    fail(tooLarge());
  });
  stream.on("end", () => {
    if (settled) return;
    if (size > limit) fail(tooLarge());
    else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    settled = true;
  });
  stream.on("error", fail);
  stream.on("close", () => {
    if (!settled)
      fail(new RecadoError("request_timeout", ["the connection ended before the body"]));
  });
  return promise;
}

/**
 * Makes a Fastify scope take bodies of every content type as bytes: a signature covers bytes, and the
 * reason why a body is refused is ours to tell. Counts bodies that are refused for their size.
 */
export function takeRawBodies(app: FastifyInstance, ingest: Ingest, limit: number): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (_request: unknown, stream: IncomingMessage) => {
    try {
      return await readBody(stream, limit);
    } catch (error) {
      if (error instanceof RecadoError) ingest.countRefusal(error.code);
      throw error;
    }
  });
}
