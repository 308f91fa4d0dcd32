/** Recognising our own webhook addresses, and showing addresses without what is secret in them. Pure. */

const shownMask = "********";

/** The ingest token inside an address of the form `…/in/<token>[/<event>]`. */
export function ingestTokenIn(url: string): string | undefined {
  const path = URL.parse(url)?.pathname;
  return path === undefined ? undefined : /\/in\/([\w-]{16,})(?:\/[\w.-]*)?$/.exec(path)?.[1];
}

/** True when the address is below ours, whatever token it has. */
export function isBelow(publicUrl: string, url: string): boolean {
  const [base, other] = [URL.parse(publicUrl), URL.parse(url)];
  if (!base || !other || base.origin !== other.origin) return false;
  return other.pathname.startsWith(`${base.pathname.replace(/\/$/, "")}/in/`);
}

/**
 * Recognises addresses of ours by their token, which outlives a change of `PUBLIC_URL`. `tokens` is read
 * at each use.
 */
export function ownAddresses(tokens: ReadonlySet<string>): (url: string) => boolean {
  return (url) => {
    const token = ingestTokenIn(url);
    return token !== undefined && tokens.has(token);
  };
}

/** An address for showing: where it leads, without path, query and user, which often hold a secret. */
export function shownAddress(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return url === "" ? "" : shownMask;
  if (ingestTokenIn(url) !== undefined) return `${parsed.origin}/in/${shownMask}`;
  const isBare = parsed.pathname === "/" && parsed.search === "";
  return isBare ? parsed.origin : `${parsed.origin}/…`;
}
