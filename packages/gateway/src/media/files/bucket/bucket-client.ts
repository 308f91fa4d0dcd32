import type { Readable } from "node:stream";
import type * as Library from "@aws-sdk/client-s3";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import { bucketRefusal } from "./bucket-refusal.ts";
import type { BucketPlace } from "./bucket-place.ts";

export interface BucketClientOptions {
  readonly place: BucketPlace;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Tools {
  readonly library: typeof Library;
  readonly client: Library.S3Client;
}

/** More than files that are served at once: whoever reads slowly must not keep a webhook's file waiting. */
const mostConnections = 1_000;
const connectMs = 5_000;

/**
 * The only way to the bucket. The library is loaded with the first use, for it is not small. Every call has a
 * time limit, and fails with `store_unavailable` in plain words; the log says when the store begins to refuse
 * and when it takes again, not each time.
 */
export class BucketClient {
  readonly #options: BucketClientOptions;
  readonly #closing = new AbortController();
  #tools: Promise<Tools> | undefined;
  #refusal = "";

  constructor(options: BucketClientOptions) {
    this.#options = options;
  }

  /** Ends what is under way. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    // Never loaded, or not to be loaded: there is nothing to let go of.
    const tools = await this.#tools?.catch(() => undefined);
    tools?.client.destroy();
  }

  /** `call` within `limitMs`. What it throws reaches the caller as a refusal, or as what `expected` makes of it. */
  async call<T>(
    limitMs: number,
    call: (tools: Tools, signal: AbortSignal) => Promise<T>,
    expected: (error: unknown) => T | undefined = () => undefined,
  ): Promise<T> {
    const late = new AbortController();
    const cancel = this.#options.clock.after(limitMs, () => late.abort());
    try {
      const tools = await (this.#tools ??= this.#load());
      const result = await call(tools, AbortSignal.any([late.signal, this.#closing.signal]));
      this.#tell("");
      return result;
    } catch (error) {
      const known = expected(error);
      if (known !== undefined) {
        this.#tell("");
        return known;
      }
      if (this.#closing.signal.aborted)
        throw new RecadoError("store_unavailable", ["the server is stopping"]);
      const refusal = bucketRefusal(error);
      this.#tell(refusal.details.join("; "));
      throw refusal;
    } finally {
      cancel();
    }
  }

  #tell(refusal: string): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    const { logger, place } = this.#options;
    const { bucket, endpoint } = place;
    if (refusal === "") logger.info({ bucket, endpoint }, "the store of files takes files again");
    else logger.error({ bucket, endpoint, reason: refusal }, "the store of files cannot be used");
  }

  async #load(): Promise<Tools> {
    const { place } = this.#options;
    const library = await import("@aws-sdk/client-s3");
    const client = new library.S3Client({
      region: place.region,
      ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
      forcePathStyle: place.pathStyle,
      credentials: { accessKeyId: place.accessKeyId, secretAccessKey: place.secretAccessKey },
      // Stores beside Amazon's know neither the checksums of later years nor a trailer behind the body.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      expectContinueHeader: false,
      maxAttempts: 2,
      // Else it writes to the console, where nobody looks for it; what fails is told by `call`.
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      requestHandler: {
        connectionTimeout: connectMs,
        httpAgent: { keepAlive: true, maxSockets: mostConnections },
        httpsAgent: { keepAlive: true, maxSockets: mostConnections },
      },
    });
    return { library, client };
  }
}

function ignore(): void {}

/** The body of an answer; the library's type leaves open which runtime it is. */
export function readableOf(body: unknown): Readable {
  return body as Readable;
}
