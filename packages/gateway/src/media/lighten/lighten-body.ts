import { hash } from "node:crypto";
import { plainType, sniffedType } from "../file-type.ts";
import { writeAbout, type MediaKeys } from "../links/media-keys.ts";
import { base64Strings } from "./base64-strings.ts";
import { saidOfFiles, type SaidOfFile } from "./file-context.ts";

/** A file that was in a body. */
export interface TakenFile {
  readonly sha256: string;
  readonly bytes: Uint8Array;
}

export interface LightBody {
  readonly bytes: Uint8Array;
  /** Each once, however often the body holds it. */
  readonly files: readonly TakenFile[];
}

/** Base64 up to this many characters stays in the body. */
export const lightestFile = 65_536;

interface Taken extends TakenFile {
  readonly placeholder: string;
  readonly dataPrefix: string;
  readonly start: number;
  readonly end: number;
}

function takenFrom(bytes: Buffer): readonly Taken[] {
  const taken: Taken[] = [];
  for (const { file, ...place } of base64Strings(bytes, lightestFile)) {
    const sha256 = hash("sha256", file, "hex");
    taken.push({ ...place, bytes: file, sha256, placeholder: `recado:${taken.length}:${sha256}` });
  }
  return taken;
}

/** `bytes` with `text` in the place of each. */
function withTexts(bytes: Buffer, taken: readonly Taken[], text: (one: Taken) => string): Buffer {
  const parts: Buffer[] = [];
  let copied = 0;
  for (const one of taken) {
    parts.push(bytes.subarray(copied, one.start), Buffer.from(text(one)));
    copied = one.end;
  }
  parts.push(bytes.subarray(copied));
  return Buffer.concat(parts);
}

/** Characters of a name beside a file: each of many files would carry all of a long one. */
const longestFilename = 255;

/** A pair of surrogates stays whole. */
function shortName(said: unknown): string | undefined {
  if (typeof said !== "string") return undefined;
  return said.slice(0, longestFilename).replace(/[\uD800-\uDBFF]$/, "");
}

function referenceText(
  keys: MediaKeys,
  tenantId: string,
  one: Taken,
  said: SaidOfFile | undefined,
): string {
  const mimetype = plainType(said?.mimetype) ?? sniffedType(one.bytes);
  const filename = shortName(said?.filename);
  const about = writeAbout({
    mimetype,
    ...(filename === undefined ? {} : { filename }),
    ...(one.dataPrefix === "" ? {} : { dataPrefix: one.dataPrefix }),
  });
  return JSON.stringify({
    url: keys.marker(tenantId, { sha256: one.sha256, about }),
    mimetype,
    size: one.bytes.length,
    sha256: one.sha256,
    ...(filename === undefined ? {} : { filename }),
  });
}

/**
 * A JSON body without its files: each is replaced by `{url, mimetype, size, sha256, filename?}`, where `url`
 * is a marker. The same bytes give the same light ones. Undefined when there is nothing to take out, or the
 * body is no JSON: then it is judged as it came.
 */
export function lightenBody(
  keys: MediaKeys,
  tenantId: string,
  bytes: Buffer,
): LightBody | undefined {
  const taken = takenFrom(bytes);
  if (taken.length === 0) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(
      withTexts(bytes, taken, ({ placeholder }) => `"${placeholder}"`)
        .toString("utf8")
        .replace(/^\uFEFF/, ""),
    );
  } catch {
    return undefined;
  }
  const said = saidOfFiles(parsed, new Set(taken.map(({ placeholder }) => placeholder)));
  const light = withTexts(bytes, taken, (one) =>
    referenceText(keys, tenantId, one, said.get(one.placeholder)),
  );
  return { bytes: light, files: [...new Map(taken.map((one) => [one.sha256, one])).values()] };
}
