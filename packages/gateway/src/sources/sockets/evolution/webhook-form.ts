import { evolution, type JsonObject } from "@recado/providers";
import type { SocketFrame } from "../connection/link.ts";

/**
 * A Socket.IO event of Evolution as the body of its webhook: the same members, bytes as index objects
 * (`{"0":12,"1":7}`), which is what the webhook's `JSON.stringify` makes of them (2.3.6 and later).
 *
 * @param channel the instance whose own namespace it came on; undefined on the global one
 * @returns undefined for what is no event of any instance
 */
export function webhookForm(
  event: string,
  payload: unknown,
  channel: string | undefined,
): SocketFrame | undefined {
  if (!isObject(payload)) return undefined;
  const body: JsonObject = {
    ...payload,
    ...(payload["event"] === undefined ? { event } : {}),
    ...(payload["instance"] === undefined && channel !== undefined ? { instance: channel } : {}),
  };
  const { instanceName } = evolution.identify(body);
  if (instanceName === undefined) return undefined;
  return { instanceName, body: () => Buffer.from(JSON.stringify(body, indexedBytes)) };
}

function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    bytesOf(value) === undefined
  );
}

function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/** `this` is the object that holds the value: a Buffer's own `toJSON` has already spoken. */
function indexedBytes(this: unknown, name: string, value: unknown): unknown {
  const bytes = bytesOf((this as JsonObject)[name]);
  return bytes === undefined ? value : { ...bytes };
}
