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

/** From this size on, putting a body together at its end would hold up the loop. */
const largeBytes = 262_144;

/**
 * Room for a large body whose size is announced, so that each part is put in its place when it comes. Memory
 * that nothing was written to is none yet: who announces much and sends nothing takes nothing.
 */
function roomFor(announcedBytes: number, limit: number): Buffer | undefined {
  return announcedBytes > largeBytes && announcedBytes <= limit
    ? Buffer.allocUnsafeSlow(announcedBytes)
    : undefined;
}

/**
 * Reads a whole body. Rejects with `body_too_large` above `limit` bytes and with `store_unavailable`
 * when `room` is used up, once the sender has finished (or sent {@link drainedBytes} more); with
 * `request_timeout` when the body breaks off. `announcedBytes`: its size, when the sender said it.
 */
export function readBody(
  stream: IncomingMessage,
  limit: number,
  room: BodyRoom,
  announcedBytes = 0,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  let chunks: Buffer[] = [];
  let whole = roomFor(announcedBytes, limit);
  let size = 0;
  let held = 0;
  let isKept = true;
  let settled = false;
  const drop = (): void => {
    chunks = [];
    whole = undefined;
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
      if (whole) chunk.copy(whole, size - chunk.length);
      else chunks.push(chunk);
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
    if (whole) resolve(whole.subarray(0, size));
    else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
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
      // HTTP's parser ends a body where it was announced to end: it is never longer.
      return await readBody(stream, limit, room, Number(stream.headers["content-length"]));
    } catch (error) {
      if (error instanceof RecadoError) ingest.countRefusal(error.code);
      throw error;
    }
  });
}
