import { ProviderApiError } from "@recado/providers";
import type { Clock } from "../../../base/clock.ts";
import type { Directory } from "../../../store/contract/index.ts";
import type { RemoteInstance, ServerControls } from "../../control/index.ts";
import { numberAtServer } from "../number-at-server.ts";
import type { WatchedNumber } from "../number/watched-number.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { Answer } from "./finding.ts";

export interface NumberCheckOptions {
  readonly directory: Directory;
  readonly controls: ServerControls;
  readonly reconciler: Pick<Reconciler, "request">;
  readonly clock: Clock;
  /** The provider says something else than we know. */
  contradicted(number: WatchedNumber, remote: RemoteInstance): Promise<void>;
}

/**
 * Asks a number's provider: is it connected, and does its message list hold what we lack? What is missing is
 * in the log when this resolves. Rejects when the store fails.
 */
export async function askProvider(
  number: WatchedNumber,
  options: NumberCheckOptions,
): Promise<Answer> {
  const { directory, controls, reconciler, clock } = options;
  const { instanceId, tenantId } = number;
  const at = await numberAtServer(directory, { tenantId }, instanceId);
  if (!at) return { kind: "no_server" };
  let remote: RemoteInstance;
  try {
    remote = await controls.of(at.server, "background").instance(at.instance.providerName);
  } catch (error) {
    if (!(error instanceof ProviderApiError)) throw error;
    number.probe = { at: clock.now(), answer: error.code };
    return { kind: "no_answer", error: error.code };
  }
  const { state, providerState } = remote;
  number.probe = { at: clock.now(), answer: state, providerState };
  if (state !== "open") {
    await options.contradicted(number, remote);
    return { kind: "not_open", state };
  }
  number.gapFrom ??= number.traffic.newestMessageAt || number.traffic.eventAt || clock.now();
  const run = await reconciler.request(number, "silent");
  const report = await run?.done;
  if (!report) return { kind: "no_server" };
  if (report.status === "failed")
    return { kind: "no_answer", error: report.error ?? "unexpected_answer" };
  return { kind: "compared", missing: report.added };
}
