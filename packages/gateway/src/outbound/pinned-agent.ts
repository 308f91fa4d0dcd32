import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { sameAddress } from "./address-class.ts";

/**
 * Agents for libraries that make their own connections (WebSocket clients): whatever such a library is
 * told to connect to, the connection ends at a vetted address or before anything was sent.
 */

/** The connection would have ended somewhere else than at a vetted address. */
export class MisdirectedConnection extends Error {
  override readonly name = "MisdirectedConnection";
  readonly code = "ERR_MISDIRECTED";

  constructor() {
    super("the connection does not lead to the address that was vetted");
  }
}

/** Answers every lookup with the vetted addresses, IPv4 first. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses
    .map((address) => ({ address, family: isIP(address) }))
    .toSorted((left, right) => left.family - right.family);
  return (_hostname, options, callback) => {
    const [first] = found;
    if (options.all) callback(null, found);
    else if (first) callback(null, first.address, first.family);
    else callback(new MisdirectedConnection(), "", 4);
  };
}

/** Hooks are skipped for literals: what counts is where the socket ended. First of all listeners, so that nothing is sent. */
function guarded<T>(socket: T, addresses: readonly string[]): T {
  const connection = socket as unknown as Socket;
  connection.prependOnceListener("connect", () => {
    const { remoteAddress = "" } = connection;
    if (!addresses.some((address) => sameAddress(remoteAddress, address)))
      connection.destroy(new MisdirectedConnection());
  });
  return socket;
}

class PinnedHttpAgent extends HttpAgent {
  readonly #addresses: readonly string[];

  constructor(addresses: readonly string[]) {
    super({ keepAlive: false, lookup: pinnedLookup(addresses), autoSelectFamily: true });
    this.#addresses = addresses;
  }

  override createConnection(
    ...given: Parameters<HttpAgent["createConnection"]>
  ): ReturnType<HttpAgent["createConnection"]> {
    return guarded(super.createConnection(...given), this.#addresses);
  }
}

class PinnedHttpsAgent extends HttpsAgent {
  readonly #addresses: readonly string[];

  constructor(addresses: readonly string[], trusted: readonly string[]) {
    super({
      keepAlive: false,
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
      // No session is taken over from an earlier connection, which may have led elsewhere.
      maxCachedSessions: 0,
      ...(trusted.length > 0 ? { ca: [...rootCertificates, ...trusted] } : {}),
    });
    this.#addresses = addresses;
  }

  override createConnection(
    ...given: Parameters<HttpsAgent["createConnection"]>
  ): ReturnType<HttpsAgent["createConnection"]> {
    return guarded(super.createConnection(...given), this.#addresses);
  }
}

/**
 * @param addresses vetted by the caller, at least one
 * @param trusted certificate authorities beside the built-in ones, PEM
 */
export function pinnedAgent(
  protocol: string,
  addresses: readonly string[],
  trusted: readonly string[],
): HttpAgent {
  return protocol === "https:"
    ? new PinnedHttpsAgent(addresses, trusted)
    : new PinnedHttpAgent(addresses);
}
