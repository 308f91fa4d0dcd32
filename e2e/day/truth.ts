/**
 * How a message has to come into the log: by itself and in time, only by being fetched, or by itself once its
 * server lets go of it, if it was not fetched before.
 */
export type Way = "live" | "recovered" | "held";

export interface TrueMessage {
  readonly id: string;
  readonly way: Way;
}

/** A message in the log, in the order of the log. */
export interface LoggedMessage {
  readonly id: string;
  readonly late: boolean;
  readonly recovered: boolean;
  /** How old it was when it came, milliseconds. */
  readonly ageMs: number;
}

/** From here on a message that came by itself is marked late. */
const lateAfterMs = 10 * 60_000;

/** What is wrong with how a message is marked. */
function wrongMark(way: Way, { late, recovered, ageMs }: LoggedMessage): string | undefined {
  if (way === "recovered" && !recovered) return "is not marked recovered";
  if (way === "live" && recovered) return "is marked recovered";
  if (late !== ageMs > lateAfterMs)
    return `came ${Math.round(ageMs / 1_000)} s late and is ${late ? "" : "not "}marked so`;
  return undefined;
}

/** Where the order of the log is another than that of the truth, among what both have. */
function disorder(truth: readonly string[], log: readonly string[]): string | undefined {
  const common = truth.filter((id) => log.includes(id));
  const at = log.findIndex((id, index) => id !== common[index]);
  const [before, wanted, found] = [log[at - 1] ?? "the beginning", common[at], log[at]];
  return at < 0 ? undefined : `after ${before} comes ${found} and not ${wanted}`;
}

/**
 * What differs between a number's true messages and the log, in sentences; none when the log is the truth:
 * each message once, marked as it has to be, and in the truth's order among those that came the same way. What
 * a server held and let go of all at once has no order.
 */
export function differences(
  truth: readonly TrueMessage[],
  log: readonly LoggedMessage[],
): readonly string[] {
  const found: string[] = [];
  const byId = Map.groupBy(log, ({ id }) => id);
  truth.forEach(({ id, way }, index) => {
    const logged = byId.get(id) ?? [];
    const which = `message ${index + 1} of ${truth.length}, ${id},`;
    const [first, ...more] = logged;
    const wrong = first && wrongMark(way, first);
    if (!first) found.push(`${which} is missing (${way})`);
    else if (more.length > 0) found.push(`${which} is there ${logged.length} times`);
    else if (wrong !== undefined) found.push(`${which} ${wrong} (${way})`);
  });
  const known = new Set(truth.map(({ id }) => id));
  for (const { id } of log) if (!known.has(id)) found.push(`${id} never was`);
  const ordered = truth.filter(({ way }) => way !== "held").map(({ id }) => id);
  for (const fetched of [false, true]) {
    const ids = log.filter(({ recovered }) => recovered === fetched).map(({ id }) => id);
    const order = disorder(
      ordered,
      [...new Set(ids)].filter((id) => ordered.includes(id)),
    );
    if (order !== undefined) found.push(`${fetched ? "fetched" : "sent"}: ${order}`);
  }
  return found;
}
