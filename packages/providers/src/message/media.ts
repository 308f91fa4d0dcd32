import type { Media } from "@recado/protocol";
import { sha256HexOf } from "./read/bytes.ts";
import { compact, firstMember, member, wordAt } from "./read/members.ts";
import { countOf, numberOf } from "./read/numbers.ts";

/** What stands in the place of base64 in a body whose files were taken out at the door. */
const taken = /^recado-media:/;

/** A file that was taken out of the body, as the body refers to it; undefined for anything else. */
export function takenFile(value: unknown): Media | undefined {
  const url = wordAt(value, "url");
  if (url === undefined || !taken.test(url)) return undefined;
  return compact<Media>({
    url,
    mimetype: wordAt(value, "mimetype"),
    size: countOf(member(value, "size")),
    sha256: wordAt(value, "sha256"),
    filename: wordAt(value, "filename"),
  });
}

/**
 * The file of a media content. `levels` are the messages around it, where a gateway-side link or the
 * file itself may stand; the content's own `url` needs the media key and is no link for anybody else.
 */
export function mediaOf(value: unknown, levels: readonly unknown[] = []): Media {
  const seconds = numberOf(firstMember(value, "seconds", "duration"));
  const inline = levels.some((level) => wordAt(level, "base64") !== undefined);
  const file = levels.map((level) => takenFile(member(level, "base64"))).find(Boolean);
  const said = compact<Media>({
    url: levels.map((level) => wordAt(level, "mediaUrl")).find((url) => url !== undefined),
    mimetype: wordAt(value, "mimetype", "mime_type"),
    size: countOf(firstMember(value, "fileLength", "file_size")),
    sha256: sha256HexOf(firstMember(value, "fileSha256", "sha256")),
    filename: wordAt(value, "fileName", "filename", "title"),
    seconds: seconds !== undefined && seconds >= 0 ? seconds : undefined,
    width: countOf(member(value, "width")),
    height: countOf(member(value, "height")),
    pages: countOf(member(value, "pageCount")),
    inline: inline ? true : undefined,
  });
  // What was counted and hashed here is certain; the type and the name are the message's own.
  return file ? { ...file, ...said, ...certain(file) } : said;
}

function certain({ url, size, sha256 }: Media): Media {
  return compact<Media>({ url, size, sha256 });
}

/** True when neither a key, nor a path, nor a link, nor the file itself came with the media. */
export function isUnreachable(value: unknown, media: Media): boolean {
  return (
    media.url === undefined &&
    media.inline === undefined &&
    firstMember(value, "mediaKey", "directPath", "url", "id") === undefined
  );
}
