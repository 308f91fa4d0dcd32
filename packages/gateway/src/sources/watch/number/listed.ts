import type { RemoteInstance } from "../../control/index.ts";
import { connectionTold, type ConnectionNews } from "./connection.ts";
import type { WatchedNumber } from "./watched-number.ts";

/** A number together with what its server's list says of it. */
export interface ListedNumber {
  readonly instanceId: string;
  readonly remote: RemoteInstance;
}

function newsOf(remote: RemoteInstance): ConnectionNews {
  const { state, providerState, account, disconnectCode } = remote;
  return { state, providerState, account, code: state === "close" ? disconnectCode : undefined };
}

/**
 * Notes what a server's list said at `at` (Unix milliseconds). Answers true when it is the first thing ever
 * known of the number, which then has this state: that is no news, and contradicts nothing.
 */
export function takeListed(number: WatchedNumber, remote: RemoteInstance, at: number): boolean {
  number.probe = { at, answer: remote.state, providerState: remote.providerState };
  if (number.connection.state !== undefined) return false;
  number.connection = connectionTold(number.connection, newsOf(remote), at);
  if (remote.state === "open") number.steadySince = at;
  return true;
}
