import { evolutionEventNamesOf } from "@recado/providers";
import type { ForeignHook } from "../../control/server-control.ts";

/** What an endpoint must do to stand in for the provider at the address of a webhook. */
export interface KeptAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Names of headers that an endpoint must not set. */
  readonly droppedHeaders: readonly string[];
  /** Absent: all. */
  readonly events?: readonly string[];
  readonly byEvents: boolean;
  /** In the clear. */
  readonly jwtKey?: string;
  /** Media came inside its bodies. */
  readonly media: boolean;
}

/** Evolution replaces it by a token that is made with its value. */
const jwtHeader = "jwt_key";

/** What we send as well: leaving it out loses nothing. */
function isOurOwnAnyway(name: string, value: string): boolean {
  return name.toLowerCase() === "content-type" && /^application\/json\b/i.test(value);
}

/** Everything that a version of Evolution can send; `[]` stood for all when the webhook was set. */
function isEverything(events: readonly string[]): boolean {
  const names = new Set(events.map((name) => name.toUpperCase()));
  return evolutionEventNamesOf(undefined).every((name) => names.has(name));
}

/**
 * Reads the webhook that stood at the provider; undefined when nothing was ever sent to it: it was off, or
 * its address is none that can be called (Evolution stores any text). Pure.
 *
 * @param mayCarry judges headers by the rules of endpoints
 */
export function keptAddress(
  hook: ForeignHook,
  mayCarry: (headers: Readonly<Record<string, string>>) => boolean,
): KeptAddress | undefined {
  const protocol = URL.parse(hook.url)?.protocol;
  if (!hook.enabled || (protocol !== "http:" && protocol !== "https:")) return undefined;
  let headers: Readonly<Record<string, string>> = {};
  const droppedHeaders: string[] = [];
  for (const [name, value] of Object.entries(hook.headers)) {
    if (name === jwtHeader || isOurOwnAnyway(name, value)) continue;
    const more = { ...headers, [name]: value };
    if (mayCarry(more)) headers = more;
    else droppedHeaders.push(name.slice(0, 200));
  }
  const jwtKey = hook.headers[jwtHeader];
  return {
    url: hook.url,
    headers,
    droppedHeaders,
    ...(isEverything(hook.events) ? {} : { events: hook.events }),
    byEvents: hook.byEvents === true,
    ...(jwtKey === undefined || jwtKey === "" ? {} : { jwtKey }),
    media: hook.base64 === true,
  };
}
