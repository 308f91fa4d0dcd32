/**
 * Runs of equal connection states. An Evolution server without network tells `connecting` 36 times a
 * second (2.3.7, recorded): the first is stored, and those that follow within {@link foldMs} are counted
 * and told with the next one that is stored.
 *
 * I1 Only what was stored swallows its repeats: a state whose write failed, or that was a copy of an older
 *    one, swallows nothing, and neither does one whose write is under way.
 * I2 A state that differs from the one before is never folded, so that the last one stored is the last
 *    one told.
 * Proven by `state-runs.test.ts`, over every order of arrivals and answers.
 */
export class StateRuns {
  readonly #most: number;
  readonly #runs = new Map<string, Run>();

  /** @param most runs remembered; the oldest is forgotten, and its next repeat is stored */
  constructor(most = 20_000) {
    this.#most = most;
  }

  /**
   * Undefined when `told` is one more of a run: it is counted, not stored. Otherwise it is to be stored,
   * with the number of repeats before it, and `settle` must be called with what became of it.
   *
   * @param now monotonic milliseconds
   */
  tell(track: string, told: ToldState, now: number): Telling | undefined {
    const run = this.#runs.get(track);
    if (run !== undefined && run.fact === told.fact) {
      // A copy of the same bytes is for the log to recognise, which counts it as a duplicate.
      if (run.identityKey === told.identityKey) return { repeated: 0, settle: () => undefined };
      if (run.isStored && (told.isOverRate || now - run.since < foldMs)) {
        run.repeated += 1;
        return undefined;
      }
    }
    const { fact, identityKey } = told;
    const next: Run = { fact, identityKey, since: now, isStored: false, repeated: 0 };
    const repeated = run?.repeated ?? 0;
    this.#remember(track, next);
    return { repeated, settle: (isStored) => this.#settle(track, next, repeated, isStored) };
  }

  /** Something else was stored of the same: whatever is told next is news. */
  forget(track: string): void {
    const run = this.#runs.get(track);
    if (run !== undefined) run.fact = undefined;
  }

  #settle(track: string, run: Run, repeated: number, isStored: boolean): void {
    const current = this.#runs.get(track);
    if (isStored) {
      run.isStored = true;
      return;
    }
    if (current === run) run.fact = undefined;
    // It could not tell of them: the next one will.
    if (current !== undefined) current.repeated += repeated;
  }

  #remember(track: string, run: Run): void {
    this.#runs.delete(track);
    this.#runs.set(track, run);
    if (this.#runs.size <= this.#most) return;
    const [oldest] = this.#runs.keys();
    if (oldest !== undefined) this.#runs.delete(oldest);
  }
}

export interface ToldState {
  /** What is told, as text. */
  readonly fact: string;
  readonly identityKey: string;
  /** More arrives than the number may send: repeats are folded however long the run is. */
  readonly isOverRate: boolean;
}

export interface Telling {
  /** Repeats of the state before it that were not stored. */
  readonly repeated: number;
  settle(isStored: boolean): void;
}

interface Run {
  /** Undefined: nothing equals it. */
  fact: string | undefined;
  readonly identityKey: string;
  /** Monotonic milliseconds. */
  readonly since: number;
  isStored: boolean;
  repeated: number;
}

/** Long enough to make a storm six events a minute, short enough that somebody who watches sees it go on. */
const foldMs = 10_000;
