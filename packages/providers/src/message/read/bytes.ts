import { objectOf } from "./members.ts";

const base64Text = /^[A-Za-z0-9+/_-]+={0,2}$/;
const hexText = /^[0-9a-fA-F]+$/;

function fromNumbers(values: readonly unknown[]): Uint8Array | undefined {
  const isByte = (value: unknown) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < 256;
  return values.length > 0 && values.every(isByte)
    ? Uint8Array.from(values as number[])
    : undefined;
}

/** `{"0":12,"1":7,…}`: the keys may come in any order, the bytes stand in the order of their numbers. */
function fromIndexObject(object: Readonly<Record<string, unknown>>): Uint8Array | undefined {
  const length = Object.keys(object).length;
  return fromNumbers(Array.from({ length }, (_, index) => object[String(index)]));
}

/**
 * Bytes in any spelling met: base64 text (either alphabet), an array of numbers, an object with index
 * keys, or Node's `{type: "Buffer", data}`.
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") {
    if (!base64Text.test(value)) return undefined;
    return Buffer.from(value.replaceAll("-", "+").replaceAll("_", "/"), "base64");
  }
  if (Array.isArray(value)) return fromNumbers(value);
  const object = objectOf(value);
  if (object === undefined) return undefined;
  return Array.isArray(object["data"]) ? fromNumbers(object["data"]) : fromIndexObject(object);
}

/** A SHA-256 as lower-case hex; undefined for what is not 32 bytes. */
export function sha256HexOf(value: unknown): string | undefined {
  if (typeof value === "string" && value.length === 64 && hexText.test(value))
    return value.toLowerCase();
  const bytes = bytesOf(value);
  return bytes?.length === 32 ? Buffer.from(bytes).toString("hex") : undefined;
}
