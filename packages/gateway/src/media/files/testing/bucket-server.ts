import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { BucketPlace } from "../bucket/bucket-place.ts";
import { signatureFault } from "./bucket-signature.ts";

interface StoredObject {
  readonly bytes: Buffer;
  /** Unix ms. */
  readonly changedAt: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An S3-compatible store on this machine that checks every signature, as far as files of messages need one. */
export interface BucketServer {
  readonly place: BucketPlace;
  /** By name, as they are now. */
  readonly objects: ReadonlyMap<string, StoredObject>;
  /** `<method> <path>` of every request, refused ones too. */
  readonly requests: readonly string[];
  /** Called with each request that is right, before it is answered; what it returns is waited for. */
  before: (method: string, name: string) => Promise<void> | void;
  /** Called when a request was carried out, before it is answered. */
  after: (method: string, name: string) => Promise<void> | void;
  /** The store's own clock. */
  now: () => number;
  close(): Promise<void>;
}

const statuses: Readonly<Record<string, number>> = {
  AuthorizationHeaderMalformed: 400,
  XAmzContentSHA256Mismatch: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  InvalidRange: 416,
};

function refuse(request: IncomingMessage, response: ServerResponse, code: string): void {
  response.writeHead(statuses[code] ?? 403, { "content-type": "application/xml" });
  const words = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${request.headers.authorization}</Message></Error>`;
  response.end(request.method === "HEAD" ? undefined : words);
}

function headersOf({ bytes, changedAt, metadata }: StoredObject): Record<string, string> {
  return {
    ...metadata,
    "accept-ranges": "bytes",
    "last-modified": new Date(changedAt).toUTCString(),
    etag: `"${createHash("md5").update(bytes).digest("hex")}"`,
  };
}

function give(request: IncomingMessage, response: ServerResponse, stored: StoredObject): void {
  const { length } = stored.bytes;
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const [start, end] = match
    ? [Number(match[1]), Math.min(Number(match[2] || length), length - 1)]
    : [0, length - 1];
  if (match && start >= length) return refuse(request, response, "InvalidRange");
  response.writeHead(match ? 206 : 200, {
    ...headersOf(stored),
    "content-length": end - start + 1,
    ...(match ? { "content-range": `bytes ${start}-${end}/${length}` } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : stored.bytes.subarray(start, end + 1));
}

/** ListObjectsV2; a token is the name behind which the next page begins. */
function listed(
  objects: ReadonlyMap<string, StoredObject>,
  query: URLSearchParams,
  most: number,
): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const limit = Math.min(Number(query.get("max-keys") ?? 1_000), most);
  const entries = new Map<string, string>();
  for (const name of [...objects.keys()].toSorted()) {
    if (!name.startsWith(prefix)) continue;
    const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const shown = cut === -1 ? name : name.slice(0, cut + 1);
    const stored = objects.get(name);
    const contents = `<Contents><Key>${name}</Key><Size>${stored?.bytes.length}</Size><LastModified>${new Date(stored?.changedAt ?? 0).toISOString()}</LastModified></Contents>`;
    entries.set(
      shown,
      cut === -1 ? contents : `<CommonPrefixes><Prefix>${shown}</Prefix></CommonPrefixes>`,
    );
  }
  const left = [...entries].filter(([name]) => name > (query.get("continuation-token") ?? ""));
  const page = left.slice(0, limit);
  const isCut = left.length > page.length;
  const next = isCut ? `<NextContinuationToken>${page.at(-1)?.[0]}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isCut}</IsTruncated>${next}${page.map(([, text]) => text).join("")}</ListBucketResult>`;
}

/** Starts it with one empty bucket. `pageSize`: entries of a list at most. */
export async function startBucketServer({ pageSize = 1_000 } = {}): Promise<BucketServer> {
  const objects = new Map<string, StoredObject>();
  const requests: string[] = [];
  const place = {
    bucket: "recado-files",
    region: "sa-east-1",
    accessKeyId: "TESTKEY0123456789",
    secretAccessKey: "test/secret+0123456789",
    pathStyle: true,
  };

  async function carryOut(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    query: URLSearchParams,
  ): Promise<(() => void) | undefined> {
    const stored = objects.get(name);
    if (request.method === "PUT") {
      const bytes = await buffer(request);
      const hash = createHash("sha256").update(bytes).digest("hex");
      if (hash !== request.headers["x-amz-content-sha256"])
        return () => refuse(request, response, "XAmzContentSHA256Mismatch");
      const metadata = Object.fromEntries(
        Object.entries(request.headers).flatMap(([key, value]) =>
          key.startsWith("x-amz-meta-") ? [[key, String(value)]] : [],
        ),
      );
      const made = { bytes, changedAt: server.now(), metadata };
      objects.set(name, made);
      return () => response.writeHead(200, headersOf(made)).end();
    }
    if (request.method === "DELETE") {
      objects.delete(name);
      return () => response.writeHead(204).end();
    }
    if (name === "" && query.get("list-type") === "2")
      return () => response.end(listed(objects, query, pageSize));
    if (!stored) return () => refuse(request, response, "NoSuchKey");
    return () => give(request, response, stored);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    requests.push(`${method} ${url}`);
    const { pathname, searchParams } = new URL(url, "http://bucket");
    const fault = signatureFault(request, place.region, place);
    if (fault !== undefined) return refuse(request, response, fault);
    const [, bucket, ...rest] = decodeURIComponent(pathname).split("/");
    if (bucket !== place.bucket) return refuse(request, response, "NoSuchBucket");
    const name = rest.join("/");
    await server.before(method, name);
    const reply = await carryOut(request, response, name, searchParams);
    await server.after(method, name);
    reply?.();
  }

  const http = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: BucketServer = {
    place: { ...place, endpoint },
    objects,
    requests,
    before: () => {},
    after: () => {},
    now: () => Date.now(),
    async close() {
      if (!http.listening) return;
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
  return server;
}
