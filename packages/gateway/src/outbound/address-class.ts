import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * What kind of network an address belongs to.
 *
 * - `public`: reachable by anybody
 * - `private`, `loopback`, `shared`: somebody's own network; an operator may open it
 * - `reserved`: documentation, benchmarks, protocol assignments; only an operator's own range opens it
 * - `link_local`, `metadata`, `unspecified`, `multicast`, `embedded`: never a destination. `embedded`
 *   are the IPv6 spellings that carry an IPv4 address (mapped, compatible, translated, 6to4, Teredo):
 *   nobody configures one, and each is a way around a rule for the address inside.
 */
export type AddressClass =
  | "public"
  | "private"
  | "loopback"
  | "shared"
  | "reserved"
  | "link_local"
  | "metadata"
  | "unspecified"
  | "multicast"
  | "embedded";

type Rule = readonly [range: string, addressClass: AddressClass];

/** First match wins. Metadata servers come first: some sit in public or private space. */
const ipv4Rules: readonly Rule[] = [
  ["169.254.169.254/32", "metadata"],
  ["168.63.129.16/32", "metadata"], // Azure's wire server, in public space
  ["100.100.100.200/32", "metadata"], // Alibaba, in shared space
  ["192.0.0.192/32", "metadata"], // Oracle
  ["0.0.0.0/8", "unspecified"],
  ["127.0.0.0/8", "loopback"],
  ["169.254.0.0/16", "link_local"],
  ["10.0.0.0/8", "private"],
  ["172.16.0.0/12", "private"],
  ["192.168.0.0/16", "private"],
  ["100.64.0.0/10", "shared"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "reserved"],
  ["192.88.99.0/24", "reserved"],
  ["198.18.0.0/15", "reserved"],
  ["198.51.100.0/24", "reserved"],
  ["203.0.113.0/24", "reserved"],
  ["224.0.0.0/4", "multicast"],
  ["255.255.255.255/32", "multicast"],
  ["240.0.0.0/4", "reserved"],
];

const ipv6Rules: readonly Rule[] = [
  ["fd00:ec2::/32", "metadata"], // AWS
  ["fd20:ce::254/128", "metadata"], // Google
  ["fd00:42::42/128", "metadata"], // Scaleway
  ["fd00:c1::a9fe:a9fe/128", "metadata"], // Oracle
  ["::1/128", "loopback"],
  ["::/128", "unspecified"],
  ["::/8", "embedded"], // after 64:ff9b::/96, which is judged by the address inside
  ["2001::/32", "embedded"],
  ["2002::/16", "embedded"],
  ["2001::/23", "reserved"],
  ["2001:db8::/32", "reserved"],
  ["3fff::/20", "reserved"],
  ["fe80::/10", "link_local"],
  ["fc00::/7", "private"],
  ["ff00::/8", "multicast"],
  ["2000::/3", "public"],
];

type Parsed<A> = readonly [range: readonly [A, number], addressClass: AddressClass];

function parseRules<A extends ipaddr.IPv4 | ipaddr.IPv6>(
  rules: readonly Rule[],
): readonly Parsed<A>[] {
  return rules.map(([range, addressClass]) => [
    ipaddr.parseCIDR(range) as unknown as readonly [A, number],
    addressClass,
  ]);
}

const ipv4 = parseRules<ipaddr.IPv4>(ipv4Rules);
const ipv6 = parseRules<ipaddr.IPv6>(ipv6Rules);
const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

function classifyIpv4(address: ipaddr.IPv4): AddressClass {
  for (const [[base, bits], addressClass] of ipv4) {
    if (address.match(base, bits)) return addressClass;
  }
  return "public";
}

function classifyIpv6(address: ipaddr.IPv6): AddressClass {
  // A NAT64 gateway turns these into the IPv4 address in their last four bytes.
  if (address.match(nat64)) return classifyIpv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  for (const [[base, bits], addressClass] of ipv6) {
    if (address.match(base, bits)) return addressClass;
  }
  // Outside 2000::/3 nothing is routed on the internet.
  return "reserved";
}

/**
 * Classifies a literal or resolved address. Anything that is no plain address text is `unspecified`,
 * which is never connected to.
 */
export function classifyAddress(text: string): AddressClass {
  // The library also reads octal and shortened forms; only canonical text is expected here.
  if (isIP(text) === 0) return "unspecified";
  const address = ipaddr.parse(text);
  return address.kind() === "ipv4"
    ? classifyIpv4(address as ipaddr.IPv4)
    : classifyIpv6(address as ipaddr.IPv6);
}

/** True when both texts are the same address, whatever their spelling (`::ffff:1.2.3.4` equals `1.2.3.4`). */
export function sameAddress(left: string, right: string): boolean {
  if (isIP(left) === 0 || isIP(right) === 0) return false;
  return ipaddr.process(left).toString() === ipaddr.process(right).toString();
}
