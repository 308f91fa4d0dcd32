import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface BucketKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalRequest(request: IncomingMessage, signed: readonly string[]): string {
  const url = new URL(request.url ?? "", "http://bucket");
  const query = [...url.searchParams]
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .toSorted();
  const headers = signed.map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  return [
    request.method,
    url.pathname,
    query.join("&"),
    headers.join(""),
    signed.join(";"),
    request.headers["x-amz-content-sha256"],
  ].join("\n");
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** The code with which a store refuses the signature of a request (AWS Signature Version 4); undefined: it is right. */
export function signatureFault(
  request: IncomingMessage,
  region: string,
  key: BucketKey,
): string | undefined {
  const [, id, day = "", said, names = "", signature] =
    form.exec(request.headers.authorization ?? "") ?? [];
  if (signature === undefined) return "AccessDenied";
  if (id !== key.accessKeyId) return "InvalidAccessKeyId";
  if (said !== region) return "AuthorizationHeaderMalformed";
  const signed = names.split(";");
  if (!["host", "x-amz-content-sha256", "x-amz-date"].every((name) => signed.includes(name)))
    return "AccessDenied";
  const hash = createHash("sha256").update(canonicalRequest(request, signed)).digest("hex");
  const date = String(request.headers["x-amz-date"]);
  const text = ["AWS4-HMAC-SHA256", date, `${day}/${region}/s3/aws4_request`, hash].join("\n");
  const parts = [day, region, "s3", "aws4_request"];
  const signing = parts.reduce<string | Buffer>(mac, `AWS4${key.secretAccessKey}`);
  return mac(signing, text).toString("hex") === signature ? undefined : "SignatureDoesNotMatch";
}
