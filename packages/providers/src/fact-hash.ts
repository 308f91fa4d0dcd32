import { createHash } from "node:crypto";
import type { JsonObject } from "./contract.ts";

/**
 * The hash of what a body says, whichever way it came: over a webhook and over a socket the same fact has
 * other members around it, another order of members, and bytes in another spelling.
 *
 * Evolution API 2.3.7 (recorded): a socket frame has no `destination`, another member order than the
 * webhook, and `Buffer`s where the webhook has index objects.
 */

/** Deeper bodies are not walked: the door takes 200 levels. */
const maxDepth = 256;

class TooDeep extends Error {}

/** Bytes of `{"0":12,"1":7}`: what `JSON.stringify` makes of a typed array. */
function indexedBytes(value: JsonObject, names: readonly string[]): Uint8Array | undefined {
  if (names[0] !== "0") return undefined;
  const bytes = new Uint8Array(names.length);
  for (const [index, name] of names.entries()) {
    const byte = value[name];
    if (name !== String(index) || !isByte(byte)) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

/** Bytes of `{"type":"Buffer","data":[12,7]}`: what `JSON.stringify` makes of a Buffer. */
function bufferBytes(value: JsonObject, names: readonly string[]): Uint8Array | undefined {
  const { type, data } = value;
  if (type !== "Buffer" || names.length !== 2 || !Array.isArray(data)) return undefined;
  return data.every(isByte) ? Uint8Array.from(data) : undefined;
}

function isByte(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 255;
}

function objectText(value: JsonObject, depth: number): string {
  const names = Object.keys(value);
  const bytes = indexedBytes(value, names) ?? bufferBytes(value, names);
  // Bytes are written as base64, which is what older versions send in their place.
  if (bytes !== undefined) return bytes.length === 0 ? "{}" : JSON.stringify(base64Of(bytes));
  const members = names
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name], depth + 1)}`);
  return `{${members.join(",")}}`;
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function canonicalText(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (depth > maxDepth) throw new TooDeep();
  if (!Array.isArray(value)) return objectText(value as JsonObject, depth);
  return `[${value.map((entry) => canonicalText(entry, depth + 1)).join(",")}]`;
}

/**
 * SHA-256, lower-case hex, of `body` without its members named in `aside`; undefined when it nests too
 * deep to be walked. Walks the whole body: ask once, and only where it is needed.
 */
export function factHash(body: JsonObject, aside: ReadonlySet<string>): string | undefined {
  const said = Object.fromEntries(Object.entries(body).filter(([name]) => !aside.has(name)));
  try {
    return createHash("sha256").update(canonicalText(said, 0)).digest("hex");
  } catch (error) {
    if (error instanceof TooDeep) return undefined;
    throw error;
  }
}

/** Calls `work` at the first question, and remembers. */
export function once<T>(work: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: work() }).value;
}
