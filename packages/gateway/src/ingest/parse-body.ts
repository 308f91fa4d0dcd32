import { isUtf8 } from "node:buffer";
import type { ErrorCode } from "@recado/protocol";
import type { JsonObject } from "@recado/providers";
import secureJson from "secure-json-parse";

/** A body that is what a provider can send, or the code that says why it is not. */
export type ParsedBody =
  | { readonly kind: "object"; readonly body: JsonObject; readonly text: string }
  | { readonly kind: "refused"; readonly code: ErrorCode; readonly detail?: string };

/**
 * Deepest nesting taken. Real bodies stay below 40 (a quoted quote of a quote); far above that
 * every later step that walks the body would be at the mercy of the sender.
 */
export const maxDepth = 200;

const quote = 0x22;
const backslash = 0x5c;

/** True when brackets in `bytes` (JSON, UTF-8) nest deeper than `limit`. Text inside strings does not count. */
export function isDeeperThan(bytes: Uint8Array, limit: number): boolean {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) {
      for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

const jsonTypes = /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

function refused(code: ErrorCode, detail?: string): ParsedBody {
  return { kind: "refused", code, ...(detail !== undefined ? { detail } : {}) };
}

const suspicious = /__proto__|constructor|\\u00[4-7]/;

function parse(text: string): { readonly value: unknown } | { readonly problem: ErrorCode } {
  try {
    // The guarded parser looks at the text twice more: only where a forbidden key can be at all.
    if (!suspicious.test(text)) return { value: JSON.parse(text) as unknown };
    return {
      value: secureJson.parse(text, undefined, {
        protoAction: "error",
        constructorAction: "error",
      }),
    };
  } catch (error) {
    // The library throws the same class for both; only the forbidden-key form names prototypes.
    const forbidden = error instanceof SyntaxError && error.message.includes("forbidden prototype");
    return { problem: forbidden ? "json_forbidden_key" : "json_invalid" };
  }
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

/**
 * Parses a webhook's body. Pure. A missing content type is taken as JSON; a byte order mark in front
 * is skipped.
 */
export function parseBody(bytes: Uint8Array, contentType: string | undefined): ParsedBody {
  if (contentType !== undefined && !jsonTypes.test(contentType))
    return refused("unsupported_media_type");
  if (bytes.length === 0) return refused("body_empty");
  if (!isUtf8(bytes)) return refused("json_not_utf8");
  if (isDeeperThan(bytes, maxDepth))
    return refused("json_too_deep", `more than ${maxDepth} levels`);
  const decoded = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  const text = decoded.charCodeAt(0) === 0xfeff ? decoded.slice(1) : decoded;
  if (text.trim() === "") return refused("body_empty");
  const parsed = parse(text);
  if ("problem" in parsed) return refused(parsed.problem);
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refused("json_not_object", `it is ${nameOf(value)}`);
  }
  return { kind: "object", body: value as JsonObject, text };
}
