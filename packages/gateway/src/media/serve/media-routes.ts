import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../base/clock.ts";
import { RecadoError } from "../../base/recado-error.ts";
import { servedType } from "../file-type.ts";
import type { MediaFiles, OpenFile } from "../files/media-files.ts";
import { readAbout, remoteAbout, type MediaKeys } from "../links/media-keys.ts";
import { fetchFailures } from "../remote/file-source.ts";
import type { ProviderFiles } from "../remote/provider-files.ts";
import { byteRange } from "./byte-range.ts";
import { contentDisposition } from "./disposition.ts";

export interface MediaRoutesOptions {
  readonly files: MediaFiles;
  readonly keys: MediaKeys;
  readonly clock: Clock;
  /** Knows what became of files behind providers' links. Default: there are none. */
  readonly providerFiles?: Pick<ProviderFiles, "find">;
  /** Files that are being sent at once; more are refused. */
  readonly maxOpen?: number;
}

type MediaRequest = FastifyRequest<{
  Params: { tenant: string; sha256: string };
  Querystring: Readonly<Record<string, unknown>>;
}>;

const seconds = /^[1-9]\d{0,11}$/;
const usualMaxOpen = 500;
const longestAbout = 1_100;

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What the link says, once its signature is found right; throws otherwise. */
function linkOf({ params, query }: MediaRequest, { keys, clock }: MediaRoutesOptions) {
  const about = text(query["about"]);
  const expires = text(query["expires"]);
  const file = { sha256: params.sha256, about };
  const isOurs =
    seconds.test(expires) &&
    about.length <= longestAbout &&
    keys.isSigned(params.tenant, file, Number(expires), text(query["signature"]));
  if (!isOurs) throw new RecadoError("media_link_invalid");
  // After the signature: who made a link up learns nothing.
  if (Number(expires) * 1_000 <= clock.now()) throw new RecadoError("media_link_expired");
  return { ...file, secondsLeft: Math.floor(Number(expires) - clock.now() / 1_000) };
}

interface Named {
  readonly sha256: string;
  readonly mimetype: string;
  readonly filename?: string;
}

const askAgainSeconds = 5;

/** The file that a link means, which may still be at its provider. */
async function fileOf(
  tenantPart: string,
  { sha256, about }: { readonly sha256: string; readonly about: string },
  reply: FastifyReply,
  providerFiles: MediaRoutesOptions["providerFiles"],
): Promise<Named> {
  if (about !== remoteAbout) return { sha256, ...readAbout(about) };
  const found = await providerFiles?.find(tenantPart, sha256);
  if (found === "waiting") {
    void reply.headers({ "retry-after": askAgainSeconds, "cache-control": "no-store" });
    throw new RecadoError("media_not_fetched");
  }
  if (found?.kind === "failed")
    throw new RecadoError("media_unavailable", [fetchFailures[found.cause]]);
  if (!found) throw new RecadoError("media_gone");
  return found;
}

/** A weak or listed tag counts too: there is one content behind an address. */
function isNamed(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return (
    header.trim() === "*" || header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag)
  );
}

const ofTheFile = ["content-disposition", "etag", "content-type", "cache-control"] as const;

/** Sends what is asked for of an open file, and closes it in any case. */
async function send(request: MediaRequest, reply: FastifyReply, file: OpenFile): Promise<unknown> {
  const { "if-range": ifRange, "if-none-match": ifNoneMatch } = request.headers;
  const tag = String(reply.getHeader("etag"));
  if (isNamed(ifNoneMatch, tag)) {
    await file.close();
    return reply.code(304).send();
  }
  const wanted = ifRange === undefined || ifRange === tag ? request.headers.range : undefined;
  const range = byteRange(wanted, file.size);
  if (range.kind === "unsatisfiable") {
    await file.close();
    for (const name of ofTheFile) reply.removeHeader(name);
    return reply.code(416).header("content-range", `bytes */${file.size}`).send();
  }
  const [start, end] = range.kind === "part" ? [range.start, range.end] : [0, file.size - 1];
  const isEmpty = request.method === "HEAD" || file.size === 0;
  // The stream closes the file when it ends and when the reader goes away.
  const stream = isEmpty ? undefined : await file.stream(start, end);
  if (!isEmpty && !stream) throw new RecadoError("media_gone");
  if (range.kind === "part")
    reply.code(206).header("content-range", `bytes ${start}-${end}/${file.size}`);
  reply.header("content-length", end - start + 1);
  if (stream) return reply.send(stream);
  await file.close();
  return reply.send(request.method === "HEAD" ? undefined : "");
}

/**
 * `GET /media/<tenant part>/<sha256>?about=…&expires=…&signature=…`: a file, for whoever has the link.
 *
 * I1 Without a signature of ours nothing is read, and all wrong links are answered alike.
 * I2 What a browser could run is sent as an unknown type to be saved, whatever the sender called it.
 * I3 A reader that goes away or is slow holds one open file until its connection ends, and nothing else.
 * Proven by `media-routes.test.ts`.
 */
export function mediaRoutes(app: FastifyInstance, options: MediaRoutesOptions): void {
  const { files, maxOpen = usualMaxOpen } = options;
  let openFiles = 0;

  async function handle(request: MediaRequest, reply: FastifyReply): Promise<unknown> {
    const link = linkOf(request, options);
    const named = await fileOf(request.params.tenant, link, reply, options.providerFiles);
    if (openFiles >= maxOpen) throw new RecadoError("too_many_requests");
    openFiles++;
    reply.raw.once("close", () => openFiles--);
    const file = await files.read(request.params.tenant, named.sha256);
    if (!file) throw new RecadoError("media_gone");
    const { mimetype, filename } = named;
    const { contentType, inline } = servedType(mimetype);
    reply.headers({
      "content-type": contentType,
      "content-disposition": contentDisposition(inline, filename),
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "cross-origin",
      "referrer-policy": "no-referrer",
      "accept-ranges": "bytes",
      etag: `"${named.sha256}"`,
      "cache-control": `private, max-age=${Math.min(link.secondsLeft, 86_400)}, immutable`,
    });
    try {
      return await send(request, reply, file);
    } catch (error) {
      // A refusal is no file: it must not be kept by a browser, or shown as one.
      for (const name of ofTheFile) reply.removeHeader(name);
      throw error;
    }
  }

  app.route({
    method: ["GET", "HEAD"],
    url: "/media/:tenant/:sha256",
    // The link is a credential: it must not appear in the request log.
    logLevel: "silent",
    handler: handle,
  });
}
