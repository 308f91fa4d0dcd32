import { RecadoError } from "../base/recado-error.ts";
import type { UrlCheck } from "./options.ts";

/**
 * Refuses an address that may not be called: `url_invalid` or `url_blocked`. The reason names what to
 * change and who may open it, never the address that a name leads to.
 */
export async function requireUsableUrl(
  outbound: UrlCheck,
  url: string,
  allowPrivate: boolean,
): Promise<void> {
  const verdict = await outbound.checkUrl(url, { allowPrivate });
  if (!verdict.ok) throw new RecadoError(verdict.code, [verdict.reason]);
}
