import { isIP } from "node:net";
import { classifyAddress, type AddressClass } from "./address-class.ts";
import { rangeAllows, type AllowTargets } from "./allow-targets.ts";

/**
 * Whether a URL and the addresses behind it may be called. Pure: nothing is resolved here.
 *
 * The same rules hold when an endpoint is made, edited, tested and at every attempt.
 */
export interface GuardPolicy {
  /** Opens private, loopback and shared networks; the operator's decision for one endpoint. */
  readonly allowPrivate: boolean;
  readonly targets: AllowTargets;
}

/** A URL that passed, split as a connection needs it. */
export interface GuardedTarget {
  readonly url: URL;
  readonly host:
    | { readonly kind: "address"; readonly address: string }
    | {
        readonly kind: "name";
        readonly name: string;
        /** The name may be known only inside this network (hosts file, search domains). */
        readonly local: boolean;
      };
}

export type UrlVerdict =
  | { readonly ok: true; readonly target: GuardedTarget }
  | { readonly ok: false; readonly code: "url_invalid" | "url_blocked"; readonly reason: string };

const maxUrlLength = 2048;
const maxHostLength = 253;
const maxLabelLength = 63;

/**
 * Ports above 1023 that speak something else than HTTP, where a POST could do harm or where browsers
 * refuse as well: databases, caches, container and cluster control, mail, IRC, SIP, X11, NFS.
 */
const deniedPorts: ReadonlySet<number> = new Set([
  1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2377, 2379, 2380, 3306, 3389, 3659, 4045, 4190,
  5060, 5061, 5432, 5900, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
  10_250, 10_255, 11_211, 27_017,
]);

/** Suffixes that never lead out of a local network. */
const localSuffixes: readonly string[] = [
  "localhost",
  "localdomain",
  "local",
  "internal",
  "home.arpa",
  "intranet",
  "corp",
  "home",
  "lan",
  "private",
];

/** Names of cloud metadata servers: closed even to private destinations. */
const metadataNames: ReadonlySet<string> = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);

const howToOpen =
  "the operator can open private destinations with DELIVERY_ALLOW_TARGETS, or with allowPrivate on an endpoint made " +
  "with the admin key; link-local and cloud metadata addresses stay blocked";

const closedForEver: ReadonlySet<AddressClass> = new Set<AddressClass>([
  "link_local",
  "metadata",
  "unspecified",
  "multicast",
  "embedded",
]);
const ownNetwork: ReadonlySet<AddressClass> = new Set<AddressClass>([
  "private",
  "loopback",
  "shared",
]);

function invalid(reason: string): UrlVerdict {
  return { ok: false, code: "url_invalid", reason };
}

function blocked(what: string): UrlVerdict {
  return { ok: false, code: "url_blocked", reason: `${what}; ${howToOpen}` };
}

/** Lower case and without the root's dot, as the lists are written. */
function bareName(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

function isLocalName(name: string): boolean {
  return (
    !name.includes(".") ||
    localSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
  );
}

function hostFault(name: string): string | undefined {
  if (name.length > maxHostLength)
    return `the host name is longer than ${maxHostLength} characters`;
  const labels = name.split(".");
  if (labels.some((label) => label.length === 0)) return "the host name has an empty label";
  if (labels.some((label) => label.length > maxLabelLength)) {
    return `a label of the host name is longer than ${maxLabelLength} characters`;
  }
  return undefined;
}

/** What is wrong with the text or the parts of the URL that are not its host. */
function formFault(text: string, url: URL): string | undefined {
  if (text.length > maxUrlLength || url.href.length > maxUrlLength) {
    return `the address is longer than ${maxUrlLength} characters`;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    return "only http and https can be called";
  if (url.username !== "" || url.password !== "")
    return "user name and password do not belong in the address";
  // An empty fragment leaves a bare "#" behind; WHATWG's `hash` does not show it.
  if (url.href.includes("#")) return "an address to call has no fragment (#…)";
  const port = url.port === "" ? undefined : Number(url.port);
  if (
    port !== undefined &&
    ((port < 1024 && port !== 80 && port !== 443) || deniedPorts.has(port))
  ) {
    return `port ${port} cannot be called; use 80, 443 or one from 1024 on that belongs to no other protocol`;
  }
  return undefined;
}

/**
 * Judges one address. `hostListed` says that the operator listed the name it belongs to.
 */
export function judgeAddress(address: string, policy: GuardPolicy, hostListed = false): boolean {
  const addressClass = classifyAddress(address);
  if (addressClass === "public") return true;
  if (closedForEver.has(addressClass)) return false;
  if (policy.allowPrivate && ownNetwork.has(addressClass)) return true;
  return hostListed || rangeAllows(policy.targets, address);
}

/** True when the operator listed this host name. */
export function isHostListed(name: string, policy: GuardPolicy): boolean {
  return policy.targets.hosts.has(bareName(name));
}

function inspectName(url: URL, policy: GuardPolicy): UrlVerdict {
  const name = bareName(url.hostname);
  const fault = hostFault(name);
  if (fault !== undefined) return invalid(fault);
  if (metadataNames.has(name)) return blocked("the address is a cloud metadata server");
  const open = policy.allowPrivate || isHostListed(name, policy);
  if (isLocalName(name) && !open) return blocked("the host name belongs to a local network");
  return { ok: true, target: { url, host: { kind: "name", name, local: open } } };
}

function inspectLiteral(url: URL, address: string, policy: GuardPolicy): UrlVerdict {
  if (!judgeAddress(address, policy)) {
    const addressClass = classifyAddress(address);
    const article = /^[aeiou]/.test(addressClass) ? "an" : "a";
    return blocked(`the address is in ${article} ${addressClass.replace("_", "-")} range`);
  }
  return { ok: true, target: { url, host: { kind: "address", address } } };
}

/**
 * Parses `text` once with the WHATWG rules and judges what a connection would really use: a host that
 * is an address in any spelling is judged as that address.
 */
export function inspectUrl(text: string, policy: GuardPolicy): UrlVerdict {
  if (!URL.canParse(text)) return invalid("the address is not a URL");
  const url = new URL(text);
  const fault = formFault(text, url);
  if (fault !== undefined) return invalid(fault);
  const literal = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  const verdict =
    isIP(literal) === 0 ? inspectName(url, policy) : inspectLiteral(url, literal, policy);
  // The parser drops tabs and line ends silently; an address that needs that was not typed by a person.
  if (verdict.ok && /[\u0000-\u001f\u007f]/.test(text))
    return invalid("the address has control characters");
  return verdict;
}
