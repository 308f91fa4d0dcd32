import { ProviderApiError, type JsonObject } from "@recado/providers";
import { RecadoError } from "../../../base/recado-error.ts";
import type { IngestTarget } from "../../../store/contract/index.ts";
import type { Ingest } from "../../../ingest/index.ts";
import type { ServerControl } from "../../control/index.ts";
import type { ReconcileReport } from "./reconcile-record.ts";
import { nextPage, pageLimit } from "./span.ts";

/** What one run needs; the target is the number's own. */
export interface RunOptions {
  readonly target: IngestTarget & { readonly kind: "instance" };
  readonly control: Pick<ServerControl, "messages">;
  readonly ingest: Pick<Ingest, "receive">;
  readonly now: () => number;
  /** After each page: what was compared so far. */
  readonly progress: (report: ReconcileReport) => Promise<void>;
  readonly stopped: () => boolean;
}

/** Bodies of one run. What is left goes on in another one, after other numbers had their turn. */
const mostBodies = 5_000;
const mostPages = 200;

/** Why a run ended early, as a stable word. Anything unexpected is a programmer's error and thrown on. */
function failureOf(error: unknown): string {
  if (error instanceof ProviderApiError || error instanceof RecadoError) return error.code;
  throw error;
}

/** True when the body is in the log now or was before; false for one that the door refuses by itself. */
async function take(options: RunOptions, body: JsonObject): Promise<number | "refused"> {
  try {
    const { events } = await options.ingest.receive({
      target: options.target,
      headers: { "content-type": "application/json" },
      bytes: Buffer.from(JSON.stringify(body)),
      trusted: true,
      recovered: true,
    });
    return events;
  } catch (error) {
    // A body that nobody can read must not keep those behind it out; a store that is down must.
    if (error instanceof RecadoError && error.entry.status < 500) return "refused";
    throw error;
  }
}

/**
 * Reads the provider's messages of a span and gives each to the door, oldest first and one after the other,
 * so that what was missing comes into the log in its order. What is known already is recognised there.
 * Resolves with the report of what was done, also when the provider or the store failed half way.
 */
export async function reconcileOnce(
  start: ReconcileReport,
  options: RunOptions,
): Promise<ReconcileReport> {
  let report: ReconcileReport = { ...start, status: "running" };
  let page = { since: start.since, limit: pageLimit };
  const { providerName } = options.target.instance;
  try {
    for (let pages = 0; pages < mostPages && report.lookedAt < mostBodies; pages++) {
      if (options.stopped()) return { ...report, status: "queued", complete: false };
      const { until } = report;
      const found = await options.control.messages(providerName, { ...page, until });
      for (const body of found.bodies) {
        const taken = await take(options, body);
        report = {
          ...report,
          lookedAt: report.lookedAt + 1,
          ...(taken === "refused"
            ? { refused: report.refused + 1 }
            : { added: report.added + taken }),
        };
      }
      const next = nextPage({ ...page, newest: found.newest });
      const isLast = found.complete || next.since > until;
      report = { ...report, reached: isLast ? until : next.since };
      if (isLast) return { ...report, status: "done", complete: true, finishedAt: options.now() };
      await options.progress(report);
      page = next;
    }
    return { ...report, status: "done", complete: false, finishedAt: options.now() };
  } catch (error) {
    return { ...report, status: "failed", error: failureOf(error), finishedAt: options.now() };
  }
}
