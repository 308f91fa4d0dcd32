import type { Clock } from "../../../base/clock.ts";
import { RecadoError } from "../../../base/recado-error.ts";

/**
 * Between the sockets and the door: frames wait here while the store is busy.
 *
 * I1 Frames of one instance come to the door in the order in which they came, and instances do not wait for
 *    each other. The door stores in the order of its calls, so that several may be under way: one commit
 *    takes them all (`frame-line.test.ts`, `provider-sockets.test.ts`).
 * I2 Bounded in frames per instance and in bytes altogether; what finds no room is dropped, counted and
 *    told once per outage, so that it can be fetched again (`frame-line.test.ts`).
 * I3 A frame is tried until the store has taken it or refused it for good. While it does not, only the
 *    first is tried, and what failed together keeps its order (`frame-line.test.ts`).
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

/** Frames of one instance that are under way to the store at once. */
const mostUnderWay = 64;

interface Lane {
  /** Oldest first. */
  waiting: QueuedFrame[];
  /** Index of the first frame that waits: taking from the front of an array moves all the others. */
  head: number;
  /** Calls of the door that are not answered. */
  underWay: number;
  /** Frames that the store could not take for the moment, to be tried again once nothing is under way. */
  failed: { readonly order: number; readonly frame: QueuedFrame }[];
  /** Failures in a row; above 0 one frame is tried at a time. */
  failures: number;
  isPausing: boolean;
  started: number;
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
  readonly #pauses = new Set<() => void>();
  #bytes = 0;
  /** Frames that are not through, of all lanes. */
  #pending = 0;
  #isGivenUp = false;

  constructor(options: FrameLineOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options.limits };
  }

  offer(key: string, frame: QueuedFrame): void {
    const lane = this.#lanes.get(key) ?? newLane();
    this.#lanes.set(key, lane);
    const { framesPerKey, bytes } = this.#limits;
    const isFull = countOf(lane) >= framesPerKey || this.#bytes + frame.bytes > bytes;
    if (isFull || this.#isGivenUp) return this.#drop(lane);
    lane.waiting.push(frame);
    this.#bytes += frame.bytes;
    this.#pending += 1;
    this.#pump(key, lane);
  }

  counts(key: string): FrameCounts {
    const lane = this.#lanes.get(key);
    if (lane === undefined) return { waiting: 0, dropped: 0, refused: 0 };
    return { waiting: countOf(lane), dropped: lane.dropped, refused: lane.refused };
  }

  forget(key: string): void {
    const lane = this.#lanes.get(key);
    if (lane !== undefined && countOf(lane) === 0) this.#lanes.delete(key);
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.#pending === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push(resolve);
    const cancel = this.#options.clock.after(deadlineMs, () => {
      this.#isGivenUp = true;
      for (const resume of this.#pauses) resume();
    });
    await promise;
    cancel();
  }

  /** Brings to the door what may go there now. */
  #pump(key: string, lane: Lane): void {
    const most = lane.failures > 0 ? 1 : mostUnderWay;
    while (!lane.isPausing && lane.failed.length === 0 && lane.underWay < most) {
      const frame = lane.waiting[lane.head];
      if (frame === undefined) break;
      lane.head += 1;
      if (this.#isGivenUp) {
        this.#done(frame);
        this.#drop(lane);
      } else void this.#pass(key, lane, frame);
    }
    tidy(lane);
    this.#tellDropped(key, lane);
    if (this.#pending === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #pass(key: string, lane: Lane, frame: QueuedFrame): Promise<void> {
    const order = lane.started++;
    lane.underWay += 1;
    try {
      await frame.receive();
      lane.failures = 0;
      this.#done(frame);
    } catch (error) {
      if (isPassing(error)) lane.failed.push({ order, frame });
      else {
        this.#done(frame);
        lane.refused += 1;
        this.#options.onRefused(key, error);
      }
    }
    lane.underWay -= 1;
    if (lane.failed.length > 0 && lane.underWay === 0) this.#pause(key, lane);
    this.#pump(key, lane);
  }

  /** Puts what failed back to the front, and leaves the store alone for a while. */
  #pause(key: string, lane: Lane): void {
    const failed = lane.failed.toSorted((left, right) => left.order - right.order);
    lane.waiting = [...failed.map(({ frame }) => frame), ...lane.waiting.slice(lane.head)];
    lane.head = 0;
    lane.failed = [];
    lane.failures += 1;
    lane.isPausing = true;
    const ms = Math.min(firstRetryMs * 2 ** Math.min(lane.failures - 1, 10), longestRetryMs);
    const resume = (): void => {
      cancel();
      this.#pauses.delete(resume);
      lane.isPausing = false;
      this.#pump(key, lane);
    };
    const cancel = this.#options.clock.after(ms, resume);
    this.#pauses.add(resume);
    if (this.#isGivenUp) resume();
  }

  #drop(lane: Lane): void {
    lane.dropped += 1;
    lane.droppedSince ??= this.#options.clock.now();
  }

  #done({ bytes }: QueuedFrame): void {
    this.#bytes -= bytes;
    this.#pending -= 1;
  }

  /** Told once the worst is over: what fetches them again needs the store too. */
  #tellDropped(key: string, lane: Lane): void {
    if (lane.droppedSince === undefined || countOf(lane) > this.#limits.framesPerKey / 2) return;
    const since = lane.droppedSince;
    lane.droppedSince = undefined;
    this.#options.onDropped(key, since);
  }
}

function newLane(): Lane {
  return {
    waiting: [],
    head: 0,
    underWay: 0,
    failed: [],
    failures: 0,
    isPausing: false,
    started: 0,
    dropped: 0,
    refused: 0,
    droppedSince: undefined,
  };
}

/** Frames of a lane that are not through. */
function countOf({ waiting, head, underWay, failed }: Lane): number {
  return waiting.length - head + underWay + failed.length;
}

function tidy(lane: Lane): void {
  if (lane.head < 1_000 && lane.head < lane.waiting.length) return;
  lane.waiting.splice(0, lane.head);
  lane.head = 0;
}

function isPassing(error: unknown): boolean {
  return error instanceof RecadoError && error.entry.status >= 500;
}
