/** What was found when a folder was compared with what had been acknowledged. */
export interface Findings {
  /** Acknowledged things that were looked up. */
  readonly checked: number;
  /** Acknowledged and not there, or not as it was acknowledged. */
  readonly lost: number;
  /** One occurrence stored twice, or one event planned twice. */
  readonly doubled: number;
  /** Offsets that are missing inside a log. */
  readonly gaps: number;
  /** Everything wrong, in words; at most {@link maxProblems}. */
  readonly problems: readonly string[];
}

const maxProblems = 10;

/** Counts while a folder is looked at. */
export class FindingsCount implements Findings {
  checked = 0;
  lost = 0;
  doubled = 0;
  gaps = 0;
  readonly problems: string[] = [];

  add(kind: "lost" | "doubled" | "gaps", problem: string): void {
    this[kind] += 1;
    this.note(problem);
  }

  note(problem: string): void {
    if (this.problems.length < maxProblems) this.problems.push(problem);
  }

  include(other: Findings): void {
    this.checked += other.checked;
    this.lost += other.lost;
    this.doubled += other.doubled;
    this.gaps += other.gaps;
    for (const problem of other.problems) this.note(problem);
  }
}
