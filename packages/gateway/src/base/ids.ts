import { randomBytes, randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Ids and randomness, injected so that tests can repeat a run. */
export interface Ids {
  /** `<prefix>_<uuid v7>`: sortable by creation. */
  next(prefix: string): string;
  /** `bytes` of randomness as base64url: for tokens and keys. */
  token(bytes: number): string;
  /** In [0, 1); for jitter. */
  random(): number;
}

const idBytes = 16;
const pool = new Uint8Array(idBytes * 256);
let used = pool.length;

/** Randomness of one id. Drawn in bulk: a system call for each would be a tenth of an append. */
function idRandomness(): Uint8Array {
  if (used >= pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.subarray(used - idBytes, used);
}

const highestSequence = 0xffff_ffff;
let lastMs = 0;
let sequence = 0;

/** UUIDs of one millisecond count up, so that ids sort in the order in which they were made. */
function uuid(): string {
  const random = idRandomness();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    // 31 bits: room to count up without running over.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else if (sequence < highestSequence) sequence += 1;
  else {
    // Two thousand million ids while the clock stood still or was set back.
    lastMs += 1;
    sequence = 0;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

export const systemIds: Ids = {
  next: (prefix) => `${prefix}_${uuid()}`,
  token: (bytes) => randomBytes(bytes).toString("base64url"),
  random: Math.random,
};
