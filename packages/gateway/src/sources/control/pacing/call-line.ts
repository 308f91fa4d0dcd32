import {
  SendFailure,
  type ApiRequest,
  type ApiResponse,
  type SendRequest,
} from "@recado/providers";
import type { Clock } from "../../../base/clock.ts";
import type { CallPriority, ServerStanding } from "./standing.ts";
import { afterFailure, answering, pauseBefore, type BreakerState } from "./breaker.ts";
import { EvenPace } from "./even-pace.ts";

export interface LineLimits {
  /** Calls that may begin within a second. */
  readonly callsPerSecond: number;
  /** Calls that may be under way; at least 1. */
  readonly inFlight: number;
  /** Calls of one priority that may wait. */
  readonly waiting: number;
  /** How long a call may wait, milliseconds. */
  readonly maxWaitMs: Readonly<Record<CallPriority, number>>;
}

export interface CallLineOptions {
  readonly send: SendRequest;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly limits: LineLimits;
  /** Calls with the same turn run one after the other; undefined: with nobody's. */
  readonly turnOf: (request: ApiRequest) => string | undefined;
}

/** Words of this line's own refusals, as `reason` of a {@link SendFailure}. */
export const lineRefusals = {
  down: "server_down",
  full: "queue_full",
  late: "waited_too_long",
} as const;

/** Not the server's doing: these say nothing about whether it answers. */
const notItsFault: ReadonlySet<string> = new Set([
  "url_invalid",
  "blocked_address",
  "request_invalid",
  "closed",
  "aborted",
]);
/** A proxy that has nobody behind it. */
const nobodyBehind: ReadonlySet<number> = new Set([502, 504]);

interface Waiting {
  readonly request: ApiRequest;
  readonly priority: CallPriority;
  readonly turn: string | undefined;
  readonly since: number;
  readonly resolve: (response: ApiResponse) => void;
  readonly reject: (error: unknown) => void;
}

/** A background call goes first after so many of persons, so that it comes at all. */
const personsInARow = 4;

/**
 * The one way to a server: every call to it waits here until it may go out.
 *
 * Owns: how many calls begin in a second and are under way, in which order they go, and when a server that
 * does not answer is left alone. Must not know: providers, keys, what calls mean.
 *
 * I1 No more calls begin in a second, and none more are under way, than the limits say.
 * I2 Background calls leave room: a person's call never waits for more than the calls under way.
 * I3 While a server is down one call at a time tries it; every other one is refused at once.
 * I4 What waits is bounded in number and in time, and every call settles.
 * I5 A call that may go out does, however long deciding took.
 * Proven by `call-line.test.ts`.
 */
