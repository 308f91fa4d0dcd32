import type { MediaFiles } from "../files/media-files.ts";
import { markerPrefix, readAbout, type FileReference, type MediaKeys } from "./media-keys.ts";

/** Most bytes of files that are put back into one body; what is beyond is left as a link. */
const mostBytes = 256 * 1_048_576;

const opening = '{"url":"';

interface Place extends FileReference {
  readonly start: number;
  readonly end: number;
}

/** Behind the object that starts at `start`; it was written by us, flat. */
export function endOfObject(text: string, start: number): number {
  let inText = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (inText && letter === "\\") at++;
    else if (letter === '"') inText = !inText;
    else if (letter === "}" && !inText) return at + 1;
  }
  return -1;
}

/** Where references stand as they were written by us: `{"url":"<marker>",…}`. */
function placesIn(keys: MediaKeys, tenantId: string, text: string): readonly Place[] {
  const places: Place[] = [];
  for (let at = text.indexOf(markerPrefix); at !== -1; at = text.indexOf(markerPrefix, at + 1)) {
    const start = at - opening.length;
    // A body may be full of what only looks like ours: each costs a look at its own place, not at all behind it.
    if (start < 0 || !text.startsWith(opening, start)) continue;
    const close = text.indexOf('"', at);
    if (close === -1) break;
    let file: FileReference | undefined;
    const marker = text.slice(at, close);
    const left = keys.replaceMarkers(tenantId, marker, (found) => {
      file = found;
      return "";
    });
    const end = file && left === "" ? endOfObject(text, start) : -1;
    if (file && end !== -1) places.push({ ...file, start, end });
  }
  return places;
}

/**
 * The provider's own body again: files that were taken out are base64 in it, in the form they came in. One that
 * is gone is said in its place: `{"error":"media_gone",…}`.
 */
export async function putFilesBack(
  { keys, files }: { readonly keys: MediaKeys; readonly files: MediaFiles },
  tenantId: string,
  text: string,
): Promise<string> {
  if (!text.includes(markerPrefix)) return text;
  const part = keys.tenantPart(tenantId);
  const parts: string[] = [];
  let copied = 0;
  let bytes = 0;
  for (const { start, end, sha256, about } of placesIn(keys, tenantId, text)) {
    const found = await files.read(part, sha256);
    try {
      bytes += found?.size ?? 0;
      if (bytes > mostBytes) break;
      const { dataPrefix = "" } = readAbout(about);
      const content = await found?.bytes();
      const value = content && `${dataPrefix}${content.toString("base64")}`;
      const written =
        value === undefined
          ? JSON.stringify({ error: "media_gone", sha256 })
          : `${JSON.stringify(dataPrefix).slice(0, -1)}${value.slice(dataPrefix.length)}"`;
      parts.push(text.slice(copied, start), written);
      copied = end;
    } finally {
      await found?.close();
    }
  }
  return parts.join("") + text.slice(copied);
}
