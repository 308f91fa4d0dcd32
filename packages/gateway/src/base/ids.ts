import { randomBytes } from "node:crypto";
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

export const systemIds: Ids = {
  next: (prefix) => `${prefix}_${v7()}`,
  token: (bytes) => randomBytes(bytes).toString("base64url"),
  random: Math.random,
};
