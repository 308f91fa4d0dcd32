import { eventSchema } from "@recado/protocol";
import { adminKey } from "../gateway-process.ts";
import { markName } from "./fuzz-request.ts";

export interface StoredMarks {
  /** Numbers of the requests whose body is behind an event. */
  readonly marks: ReadonlySet<number>;
  /** Newest offset. */
  readonly head: number;
  /** Events without a body: what the server found out by itself about a number. */
  readonly own: number;
  readonly problems: readonly string[];
}

/** Small: each event comes with its body. */
const pageSize = 100;

/** Reads everything above offset `after`: each envelope must be one of the protocol's, and none may be missing. */
export async function readStored(url: string, after: number): Promise<StoredMarks> {
  const marks = new Set<number>();
  const problems: string[] = [];
  let head = after;
  let own = 0;
  let expected: number | undefined;
  let cursor = "";
  for (;;) {
    const answer = await fetch(
      `${url}/api/v1/events?include=raw&limit=${pageSize}${cursor === "" ? "" : `&after=${encodeURIComponent(cursor)}`}`,
      { headers: { apikey: adminKey } },
    );
    const text = await answer.text();
    if (answer.status !== 200) return { marks, head, own, problems: [`events: ${text}`] };
    const page = JSON.parse(text) as { readonly data: unknown[]; readonly nextCursor?: string };
    for (const item of page.data) {
      const parsed = eventSchema.safeParse(item);
      if (!parsed.success) {
        problems.push(
          `not an event: ${JSON.stringify(item).slice(0, 400)}: ${parsed.error.message}`,
        );
        continue;
      }
      const { offset, raw } = parsed.data;
      head = Math.max(head, offset);
      if (expected !== undefined && offset !== expected)
        problems.push(`offset ${offset} stands where ${expected} should`);
      if (offset <= after) return { marks, head, own, problems };
      expected = offset - 1;
      if (raw === undefined) own += 1;
      const mark: unknown =
        typeof raw === "object" && raw !== null ? Reflect.get(raw, markName) : undefined;
      if (typeof mark === "number") marks.add(mark);
    }
    if (page.nextCursor === undefined) {
      if (expected !== undefined && expected !== after)
        problems.push(`the log begins at ${expected + 1} and not behind ${after}`);
      return { marks, head, own, problems };
    }
    cursor = page.nextCursor;
  }
}
