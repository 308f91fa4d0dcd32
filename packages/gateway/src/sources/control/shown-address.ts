const longest = 300;

/**
 * A webhook's address as it may be shown: without user name, password and query, which may be secrets. In
 * an address of ours the last part is a token, and is left out too.
 */
export function shownAddress(text: string, isOurs: boolean): string {
  const url = URL.parse(text.trim());
  if (url === null) return "an address that is none";
  const path = isOurs ? url.pathname.replace(/[^/]*\/*$/, "…") : url.pathname;
  const query = url.search === "" ? "" : "?…";
  const shown = `${url.protocol}//${url.host}${path}${query}`;
  return shown.length <= longest ? shown : `${shown.slice(0, longest - 1).toWellFormed()}…`;
}

/** A list of names as it may be shown. */
export function shownNames(names: readonly string[]): string {
  const text = names.join(", ").toWellFormed();
  if (text === "") return "none";
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
