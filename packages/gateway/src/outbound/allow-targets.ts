import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** What an operator opens inside the private network: ranges and exact host names. */
export interface AllowTargets {
  readonly ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[];
  /** Lower case, without a trailing dot. */
  readonly hosts: ReadonlySet<string>;
}

export type ParsedAllowTargets =
  | { readonly ok: true; readonly targets: AllowTargets }
  | { readonly ok: false; readonly reason: string };

export const noAllowTargets: AllowTargets = { ranges: [], hosts: new Set() };

const hostPattern =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Reads entries such as `10.0.0.0/8`, `fd12::/16`, `192.168.1.5`, `n8n`, `hooks.corp.example`. */
export function parseAllowTargets(entries: readonly string[]): ParsedAllowTargets {
  const ranges: (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[] = [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    const text = entry.trim().toLowerCase();
    if (isIP(text) !== 0) {
      const address = ipaddr.parse(text);
      ranges.push([address, address.kind() === "ipv4" ? 32 : 128]);
    } else if (text.includes("/")) {
      const [base = "", bits = ""] = text.split("/");
      if (isIP(base) === 0 || !/^\d{1,3}$/.test(bits) || !ipaddr.isValidCIDR(text)) {
        return { ok: false, reason: `"${entry}" is not a range such as 10.0.0.0/8` };
      }
      ranges.push(ipaddr.parseCIDR(text));
    } else {
      const host = text.replace(/\.$/, "");
      if (!hostPattern.test(host))
        return { ok: false, reason: `"${entry}" is neither a range nor a host name` };
      hosts.add(host);
    }
  }
  return { ok: true, targets: { ranges, hosts } };
}

/** True when one of the operator's ranges holds the address. */
export function rangeAllows(targets: AllowTargets, address: string): boolean {
  if (targets.ranges.length === 0) return false;
  const parsed = ipaddr.parse(address);
  return targets.ranges.some(
    ([base, bits]) => base.kind() === parsed.kind() && parsed.match(base, bits),
  );
}
