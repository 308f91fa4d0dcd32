import { isIP, type LookupFunction } from "node:net";
import { rootCertificates } from "node:tls";
import { buildConnector, Pool } from "undici";
import type { Clock } from "../base/clock.ts";
import { sameAddress } from "./address-class.ts";

/** A connection that was never made: nothing was sent, so another address may be tried. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  /** True when the socket ended somewhere else than at the vetted address. */
  readonly misdirected: boolean;

  constructor(cause: unknown, misdirected = false) {
    super("the connection was not made", { cause });
    this.misdirected = misdirected;
  }
}

/** Connections of one origin to one vetted address. */
export interface PinnedPool {
  readonly pool: Pool;
  readonly address: string;
  /** Gives the pool back; idle pools are closed after a while. */
  release(): void;
}

export interface PinnedPools {
  /** `origin` as WHATWG writes it; `address` must have been vetted by the caller. */
  take(origin: string, address: string): PinnedPool;
  /** True when the origin has connections to this address. */
  has(origin: string, address: string): boolean;
  /** Ends every connection; requests under way fail. */
  close(): Promise<void>;
}

export interface PinnedPoolOptions {
  readonly clock: Clock;
  /** Additional certificate authorities, PEM. */
  readonly trustedCertificates?: readonly string[];
}

/** Idle sockets go after this, so that changes of DNS and policy take effect. */
const idleSocketMs = 30_000;
const idlePoolMs = 60_000;
const connectTimeoutMs = 5_000;
/** Of a response's header section, bytes. */
const maxHeaderSize = 16 * 1024;

/** Answers every lookup with the one vetted address. */
function pinnedLookup(address: string): LookupFunction {
  const family = isIP(address);
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

function createPool(origin: string, address: string, trusted: readonly string[]): Pool {
  const connect = buildConnector({
    allowH2: false,
    timeout: connectTimeoutMs,
    lookup: pinnedLookup(address),
    ...(trusted.length > 0 ? { ca: [...rootCertificates, ...trusted] } : {}),
  });
  return new Pool(origin, {
    allowH2: false,
    useMilo: false,
    pipelining: 1,
    keepAliveMaxTimeout: idleSocketMs,
    // Both count between chunks only; the caller's total time limit ends slow answers.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize,
    connect(options, callback) {
      connect(options, (error, socket) => {
        if (error !== null) {
          callback(new ConnectFailure(error), null);
        } else if (!sameAddress(socket.remoteAddress ?? "", address)) {
          // Hooks are skipped for literals and can be bypassed: what counts is where the socket ended.
          socket.destroy();
          callback(new ConnectFailure(undefined, true), null);
        } else {
          callback(null, socket);
        }
      });
    },
  });
}

interface Entry {
  readonly pool: Pool;
  inFlight: number;
  lastUsedAt: number;
}

function keyOf(origin: string, address: string): string {
  return `${origin} ${address}`;
}

/**
 * Keeps one pool for each origin and vetted address, so that a delivery reuses a connection whenever the
 * same address was vetted again, and never one that was not.
 */
export function createPinnedPools({
  clock,
  trustedCertificates = [],
}: PinnedPoolOptions): PinnedPools {
  const entries = new Map<string, Entry>();
  let cancelSweep: (() => void) | undefined;

  function sweep(): void {
    cancelSweep = undefined;
    const oldest = clock.monotonic() - idlePoolMs;
    for (const [key, entry] of entries) {
      if (entry.inFlight > 0 || entry.lastUsedAt > oldest) continue;
      entries.delete(key);
      void entry.pool.destroy();
    }
    scheduleSweep();
  }

  function scheduleSweep(): void {
    if (entries.size > 0) cancelSweep ??= clock.after(idlePoolMs, sweep);
  }

  return {
    take(origin, address) {
      const key = keyOf(origin, address);
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = {
          pool: createPool(origin, address, trustedCertificates),
          inFlight: 0,
          lastUsedAt: 0,
        };
        entries.set(key, entry);
        scheduleSweep();
      }
      const taken = entry;
      taken.inFlight += 1;
      return {
        pool: taken.pool,
        address,
        release() {
          taken.inFlight -= 1;
          taken.lastUsedAt = clock.monotonic();
        },
      };
    },
    has: (origin, address) => entries.has(keyOf(origin, address)),
    async close() {
      cancelSweep?.();
      cancelSweep = undefined;
      const pools = [...entries.values()];
      entries.clear();
      await Promise.all(pools.map(({ pool }) => pool.destroy()));
    },
  };
}
