import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/**
 * What proves that a file may be shown, all made of one key.
 *
 * A stored text names a file by a marker, `recado-media:<sha256>.<about>.<proof>`. Whoever writes to a number
 * chooses fields such as `imageMessage.url`, so a marker without a proof of ours could be invented and would
 * become a link to somebody's file. The proof is never shown: what goes out is a link with a signature that
 * expires, of which the proof cannot be computed.
 */

export const markerPrefix = "recado-media:";

/** What is told of a file beside its bytes; whatever the provider says, so never a path and never trusted. */
export interface AboutFile {
  readonly mimetype: string;
  readonly filename?: string;
  /** What stood in front of the base64 text: `data:image/png;base64,`. */
  readonly dataPrefix?: string;
}

export interface FileReference {
  /** Lower-case hex. */
  readonly sha256: string;
  /** {@link AboutFile} in the form that stands in markers and links. */
  readonly about: string;
}

/** What a marker looks like in a JSON text; none of its characters is ever escaped there. */
const markerPattern = /recado-media:([0-9a-f]{64})\.([A-Za-z0-9_-]{1,1024})\.([A-Za-z0-9_-]{22})/g;

/**
 * Stands in the place of what is told of a file that lies at a provider: then the hash is no file's but
 * {@link MediaKeys.remoteKey}. Never what {@link writeAbout} makes, which begins with a bracket's letters.
 */
export const remoteAbout = "provider";

/** Far more than any honest text has: two or three stand in what somebody copied. */
const mostForged = 1_000;

const longestName = 200;
const longestPrefix = 200;

export function writeAbout({ mimetype, filename, dataPrefix }: AboutFile): string {
  const prefix = dataPrefix !== undefined && dataPrefix.length <= longestPrefix ? dataPrefix : "";
  const name = Array.from(filename?.toWellFormed() ?? "")
    .slice(0, longestName / 2)
    .join("");
  let about = JSON.stringify([mimetype.slice(0, longestName), name, prefix]);
  // Long names in scripts of several bytes: the type matters more than the name.
  if (Buffer.byteLength(about) > 760) about = JSON.stringify([mimetype.slice(0, 100), "", ""]);
  return Buffer.from(about).toString("base64url");
}

/** Tolerant: what cannot be read is a file of which nothing is known. */
export function readAbout(about: string): AboutFile {
  const unknown = { mimetype: "application/octet-stream" };
  try {
    const read: unknown = JSON.parse(Buffer.from(about, "base64url").toString("utf8"));
    if (!Array.isArray(read)) return unknown;
    const [mimetype, filename, dataPrefix] = read as readonly unknown[];
    return {
      mimetype: typeof mimetype === "string" && mimetype !== "" ? mimetype : unknown.mimetype,
      ...(typeof filename === "string" && filename !== "" ? { filename } : {}),
      ...(typeof dataPrefix === "string" && dataPrefix !== "" ? { dataPrefix } : {}),
    };
  } catch {
    return unknown;
  }
}

export class MediaKeys {
  readonly #key: Buffer;

  /** @param key 32 bytes that are used for nothing else; see {@link mediaKeyFrom}. */
  constructor(key: Uint8Array) {
    this.#key = Buffer.from(key);
  }

  /** The tenant's part of links and folders: says nothing about its id. */
  tenantPart(tenantId: string): string {
    return this.#mac("tenant", tenantId).subarray(0, 16).toString("hex");
  }

  marker(tenantId: string, { sha256, about }: FileReference): string {
    return `${markerPrefix}${sha256}.${about}.${this.#proof(tenantId, sha256, about)}`;
  }

  /**
   * What stands for a file at a number's provider, whatever events name it. One address may mean another
   * file at another number's server.
   */
  remoteKey(tenantId: string, instanceId: string, url: string): string {
    return this.#mac("remote", JSON.stringify([tenantId, instanceId, url])).toString("hex");
  }

  /**
   * `text` with every marker that is the tenant's own replaced; what is forged or another's stays. A proof
   * takes microseconds, and a sender can write a hundred thousand markers into one text: after
   * {@link mostForged} forged ones nothing is proven any more, and what looks like a marker is shown without
   * its last part, since it might be a true proof.
   */
  replaceMarkers(
    tenantId: string,
    text: string,
    replacement: (file: FileReference) => string,
  ): string {
    if (!text.includes(markerPrefix)) return text;
    let forged = 0;
    return text.replaceAll(
      markerPattern,
      (marker, sha256: string, about: string, proof: string) => {
        if (forged >= mostForged) return `${markerPrefix}${sha256}`;
        if (isEqual(proof, this.#proof(tenantId, sha256, about)))
          return replacement({ sha256, about });
        forged += 1;
        return marker;
      },
    );
  }

  /** @param expires whole Unix seconds */
  signature(tenantPart: string, { sha256, about }: FileReference, expires: number): string {
    return this.#mac("link", `${tenantPart}.${sha256}.${about}.${expires}`)
      .subarray(0, 24)
      .toString("base64url");
  }

  /** In constant time. */
  isSigned(tenantPart: string, file: FileReference, expires: number, signature: string): boolean {
    return isEqual(signature, this.signature(tenantPart, file, expires));
  }

  #proof(tenantId: string, sha256: string, about: string): string {
    return this.#mac("marker", `${tenantId}\0${sha256}\0${about}`)
      .subarray(0, 16)
      .toString("base64url");
  }

  /** The purpose comes first, so that one proof is never good for another purpose. */
  #mac(purpose: string, text: string): Buffer {
    return createHmac("sha256", this.#key).update(`${purpose}\0${text}`).digest();
  }
}

function isEqual(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The key of media, derived so that it reveals nothing of the one that seals secrets. */
export function mediaKeyFrom(encryptionKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", encryptionKey, "", "recado media v1", 32));
}
