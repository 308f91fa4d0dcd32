/** Types of files: what they look like, and what a browser is told about them. Pure. */

const binary = "application/octet-stream";

interface Magic {
  readonly mimetype: string;
  readonly at: number;
  readonly latin1: string;
}

const magics: readonly Magic[] = [
  { mimetype: "image/jpeg", at: 0, latin1: "\xff\xd8\xff" },
  { mimetype: "image/png", at: 0, latin1: "\x89PNG\r\n\x1a\n" },
  { mimetype: "image/gif", at: 0, latin1: "GIF8" },
  { mimetype: "image/webp", at: 8, latin1: "WEBP" },
  { mimetype: "video/mp4", at: 4, latin1: "ftyp" },
  { mimetype: "audio/ogg", at: 0, latin1: "OggS" },
  { mimetype: "audio/mpeg", at: 0, latin1: "ID3" },
  { mimetype: "application/pdf", at: 0, latin1: "%PDF-" },
  { mimetype: "application/zip", at: 0, latin1: "PK\x03\x04" },
];

/** By its first bytes, out of a short list; `application/octet-stream` for everything else. */
export function sniffedType(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString(
    "latin1",
  );
  return magics.find(({ at, latin1 }) => start.startsWith(latin1, at))?.mimetype ?? binary;
}

const wellFormed = /^[a-z0-9][\w.+-]{0,99}\/[a-z0-9][\w.+-]{0,99}$/;

/** Without parameters, lower case; undefined when it is no type. */
export function plainType(said: unknown): string | undefined {
  if (typeof said !== "string" || said.length > 400) return undefined;
  const type = said.split(";")[0]?.trim().toLowerCase() ?? "";
  return wellFormed.test(type) ? type : undefined;
}

/** What a page may show: pictures (never SVG, which runs scripts), sound, film, and PDF in its viewer. */
const shown: ReadonlySet<string> = new Set([
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/bmp",
  "image/heic",
  "image/heif",
  "application/pdf",
]);

const played = /^(?:audio|video)\/[\w.+-]+$/;
/** Among the played ones, what is a text with a program's syntax. */
const notPlayed = /xml|html|svg|script|mpegurl|json|text/;
/** Not shown, but told by its name: no browser runs any of these. */
const downloaded =
  /^application\/(?:zip|gzip|x-7z-compressed|vnd\.rar|msword|rtf|vnd\.ms-(?:excel|powerpoint|word)|vnd\.openxmlformats-officedocument\.[\w.-]+|vnd\.oasis\.opendocument\.[\w.-]+)$/;

export interface ServedType {
  readonly contentType: string;
  readonly inline: boolean;
}

/** What a browser is told. A type that it could run becomes an unknown one, to be saved. */
export function servedType(said: string): ServedType {
  const type = plainType(said);
  if (type === undefined) return { contentType: binary, inline: false };
  if (shown.has(type) || (played.test(type) && !notPlayed.test(type)))
    return { contentType: type, inline: true };
  if (downloaded.test(type)) {
    return { contentType: type, inline: false };
  }
  return { contentType: binary, inline: false };
}
