import type { Clock } from "../../base/clock.ts";
import type { MediaKeys } from "./media-keys.ts";

export interface MediaLinksOptions {
  readonly keys: MediaKeys;
  readonly clock: Clock;
  /** The address of this server, without a slash at its end. Read at each use. */
  readonly publicUrl: () => string;
  /** For how long a link opens. */
  readonly linkMs: number;
}

/**
 * Makes links of the markers in stored texts, each time a text goes out: who reads an event a month later gets
 * a link that opens. A text without a marker costs one search.
 */
export class MediaLinks {
  readonly #options: MediaLinksOptions;

  constructor(options: MediaLinksOptions) {
    this.#options = options;
  }

  /** `text` is JSON; it is neither parsed nor written anew. Markers that are not the tenant's own stay. */
  present(tenantId: string, text: string): string {
    const { keys, clock, linkMs, publicUrl } = this.#options;
    return keys.replaceMarkers(tenantId, text, (file) => {
      const part = keys.tenantPart(tenantId);
      const expires = Math.ceil((clock.now() + linkMs) / 1_000);
      const signature = keys.signature(part, file, expires);
      const base = JSON.stringify(publicUrl()).slice(1, -1);
      return `${base}/media/${part}/${file.sha256}?about=${file.about}&expires=${expires}&signature=${signature}`;
    });
  }
}
