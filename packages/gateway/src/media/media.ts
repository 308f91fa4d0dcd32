import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { RecadoError } from "../base/recado-error.ts";
import type { Store } from "../store/contract/index.ts";
import { createBucketFiles } from "./files/bucket/bucket-files.ts";
import { bucketPrefix, type BucketPlace } from "./files/bucket/bucket-place.ts";
import { MediaCollector, type MediaUse } from "./files/collect.ts";
import { createFolderFiles } from "./files/folder/folder-files.ts";
import type { MediaFiles } from "./files/media-files.ts";
import { Lightener } from "./lighten/lightener.ts";
import { lightestFile } from "./lighten/lighten-body.ts";
import { MediaKeys, mediaKeyFrom } from "./links/media-keys.ts";
import { MediaLinks } from "./links/media-links.ts";
import { putFilesBack } from "./links/put-back.ts";

/**
 * Files of messages: taken out of webhooks, kept by their content, shown by links that expire.
 *
 * Owns: what of a body is a file, where it lies, who may open it and when it goes. Must not know: providers,
 * sockets, deliveries.
 *
 * I1 A file is on disk before the event that refers to it, and stays as long as one does.
 * I2 No link is made of anything that a sender wrote.
 * I3 A large body holds up the loop for none of its size: it is searched, decoded and hashed in a thread.
 * Proven by `media.test.ts`.
 */
export interface Media {
  /** A body at the door, when it is large; undefined: it is small enough to be read as it is. */
  lighten(tenantId: string, bytes: Uint8Array): Promise<LargeBody> | undefined;
  /** JSON on its way out, with links in the place of the tenant's markers. */
  present(tenantId: string, text: string): string;
  /** A provider's body as it came in, its files included. */
  putBack(tenantId: string, text: string): Promise<string>;
  readonly files: MediaFiles;
  readonly keys: MediaKeys;
  /** Bytes and files that are kept, as of the last round; undefined in the first minute. */
  use(): MediaUse | undefined;
  /** Makes the folder ready; before anything is lightened. */
  open(): Promise<void>;
  /** Deletes what nothing refers to, from now on. */
  start(): void;
  stop(): Promise<void>;
}

/** A large body whose files wait for a place. `release` in any case, once its event is stored or refused. */
export interface LargeBody {
  /** As it came; the bytes that were given are empty now. */
  readonly original: Uint8Array;
  /** With references in the place of files. */
  readonly light: Uint8Array;
  /** SHA-256 of the body as it came, lower-case hex. */
  readonly bodyHash: string;
  /** Gives the files their places, durably. Rejects with `store_unavailable`. */
  keep(): Promise<void>;
  /** The end of it: what was not kept is removed, and what was may go when nothing refers to it. */
  release(): Promise<void>;
}

export interface MediaOptions {
  readonly store: Pick<Store, "log" | "directory">;
  readonly dataDir: string;
  /** Absent: files are kept in `dataDir`. */
  readonly bucket?: BucketPlace;
  readonly encryptionKey: Uint8Array;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publicUrl: () => string;
  readonly linkMs: number;
  readonly retentionDays?: number;
}

function filesOf({ dataDir, bucket, clock, logger }: MediaOptions, key: Uint8Array): MediaFiles {
  const folder = join(dataDir, "media");
  if (!bucket) return createFolderFiles(folder, clock);
  const incoming = join(folder, ".incoming");
  const prefix = bucketPrefix(key);
  return createBucketFiles({ place: bucket, prefix, incoming, clock, logger });
}

class MessageFiles implements Media {
  readonly files: MediaFiles;
  readonly keys: MediaKeys;
  readonly #links: MediaLinks;
  readonly #lightener: Lightener;
  readonly #collector: MediaCollector;
  readonly #logger: Logger;

  constructor(options: MediaOptions) {
    const { logger, encryptionKey } = options;
    const key = mediaKeyFrom(encryptionKey);
    this.#logger = logger;
    this.keys = new MediaKeys(key);
    this.files = filesOf(options, key);
    this.#links = new MediaLinks({ ...options, keys: this.keys });
    this.#lightener = new Lightener({ incoming: this.files.incoming, key, logger });
    this.#collector = new MediaCollector({ ...options, files: this.files, keys: this.keys });
  }

  lighten(tenantId: string, bytes: Uint8Array): Promise<LargeBody> | undefined {
    return bytes.byteLength > lightestFile ? this.#lighten(tenantId, bytes) : undefined;
  }

  present(tenantId: string, text: string): string {
    return this.#links.present(tenantId, text);
  }

  putBack(tenantId: string, text: string): Promise<string> {
    return putFilesBack(this, tenantId, text);
  }

  use(): MediaUse | undefined {
    return this.#collector.use;
  }

  open(): Promise<void> {
    return this.files.open();
  }

  start(): void {
    this.#collector.start();
  }

  async stop(): Promise<void> {
    const closed = this.files.close();
    await Promise.all([this.#collector.stop(), this.#lightener.close(), closed]);
  }

  async #lighten(tenantId: string, bytes: Uint8Array): Promise<LargeBody> {
    const { files: written, ...body } = await this.#lightener.lighten(tenantId, bytes);
    const part = this.keys.tenantPart(tenantId);
    // From before they are there until their event is: no round may take them in between.
    const letGo = this.files.hold(
      part,
      written.map(({ sha256 }) => sha256),
    );
    return {
      ...body,
      keep: async () => {
        try {
          for (const { sha256, path } of written) await this.files.put(part, sha256, path);
        } catch (error) {
          const reasons = error instanceof RecadoError ? error.details : [];
          const refusal = ["a file of the webhook could not be kept", ...reasons];
          throw new RecadoError("store_unavailable", refusal, { cause: error });
        }
      },
      release: async () => {
        letGo();
        try {
          for (const { path } of written) await rm(path, { force: true });
        } catch (error) {
          this.#logger.error({ err: error }, "an unfinished file could not be removed");
        }
      },
    };
  }
}

export function createMedia(options: MediaOptions): Media {
  return new MessageFiles(options);
}
