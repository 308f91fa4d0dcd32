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
 * Unfinished bodies in memory at once, in bytes, whoever sends them. Room for many senders at once, and
 * an end for somebody who opens hundreds of connections and lets each body stop one byte short.
 */
const unfinishedBytes = 256 * 1_048_576;

/** Memory that the bodies of one door share while they arrive. */
export class BodyRoom {
  readonly #limit: number;
  #used = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** False when there is no room for `bytes` more. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}

function refusalOf(size: number, limit: number): RecadoError {
  return size > limit
    ? new RecadoError("body_too_large", [`the limit is ${limit} bytes`])
    : new RecadoError("store_unavailable", ["too many webhooks are arriving at once"]);
}

/** A sender that goes away in the middle of its body is no failure of ours. */
function brokenOff(): RecadoError {
  return new RecadoError("request_timeout", ["the connection ended before the body"]);
}

/**
 * Reads a whole body. Rejects with `body_too_large` above `limit` bytes and with `store_unavailable`
 * when `room` is used up, once the sender has finished (or sent {@link drainedBytes} more); with
 * `request_timeout` when the body breaks off.
 */
export function readBody(stream: IncomingMessage, limit: number, room: BodyRoom): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let size = 0;
  let held = 0;
  let isKept = true;
  let settled = false;
  const drop = (): void => {
    chunks = [];
    room.giveBack(held);
    held = 0;
  };
  // Errors are made only where they are needed: one costs more than reading a usual body.
  const fail = (error: RecadoError): void => {
    settled = true;
    drop();
    reject(error);
  };
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (isKept && size <= limit && room.take(chunk.length)) {
      held += chunk.length;
      chunks.push(chunk);
      return;
    }
    if (isKept) drop();
    isKept = false;
    if (size <= limit + drainedBytes || settled) return;
    stream.pause();
    fail(refusalOf(size, limit));
  });
  stream.on("end", () => {
    if (settled) return;
    if (!isKept) return fail(refusalOf(size, limit));
    settled = true;
    resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    drop();
  });
  const breakOff = (): void => {
    if (!settled) fail(brokenOff());
  };
  stream.on("error", breakOff);
  stream.on("close", breakOff);
  return promise;
}

/**
 * Makes a Fastify scope take bodies of every content type as bytes: a signature covers bytes, and the
 * reason why a body is refused is ours to tell. Counts bodies that are refused here.
 */
export function takeRawBodies(app: FastifyInstance, ingest: Ingest, limit: number): void {
  // At least a few of the largest: one sender must not fill the room.
  const room = new BodyRoom(Math.max(unfinishedBytes, 4 * limit));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (_request: unknown, stream: IncomingMessage) => {
    try {
      return await readBody(stream, limit, room);
    } catch (error) {
      if (error instanceof RecadoError) ingest.countRefusal(error.code);
      throw error;
    }
  });
}
