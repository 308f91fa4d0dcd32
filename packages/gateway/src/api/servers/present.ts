import {
  maskedSecret,
  type Parsed,
  type ReasonResource,
  type ServerDetailResource,
  type ServerResource,
  type serverRoutes,
} from "@recado/protocol";
import type { ReachResult, Reason, ServerState, SyncProgress } from "../../sources/adopt/index.ts";
import { sentenceFor } from "../../sources/adopt/index.ts";
import type { AdoptionRecord } from "../../sources/adopt/index.ts";
import type { Instance, ProviderServer } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { definedOnly, isoOrAbsent, shownIngestUrl } from "../present.ts";

/** A reason with its sentences. */
export function presentReason({ code, detail }: Reason): ReasonResource {
  return { code, ...sentenceFor(code), ...(detail === undefined ? {} : { detail }) };
}

export function presentSync(sync: SyncProgress): Parsed<typeof serverRoutes.sync, "response"> {
  const { startedAt, finishedAt, failures, reason, ...rest } = sync;
  return {
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    ...(finishedAt === undefined ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
    failures: failures.map((failure) => ({
      instance: failure.instance,
      reason: presentReason(failure.reason),
    })),
    ...(reason ? { reason: presentReason(reason) } : {}),
  };
}

function presentHealth({ ok, since, checkedAt, reason }: ServerState): ServerResource["health"] {
  if (ok === undefined || since === undefined || checkedAt === undefined) return undefined;
  return {
    ok,
    since: new Date(since).toISOString(),
    checkedAt: new Date(checkedAt).toISOString(),
    ...(reason ? { reason: presentReason(reason) } : {}),
  };
}

/** A server as it is shown: its key never is, its address only to who may write. */
export function presentServer(
  server: ProviderServer,
  state: ServerState,
  publicUrl: string,
  { principal }: Caller,
): ServerResource {
  const { sync } = state;
  return definedOnly({
    id: server.id,
    name: server.name,
    provider: server.provider,
    baseUrl: server.baseUrl,
    apiKey: maskedSecret,
    ingestUrl: shownIngestUrl(publicUrl, server.ingestToken, principal),
    health: presentHealth(state),
    version: state.version,
    flavour: state.flavour,
    sync: sync && presentSync(sync),
    released: state.released === true,
    createdAt: new Date(server.createdAt).toISOString(),
  }) as ServerResource;
}

/** A server's numbers, counted by the state of their webhook. */
export function countInstances(
  instances: readonly Instance[],
  records: readonly (AdoptionRecord | undefined)[],
): ServerDetailResource["instances"] {
  const counts = { pending: 0, adopted: 0, drifted: 0, failed: 0, released: 0 };
  for (const record of records) counts[record?.state ?? "pending"] += 1;
  const vanished = records.filter((record) => record?.vanishedAt !== undefined).length;
  return { total: instances.length, ...counts, vanished };
}

export function presentReach(reach: ReachResult): Parsed<typeof serverRoutes.test, "response"> {
  const { lastWebhook, server, explanations, ...rest } = reach;
  const at = isoOrAbsent(lastWebhook?.at);
  return {
    ...rest,
    ...(lastWebhook && at !== undefined ? { lastWebhook: { ...lastWebhook, at } } : {}),
    server: {
      durationMs: server.durationMs,
      ...(server.reason ? { reason: presentReason(server.reason) } : {}),
    },
    explanations: [...explanations],
  };
}