export class CallLine {
  readonly #options: CallLineOptions;
  readonly #pace: EvenPace;
  readonly #lanes: Readonly<Record<CallPriority, Waiting[]>> = { person: [], background: [] };
  readonly #turns = new Set<string>();
  readonly #underWay: Record<CallPriority, number> = { person: 0, background: 0 };
  #breaker: BreakerState = answering;
  #personsInARow = 0;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(options: CallLineOptions) {
    this.#options = options;
    this.#pace = new EvenPace(options.limits.callsPerSecond);
  }

  /** The sender of one priority. A request that was refused here is refused again when it is repeated. */
  sender(priority: CallPriority): SendRequest {
    const refused = new WeakMap<ApiRequest, SendFailure>();
    return async (request) => {
      const before = refused.get(request);
      if (before !== undefined) throw before;
      try {
        return await this.#enter(request, priority);
      } catch (error) {
        if (isLineRefusal(error)) refused.set(request, error);
        throw error;
      }
    };
  }

  standing(): ServerStanding {
    const { failures, reason, closedUntil } = this.#breaker;
    const now = this.#options.clock.monotonic();
    return {
      reachable: closedUntil === undefined,
      failures,
      ...(reason === undefined ? {} : { reason }),
      ...(closedUntil === undefined ? {} : { nextTryInMs: Math.max(0, closedUntil - now) }),
    };
  }

  /** Resolves after `ms`, at once while the server is down: a repeat would only be refused. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#isClosed || !this.standing().reachable) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal?.reason as Error);
      };
      const cancel = this.#options.clock.after(ms, () => {
        signal?.removeEventListener("abort", stop);
        resolve();
      });
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Refuses everything that waits or comes later. What is under way ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#refuseWaiting(shuttingDown);
  }

  #enter(request: ApiRequest, priority: CallPriority): Promise<ApiResponse> {
    const lane = this.#lanes[priority];
    const refusal = this.#isClosed ? shuttingDown() : this.#downFor(priority);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (lane.length >= this.#options.limits.waiting) {
      const words = `${lane.length} calls to this server wait already`;
      return Promise.reject(new SendFailure(lineRefusals.full, words));
    }
    return new Promise((resolve, reject) => {
      const turn = this.#options.turnOf(request);
      const since = this.#options.clock.monotonic();
      const entry: Waiting = { request, priority, turn, since, resolve, reject };
      lane.push(entry);
      this.#leaveWhenAborted(entry);
      this.#pump();
    });
  }

  #leaveWhenAborted(entry: Waiting): void {
    const { signal } = entry.request;
    if (signal === undefined) return;
    const leave = (): void => {
      const lane = this.#lanes[entry.priority];
      const at = lane.indexOf(entry);
      if (at >= 0) lane.splice(at, 1);
      entry.reject(signal.reason);
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }

  /** Why a call would not go out now; while down only a due probe does, and only one. */
  #downFor(priority: CallPriority): SendFailure | undefined {
    const { closedUntil, reason = "unreachable" } = this.#breaker;
    if (closedUntil === undefined) return undefined;
    const pauseMs = pauseBefore(this.#breaker, priority, this.#options.clock.monotonic());
    const isProbed = this.#count() > 0 || this.#waiting() > 0;
    if (pauseMs === 0 && !isProbed) return undefined;
    const seconds = Math.ceil(pauseMs / 1000);
    const when = seconds === 0 ? "it is being tried now" : `next try in ${seconds} s`;
    return new SendFailure(lineRefusals.down, `the server does not answer (${reason}); ${when}`);
  }

  #count(): number {
    return this.#underWay.person + this.#underWay.background;
  }

  #waiting(): number {
    return this.#lanes.person.length + this.#lanes.background.length;
  }

  /** Lets out whatever may go, and comes back when more may. */
  #pump(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock } = this.#options;
    // One look at the clock for all of it: a place that came free between two would be waited for by nobody.
    const now = clock.monotonic();
    this.#refuseLate(now);
    for (let next = this.#next(now); next !== undefined; next = this.#next(now))
      this.#begin(next, now);
    const pauseMs = this.#pauseUntilNext(now);
    if (pauseMs !== undefined) this.#cancelTimer = clock.after(pauseMs, () => this.#pump());
  }

  #next(now: number): Waiting | undefined {
    if (this.#count() >= this.#options.limits.inFlight) return undefined;
    if (this.#pace.pauseBefore(now) > 0) return undefined;
    const person = this.#firstOf("person");
    const background = this.#firstOf("background");
    const isTurnOfBackground = person === undefined || this.#personsInARow >= personsInARow;
    return background !== undefined && isTurnOfBackground ? background : person;
  }

  #firstOf(priority: CallPriority): Waiting | undefined {
    const { inFlight } = this.#options.limits;
    const most = priority === "person" ? inFlight : Math.max(1, inFlight - 2);
    if (this.#underWay[priority] >= most) return undefined;
    return this.#lanes[priority].find(({ turn }) => turn === undefined || !this.#turns.has(turn));
  }

  #begin(entry: Waiting, now: number): void {
    const { priority, turn, request, resolve, reject } = entry;
    const lane = this.#lanes[priority];
    lane.splice(lane.indexOf(entry), 1);
    this.#personsInARow = priority === "person" ? this.#personsInARow + 1 : 0;
    this.#pace.begin(now);
    this.#underWay[priority] += 1;
    if (turn !== undefined) this.#turns.add(turn);
    const end = (): void => {
      this.#underWay[priority] -= 1;
      if (turn !== undefined) this.#turns.delete(turn);
    };
    this.#options.send(request).then(
      (response) => {
        end();
        if (nobodyBehind.has(response.status)) this.#failed(`status_${response.status}`);
        else this.#breaker = answering;
        resolve(response);
        this.#pump();
      },
      (error: unknown) => {
        end();
        this.#failed(error instanceof SendFailure ? error.reason : "unreachable");
        reject(error);
        this.#pump();
      },
    );
  }

  #failed(reason: string): void {
    if (notItsFault.has(reason)) return;
    const { clock, random } = this.#options;
    this.#breaker = afterFailure(this.#breaker, reason, clock.monotonic(), random());
    if (this.#breaker.closedUntil === undefined) return;
    const words = `the server does not answer (${reason})`;
    this.#refuseWaiting(() => new SendFailure(lineRefusals.down, words));
  }

  #refuseWaiting(failure: () => SendFailure): void {
    for (const lane of [this.#lanes.person, this.#lanes.background]) {
      for (const { reject } of lane.splice(0)) reject(failure());
    }
  }

  /** Lanes are in the order of arrival, so that the late ones are at the beginning. */
  #refuseLate(now: number): void {
    for (const lane of [this.#lanes.person, this.#lanes.background]) {
      const isLate = ({ since, priority }: Waiting) => now - since >= this.#maxWaitMs(priority);
      const late = lane.findIndex((entry) => !isLate(entry));
      for (const { reject } of lane.splice(0, late < 0 ? lane.length : late)) {
        reject(
          new SendFailure(lineRefusals.late, "too many calls to this server were in front of it"),
        );
      }
    }
  }

  #maxWaitMs(priority: CallPriority): number {
    return this.#options.limits.maxWaitMs[priority];
  }

  /** When to look again without anything having ended: the next place in the second, or the next late one. */
  #pauseUntilNext(now: number): number | undefined {
    if (this.#waiting() === 0) return undefined;
    const pauses = [this.#lanes.person[0], this.#lanes.background[0]].flatMap((entry) =>
      entry === undefined ? [] : [entry.since + this.#maxWaitMs(entry.priority) - now],
    );
    const rateMs = this.#pace.pauseBefore(now);
    if (rateMs > 0 && this.#count() < this.#options.limits.inFlight) pauses.push(rateMs);
    return Math.max(1, Math.min(...pauses));
  }
}

function shuttingDown(): SendFailure {
  return new SendFailure("closed", "the gateway is shutting down");
}

/** True for what this side refused; the server was not asked. */
export function isLineRefusal(error: unknown): error is SendFailure {
  const words: readonly string[] = Object.values(lineRefusals);
  return error instanceof SendFailure && words.includes(error.reason);
}
