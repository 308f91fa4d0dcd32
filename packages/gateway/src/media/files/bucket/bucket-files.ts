import { createReadStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import type { Readable } from "node:stream";
import type { Clock } from "../../../base/clock.ts";
import type { Logger } from "../../../base/logger.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import { FileHolds } from "../file-holds.ts";
import { emptyIncoming } from "../incoming-folder.ts";
import {
  isTenantPart,
  placeOf,
  type Expired,
  type MediaFiles,
  type OpenFile,
} from "../media-files.ts";
import { BucketClient, readableOf } from "./bucket-client.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { isMissing, isPassing } from "./bucket-refusal.ts";

export interface BucketFilesOptions {
  readonly place: BucketPlace;
  /** What every name in the bucket begins with, a slash at its end. */
  readonly prefix: string;
  /** On the local disk, for files on their way. */
  readonly incoming: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface FileHead {
  readonly size: number;
  /** Unix ms. */
  readonly heldAt: number;
}

interface Listed {
  readonly sha256: string;
  readonly bytes: number;
  readonly changedAt: number;
}

const shortMs = 15_000;
/** A store that takes less than this in a millisecond is as good as none. */
const slowestBytesPerMs = 250;
/** The time of the last body that held a file, by our clock: the store's own may be another. */
const timeName = "recado-time";
const gone = Symbol("gone");

/** A file's name in the bucket ends with its place: `<tenant part>/<two digits>/<sha256>`. */
const fileForm = /\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/;

class Bucket implements MediaFiles {
  readonly kind = "bucket";
  readonly incoming: string;
  readonly #options: BucketFilesOptions;
  readonly #client: BucketClient;
  readonly #holds = new FileHolds();
  /** Removals under way, by name: a file that comes again meanwhile is written after them. */
  readonly #going = new Map<string, Promise<boolean>>();

  constructor(options: BucketFilesOptions) {
    this.#options = options;
    this.incoming = options.incoming;
    this.#client = new BucketClient(options);
  }

  async open(): Promise<void> {
    await emptyIncoming(this.incoming);
    const { logger, prefix, place } = this.#options;
    // Not awaited: events without files need no bucket. What is wrong with it is in the log by then.
    this.#page(prefix, undefined, 1).then(
      () => logger.info({ bucket: place.bucket, prefix }, "files of messages go to a bucket"),
      (error: unknown) => logger.debug({ err: error }, "the bucket was tried in vain"),
    );
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async put(tenantPart: string, sha256: string, path: string): Promise<void> {
    const name = this.#name(tenantPart, sha256);
    const release = this.hold(tenantPart, [sha256]);
    try {
      // A removal that fails is told where it was asked for.
      await this.#going.get(name)?.catch(() => false);
      const { size } = await stat(path);
      // A second time at once: a connection that was kept may have ended meanwhile.
      if (!(await this.#write(name, sha256, path, size, true)))
        await this.#write(name, sha256, path, size, false);
      await rm(path, { force: true });
    } finally {
      release();
    }
  }

  async read(tenantPart: string, sha256: string): Promise<OpenFile | undefined> {
    const name = this.#name(tenantPart, sha256);
    const head = await this.#head(name);
    if (!head) return undefined;
    const { size } = head;
    return {
      size,
      stream: (start, end) => this.#read(name, start, end, (stream) => Promise.resolve(stream)),
      bytes: () =>
        size === 0 ? Promise.resolve(Buffer.alloc(0)) : this.#read(name, 0, size - 1, buffer),
      close: () => Promise.resolve(),
    };
  }

  async tenantParts(): Promise<readonly string[]> {
    const { prefix } = this.#options;
    const parts: string[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await this.#page(prefix, token, 1_000, "/");
      for (const { Prefix = "" } of page.CommonPrefixes ?? [])
        parts.push(Prefix.slice(prefix.length, -1));
      token = page.NextContinuationToken;
    }
    return parts.filter(isTenantPart);
  }

  async expire(tenantPart: string, before: number, limit: number): Promise<Expired> {
    const sum = { files: 0, bytes: 0, keptFiles: 0, keptBytes: 0 };
    for await (const { sha256, bytes, changedAt } of this.#list(tenantPart)) {
      const name = this.#name(tenantPart, sha256);
      if (changedAt >= before || this.#holds.has(name) || !(await this.#expireOne(name, before))) {
        sum.keptFiles++;
        sum.keptBytes += bytes;
        continue;
      }
      sum.files++;
      sum.bytes += bytes;
      if (sum.files >= limit) break;
    }
    return sum;
  }

  hold(tenantPart: string, hashes: readonly string[]): () => void {
    return this.#holds.hold(hashes.map((sha256) => this.#name(tenantPart, sha256)));
  }

  #name(tenantPart: string, sha256: string): string {
    return `${this.#options.prefix}${placeOf(tenantPart, sha256)}`;
  }

  /** False: it failed in a way that may pass. The store itself compares what arrives with the hash. */
  #write(
    name: string,
    sha256: string,
    path: string,
    size: number,
    mayFail: boolean,
  ): Promise<boolean> {
    const { place, clock } = this.#options;
    return this.#client.call(
      shortMs + size / slowestBytesPerMs,
      async ({ library, client }, abortSignal) => {
        const body = createReadStream(path);
        try {
          const command = new library.PutObjectCommand({
            Bucket: place.bucket,
            Key: name,
            Body: body,
            ContentLength: size,
            ContentType: "application/octet-stream",
            Metadata: { [timeName]: String(clock.now()) },
          });
          command.middlewareStack.add(
            (next) => (args) => {
              const request = args.request as { readonly headers: Record<string, string> };
              request.headers["x-amz-content-sha256"] = sha256;
              return next(args);
            },
            { step: "build" },
          );
          const { ETag } = await client.send(command, { abortSignal });
          if (ETag === undefined)
            throw new RecadoError("store_unavailable", [
              "what answers at MEDIA_S3_ENDPOINT is no store of files",
            ]);
          return true;
        } finally {
          body.destroy();
        }
      },
      (error) => (mayFail && isPassing(error) ? false : undefined),
    );
  }

  async #head(name: string): Promise<FileHead | undefined> {
    const found = await this.#client.call<FileHead | typeof gone>(
      shortMs,
      async ({ library, client }, abortSignal) => {
        const input = { Bucket: this.#options.place.bucket, Key: name };
        const head = await client.send(new library.HeadObjectCommand(input), { abortSignal });
        const heldAt = Number(head.Metadata?.[timeName] ?? 0);
        return { size: head.ContentLength ?? 0, heldAt };
      },
      (error) => (isMissing(error) ? gone : undefined),
    );
    if (found !== gone) return found;
    // An answer without a body looks the same when the bucket is missing; this one then refuses.
    await this.#page(name, undefined, 1);
    return undefined;
  }

  async #read<T extends object>(
    name: string,
    start: number,
    end: number,
    take: (stream: Readable) => Promise<T>,
  ): Promise<T | undefined> {
    const size = end - start + 1;
    const found = await this.#client.call<T | typeof gone>(
      shortMs + size / slowestBytesPerMs,
      async ({ library, client }, abortSignal) => {
        const { bucket } = this.#options.place;
        const input = { Bucket: bucket, Key: name, Range: `bytes=${start}-${end}` };
        const answer = await client.send(new library.GetObjectCommand(input), { abortSignal });
        const stream = readableOf(answer.Body);
        if (answer.ContentLength !== size) {
          stream.destroy();
          throw new RecadoError("store_unavailable", [
            "the store of files gives no parts of files",
          ]);
        }
        return take(stream);
      },
      (error) => (isMissing(error) ? gone : undefined),
    );
    return found === gone ? undefined : found;
  }

  async *#list(tenantPart: string): AsyncGenerator<Listed> {
    const prefix = `${this.#options.prefix}${tenantPart}/`;
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await this.#page(prefix, token, 1_000);
      for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
        const sha256 = fileForm.exec(Key)?.[2];
        if (sha256 !== undefined && Key === this.#name(tenantPart, sha256))
          yield { sha256, bytes: Size, changedAt: LastModified?.getTime() ?? Infinity };
      }
      token = page.NextContinuationToken;
    }
  }

  #page(prefix: string, token: string | undefined, most: number, delimiter?: string) {
    return this.#client.call(shortMs, ({ library, client }, abortSignal) => {
      const command = new library.ListObjectsV2Command({
        Bucket: this.#options.place.bucket,
        Prefix: prefix,
        MaxKeys: most,
        ...(token === undefined ? {} : { ContinuationToken: token }),
        ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
      });
      return client.send(command, { abortSignal });
    });
  }

  /** Whether it went. One that is put meanwhile waits until it is known. */
  async #expireOne(name: string, before: number): Promise<boolean> {
    const going = this.#removeOlder(name, before);
    this.#going.set(name, going);
    try {
      return await going;
    } finally {
      this.#going.delete(name);
    }
  }

  async #removeOlder(name: string, before: number): Promise<boolean> {
    const head = await this.#head(name);
    if (!head) return true;
    // Held since it was listed, or younger by our own clock.
    if (this.#holds.has(name) || head.heldAt >= before) return false;
    await this.#client.call(shortMs, ({ library, client }, abortSignal) => {
      const input = { Bucket: this.#options.place.bucket, Key: name };
      return client.send(new library.DeleteObjectCommand(input), { abortSignal });
    });
    return true;
  }
}

/** Files in an S3-compatible store. Nothing is sent, and its client not loaded, before `open`. */
export function createBucketFiles(options: BucketFilesOptions): MediaFiles {
  return new Bucket(options);
}
