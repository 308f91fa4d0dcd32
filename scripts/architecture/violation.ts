/** One broken rule. */
export interface Violation {
  /** Where to look: a path, with a line where there is one. */
  readonly at: string;
  /** What is wrong, what to edit, and why. */
  readonly message: string;
}

/** The violations as the text of a failing test: one a line. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map((violation) => `${violation.at}: ${violation.message}`).join("\n");
}
