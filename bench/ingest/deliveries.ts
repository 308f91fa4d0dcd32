import { percentile } from "./statistics.ts";

/** Which message reached which socket, and when: proves that each came to all of its readers, once. */
export class Deliveries {
  readonly #tenants: number;
  readonly #readersPerTenant: number;
  /** A bit per reader, by message number. */
  #seen = new Uint16Array(1 << 16);
  #dueAt = new Float64Array(1 << 16);
  #duplicates = 0;
  #strays = 0;
  #delivered = 0;
  /** Milliseconds from due to seen, by one reader of each tenant. */
  readonly #latencies: number[] = [];
  #measuringFrom = Number.POSITIVE_INFINITY;
  #measuringTo = Number.POSITIVE_INFINITY;

  constructor(tenants: number, readersPerTenant: number) {
    if (readersPerTenant > 16) throw new Error("a message has room for 16 readers");
    this.#tenants = tenants;
    this.#readersPerTenant = readersPerTenant;
  }

  get delivered(): number {
    return this.#delivered;
  }

  due(number: number, at: number): void {
    if (number >= this.#seen.length) this.#grow();
    this.#dueAt[number] = at;
  }

  /** Latencies count for messages that are due from now on. */
  measure(from: number, to: number): void {
    this.#measuringFrom = from;
    this.#measuringTo = to;
  }

  seen(number: number, tenant: number, reader: number): void {
    const mask = this.#seen[number];
    if (number < 0 || mask === undefined || number % this.#tenants !== tenant) {
      this.#strays += 1;
      return;
    }
    const bit = 1 << reader;
    if (mask & bit) {
      this.#duplicates += 1;
      return;
    }
    this.#seen[number] = mask | bit;
    this.#delivered += 1;
    if (reader !== 0) return;
    const dueAt = this.#dueAt[number] ?? 0;
    if (dueAt >= this.#measuringFrom && dueAt < this.#measuringTo) {
      this.#latencies.push(performance.now() - dueAt);
    }
  }

  report(sent: number): DeliveryReport {
    const latencies = this.#latencies.toSorted((a, b) => a - b);
    return {
      ratio: sent === 0 ? 0 : this.#delivered / (sent * this.#readersPerTenant),
      duplicates: this.#duplicates,
      strays: this.#strays,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    };
  }

  #grow(): void {
    const seen = new Uint16Array(this.#seen.length * 2);
    seen.set(this.#seen);
    this.#seen = seen;
    const dueAt = new Float64Array(seen.length);
    dueAt.set(this.#dueAt);
    this.#dueAt = dueAt;
  }
}

export interface DeliveryReport {
  /** Deliveries per message and reader; must be 1. */
  readonly ratio: number;
  readonly duplicates: number;
  /** Packets that reached a socket of another tenant, or held no message of ours. */
  readonly strays: number;
  /** Webhook due → seen in a socket, milliseconds. */
  readonly p50: number;
  readonly p99: number;
}
