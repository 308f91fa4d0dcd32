/**
 * Which file of WAHA's a media address means.
 *
 * The host in it comes from the server's WAHA_BASE_URL, `http://localhost:3000` by default, which is
 * useless from another machine, and the address itself came in with a payload. So nothing but the
 * file's own path is taken from it: the call, and the key with it, always go to the server that is
 * configured.
 */

const filesRoute = "/api/files/";
const mostSegments = 4;
const places = ["session", "folder", "part", "file"] as const;

/** A path template and its parts. */
export interface FilePath {
  readonly path: string;
  readonly parts: Readonly<Record<string, string>>;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

const unsafe = /[/\\\u0000-\u001f\u007f]/;

/**
 * The file of a full address, or of a path alone; undefined for an address that does not lead to
 * WAHA's own files (a bucket, WhatsApp's servers) or that tries to leave their folder.
 */
export function filePathOf(address: string): FilePath | undefined {
  const url = URL.parse(address, "http://localhost");
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const at = url.pathname.indexOf(filesRoute);
  if (at < 0) return undefined;
  const segments = url.pathname
    .slice(at + filesRoute.length)
    .split("/")
    .map(decoded);
  if (segments.length > mostSegments) return undefined;
  const parts: Record<string, string> = {};
  const names = places.slice(places.length - segments.length);
  for (const [index, segment] of segments.entries()) {
    const name = names[index];
    if (name === undefined || segment === undefined || segment === "" || unsafe.test(segment))
      return undefined;
    if (segment === "." || segment === "..") return undefined;
    parts[name] = segment;
  }
  return { path: `${filesRoute}${names.map((name) => `:${name}`).join("/")}`, parts };
}
