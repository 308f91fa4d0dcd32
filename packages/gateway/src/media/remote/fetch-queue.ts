import { steadyTime, type Clock } from "../../base/clock.ts";
import type { TenantScope } from "../../store/contract/index.ts";
import type { WantedFile } from "./remote-records.ts";

/**
 * Files that wait to be fetched, a line for each server.
 *
 * I1 At most {@link QueueLimits.perServer} of a server and {@link QueueLimits.inAll} of all are fetched at
 *    once; servers take turns, so that one that is slow leaves the others their places.
 * I2 At most {@link QueueLimits.perTenant} of a tenant wait; who brings more waits for room.
 * I3 A file that may be had later is tried again after each of the given pauses; then whoever fetches is told
 *    that it is the last try, and may only ask for another where it could not even note the outcome.
 */
export interface QueueLimits {
  readonly perServer: number;
  readonly inAll: number;
  readonly perTenant: number;
  /** Before the second try, the third, …, milliseconds. */
  readonly pausesMs: readonly number[];
}

export const usualLimits: QueueLimits = {
  perServer: 2,
  inAll: 4,
  perTenant: 500,
  // A quarter of an hour in all: WAHA itself may be down for an update, with its files kept.
  pausesMs: [1_000, 4_000, 15_000, 30_000, 60_000, 120_000, 240_000, 480_000],
};

interface Waiting {
  readonly wanted: WantedFile;
  readonly tries: number;
  /** Steady milliseconds. */
  readonly due: number;
}

interface Line {
  readonly waiting: Waiting[];
  running: number;
}

export interface FetchQueueOptions {
  readonly clock: Clock;
  readonly limits: QueueLimits;
  /** Fetches once. `again`: it may go better later. Never rejects. */
  readonly attempt: (wanted: WantedFile, isLast: boolean) => Promise<"again" | "done">;
}

export class FetchQueue {
  readonly #options: FetchQueueOptions;
  readonly #lines = new Map<string, Line>();
  /** Files that wait or are fetched, by their key. */
  readonly #keys = new Set<string>();
  readonly #perTenant = new Map<string, number>();
  readonly #forRoom: (() => void)[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #now: () => number;
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(options: FetchQueueOptions) {
    this.#options = options;
    this.#now = steadyTime(options.clock);
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Nothing for a file that is here already. */
  add(wanted: WantedFile): void {
    if (this.#keys.has(wanted.key)) return;
    this.#keys.add(wanted.key);
    const { tenantId } = wanted.scope;
    this.#perTenant.set(tenantId, (this.#perTenant.get(tenantId) ?? 0) + 1);
    this.#lineOf(wanted).waiting.push({ wanted, tries: 0, due: 0 });
    this.#go();
  }

  /** Resolves when the tenant may bring another one, or when everything stops. */
  async room({ tenantId }: TenantScope): Promise<void> {
    while (!this.#isStopped) {
      if ((this.#perTenant.get(tenantId) ?? 0) < this.#options.limits.perTenant) return;
      await new Promise<void>((resolve) => this.#forRoom.push(resolve));
    }
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    this.#tellOfRoom();
    await Promise.all(this.#running);
  }

  #lineOf({ scope, serverId }: WantedFile): Line {
    const name = JSON.stringify([scope.tenantId, serverId]);
    const line = this.#lines.get(name) ?? { waiting: [], running: 0 };
    this.#lines.set(name, line);
    return line;
  }

  #go(): void {
    this.#cancel();
    if (this.#isStopped) return;
    const { limits, clock } = this.#options;
    const now = this.#now();
    let next = Number.POSITIVE_INFINITY;
    for (const [name, line] of this.#lines) {
      if (line.waiting.length === 0 && line.running === 0) this.#lines.delete(name);
      while (line.running < limits.perServer && this.#running.size < limits.inAll) {
        const at = line.waiting.findIndex(({ due }) => due <= now);
        const [found] = at === -1 ? [] : line.waiting.splice(at, 1);
        if (!found) break;
        this.#begin(line, found);
        // To the end of the row, where it is met once more and finds its places taken or nobody waiting.
        this.#lines.delete(name);
        this.#lines.set(name, line);
      }
      for (const { due } of line.waiting) if (due > now) next = Math.min(next, due);
    }
    if (Number.isFinite(next)) this.#cancel = clock.after(next - now, () => this.#go());
  }

  #begin(line: Line, waiting: Waiting): void {
    line.running++;
    const work = this.#run(line, waiting).finally(() => {
      this.#running.delete(work);
      line.running--;
      this.#go();
    });
    this.#running.add(work);
  }

  async #run(line: Line, { wanted, tries }: Waiting): Promise<void> {
    const { attempt, limits } = this.#options;
    const { pausesMs } = limits;
    const outcome = await attempt(wanted, tries >= pausesMs.length);
    if (outcome === "again") {
      const pauseMs = pausesMs[tries] ?? pausesMs.at(-1) ?? 1_000;
      line.waiting.push({ wanted, tries: tries + 1, due: this.#now() + pauseMs });
      return;
    }
    this.#keys.delete(wanted.key);
    const { tenantId } = wanted.scope;
    const left = (this.#perTenant.get(tenantId) ?? 1) - 1;
    if (left === 0) this.#perTenant.delete(tenantId);
    else this.#perTenant.set(tenantId, left);
    this.#tellOfRoom();
  }

  #tellOfRoom(): void {
    for (const tell of this.#forRoom.splice(0)) tell();
  }
}
