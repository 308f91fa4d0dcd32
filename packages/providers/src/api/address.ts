/** Where a server is, and how a call's path is written. */

/**
 * The canonical base of a server's address: without query, fragment and trailing slashes. Undefined for
 * what is not http or https, or carries a user name or password, which would end up in logs.
 * `pages` are ends of the path that people copy from their browser's address bar (`/manager`).
 */
export function baseUrlOf(text: string, pages: readonly string[] = []): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  let path = url.pathname.replace(/\/+$/, "");
  for (const page of pages) {
    if (path.endsWith(page)) path = path.slice(0, -page.length).replace(/\/+$/, "");
  }
  return `${url.origin}${path}`;
}

/** Values for the places of a path template. */
export type PathParts = Readonly<Record<string, string>>;

/**
 * Fills `:name` places. Undefined when a part cannot be said in a path: an empty one would name another
 * route, `.` and `..` are taken out of every URL however they are encoded, and half a surrogate pair
 * has no encoding.
 */
export function fillPath(template: string, parts: PathParts): string | undefined {
  let possible = true;
  const path = template.replaceAll(/:([a-zA-Z]+)/g, (_, name: string) => {
    const part = parts[name] ?? "";
    if (part === "" || part === "." || part === ".." || !part.isWellFormed()) {
      possible = false;
      return "";
    }
    return encodeURIComponent(part);
  });
  return possible ? path : undefined;
}

/** Values of a query; absent ones are left out. */
export type QueryParts = Readonly<Record<string, string | number | boolean | undefined>>;

/** `?a=1&b=2`, or nothing. */
export function queryText(parts: QueryParts): string {
  const pairs = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value).toWellFormed())}`],
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
