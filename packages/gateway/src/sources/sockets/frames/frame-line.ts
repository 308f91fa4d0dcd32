import type { Clock } from "../../../base/clock.ts";
import { RecadoError } from "../../../base/recado-error.ts";

/**
 * Between the sockets and the door: frames wait here while the store is busy.
 *
 * I1 Frames of one instance go through the door one after the other, in the order in which they came;
 *    instances do not wait for each other (`frame-line.test.ts`).
 * I2 Bounded in frames per instance and in bytes altogether; what finds no room is dropped, counted and
 *    told once per outage, so that it can be fetched again (`frame-line.test.ts`).
 * I3 A frame is tried until the store has taken it or refused it for good (`frame-line.test.ts`).
 */
export interface FrameLine {
  /** Never blocks and never throws. */
  offer(key: string, frame: QueuedFrame): void;
  counts(key: string): FrameCounts;
  /** Forgets an instance's counts; what waits still goes through. */
  forget(key: string): void;
  /** Resolves when everything is through the door; what the store does not take by `deadlineMs` is dropped. */
  close(deadlineMs: number): Promise<void>;
}

export interface QueuedFrame {
  readonly bytes: number;
  /** Rejects with a `RecadoError`; those with a status of 500 and above are passing. */
  readonly receive: () => Promise<unknown>;
}

export interface FrameCounts {
  readonly waiting: number;
  /** Without room, or left over at the end. */
  readonly dropped: number;
  /** By the door, for good. */
  readonly refused: number;
}

export interface FrameLineOptions {
  readonly clock: Clock;
  readonly limits?: Partial<FrameLimits>;
  /** Frames of this instance were dropped; the first of them came at `since`. Told when there is room again. */
  readonly onDropped: (key: string, since: number) => void;
  /** The door refused a frame for good, or failed on it. */
  readonly onRefused: (key: string, error: unknown) => void;
}

export interface FrameLimits {
  /** Waiting frames of one instance. */
  readonly framesPerKey: number;
  /** Waiting bytes of all instances. */
  readonly bytes: number;
}

const defaults: FrameLimits = { framesPerKey: 5_000, bytes: 128 * 1_048_576 };
/** Milliseconds. */
const firstRetryMs = 250;
const longestRetryMs = 5_000;

interface Lane {
  readonly frames: QueuedFrame[];
  /** Index of the first frame that waits: taking from the front of an array moves all the others. */
  head: number;
  isRunning: boolean;
  dropped: number;
  refused: number;
  droppedSince: number | undefined;
}

export function createFrameLine(options: FrameLineOptions): FrameLine {
  return new Line(options);
}

class Line implements FrameLine {
  readonly #options: FrameLineOptions;
  readonly #limits: FrameLimits;
  readonly #lanes = new Map<string, Lane>();
  readonly #idle: (() => void)[] = [];
  readonly #retries = new Set<() => void>();
  #bytes = 0;
  #running = 0;
  #isGivenUp = false;

  constructor(options: FrameLineOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
  }

  offer(key: string, frame: QueuedFrame): void {
    const lane = this.#lane(key);
    const isFull =
      waitingIn(lane) >= this.#limits.framesPerKey ||
      this.#bytes + frame.bytes > this.#limits.bytes;
    if (isFull || this.#isGivenUp) {
      lane.dropped += 1;
      lane.droppedSince ??= this.#options.clock.now();
      return;
    }
    lane.frames.push(frame);
    this.#bytes += frame.bytes;
    if (!lane.isRunning) void this.#run(key, lane);
  }

  counts(key: string): FrameCounts {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return { waiting: 0, dropped: 0, refused: 0 };
    return { waiting: waitingIn(lane), dropped: lane.dropped, refused: lane.refused };
  }

  forget(key: string): void {
    if (this.#lanes.get(key)?.isRunning === false) this.#lanes.delete(key);
  }

  async close(deadlineMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#running === 0) return;
    this.#idle.push(resolve);
    const cancel = this.#options.clock.after(deadlineMs, () => {
      this.#isGivenUp = true;
      for (const wake of this.#retries) wake();
    });
    await promise;
    cancel();
  }

  #lane(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const lane: Lane = {
      frames: [],
      head: 0,
      isRunning: false,
      dropped: 0,
      refused: 0,
      droppedSince: undefined,
    };
    this.#lanes.set(key, lane);
    return lane;
  }

  async #run(key: string, lane: Lane): Promise<void> {
    lane.isRunning = true;
    this.#running += 1;
    for (let frame = lane.frames[lane.head]; frame; frame = lane.frames[lane.head]) {
      await this.#pass(key, lane, frame);
      lane.head += 1;
      this.#bytes -= frame.bytes;
      if (lane.head >= 1_000) {
        lane.frames.splice(0, lane.head);
        lane.head = 0;
      }
      this.#tellDropped(key, lane);
    }
    lane.frames.length = 0;
    lane.head = 0;
    lane.isRunning = false;
    this.#running -= 1;
    if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Until the door has taken it, has refused it, or everything ends. */
  async #pass(key: string, lane: Lane, frame: QueuedFrame): Promise<void> {
    for (let tries = 1; !this.#isGivenUp; tries++) {
      try {
        await frame.receive();
        return;
      } catch (error) {
        if (!isPassing(error)) {
          lane.refused += 1;
          this.#options.onRefused(key, error);
          return;
        }
        await this.#wait(Math.min(firstRetryMs * 2 ** Math.min(tries - 1, 10), longestRetryMs));
      }
    }
    lane.dropped += 1;
    lane.droppedSince ??= this.#options.clock.now();
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(ms, resolve);
    this.#retries.add(resolve);
    await promise;
    this.#retries.delete(resolve);
    cancel();
  }

  /** Told once the worst is over: what fetches them again needs the store too. */
  #tellDropped(key: string, lane: Lane): void {
    if (lane.droppedSince === undefined || waitingIn(lane) > this.#limits.framesPerKey / 2) return;
    const since = lane.droppedSince;
    lane.droppedSince = undefined;
    this.#options.onDropped(key, since);
  }
}

function waitingIn(lane: Lane): number {
  return lane.frames.length - lane.head;
}

function isPassing(error: unknown): boolean {
  return error instanceof RecadoError && error.entry.status >= 500;
}
