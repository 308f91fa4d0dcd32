import { ProviderApiError } from "@recado/providers";
import type { Outbound } from "../../../outbound/index.ts";
import type { Instance, ProviderServer, TenantScope } from "../../../store/contract/index.ts";
import { hookUrlOf } from "../hook/wanted-hook.ts";
import type { AdoptionOptions } from "../options.ts";
import { reasonOf } from "../reasons/reason-of.ts";
import type { Reason } from "../reasons/sentences.ts";
import type { AdoptionRecord, AdoptionRecords } from "../records/adoption-record.ts";
import { explainReach, type Explanation, type ReachVerdict } from "./explain-reach.ts";
import { problemOf, type ReachProblem } from "./judge-answer.ts";

/** Whether a provider's webhooks reach us, and what we know it from. */
export interface ReachResult {
  readonly verdict: ReachVerdict;
  readonly publicUrl: string;
  /** The newest webhook of the number, or of any number of the server. */
  readonly lastWebhook?: { readonly at: number; readonly instance: string };
  /** Our own call to the address that the provider has. */
  readonly selfCall: {
    readonly durationMs: number;
    readonly statusCode?: number;
    readonly problem?: ReachProblem;
  };
  /** The way from us to the provider's server and back. */
  readonly server: { readonly durationMs: number; readonly reason?: Reason };
  readonly explanations: readonly Explanation[];
}

export interface SelfTestOptions extends Pick<
  AdoptionOptions,
  "store" | "controls" | "clock" | "logger" | "publicUrl"
> {
  readonly outbound: Pick<Outbound, "request">;
  readonly records: AdoptionRecords;
}

const timeoutMs = 10_000;
/** Events of one number that are looked through for its newest webhook. */
const newest = 50;
/** Numbers of a server that are looked at. */
const maxInstances = 200;

/**
 * Tells whether the provider reaches us without touching anything at it.
 *
 * No call of either provider makes it send a webhook and is harmless: what does (a restart, a message, a
 * change of settings) disturbs the number. So the proof is a webhook that came; without one, we call our
 * own address the way the provider would, which finds everything that lies on our side of the network.
 */
export async function testReach(
  options: SelfTestOptions,
  scope: TenantScope,
  server: ProviderServer,
  instances: readonly Instance[],
): Promise<ReachResult> {
  const looked = instances.slice(0, maxInstances);
  const [called, asked, found] = await Promise.all([
    callOurselves(options, server, looked),
    askServer(options, server),
    Promise.all(looked.map((instance) => lookAt(options, scope, instance))),
  ]);
  const last = found
    .filter(({ at }) => at !== undefined)
    .toSorted((one, other) => (other.at ?? 0) - (one.at ?? 0))[0];
  const { verdict, explanations } = explainReach({
    publicUrl: options.publicUrl(),
    serverUrl: server.baseUrl,
    problem: called.problem,
    isInPlace: found.some(({ record }) => record?.state === "adopted"),
    serverAnswers: asked.reason === undefined,
    isProven: found.some(({ at, record }) => isProof(at, record)),
  });
  return {
    verdict,
    publicUrl: options.publicUrl(),
    ...(last?.at === undefined ? {} : { lastWebhook: { at: last.at, instance: last.name } }),
    selfCall: called,
    server: asked,
    explanations,
  };
}

interface Found {
  readonly name: string;
  readonly record: AdoptionRecord | undefined;
  readonly at: number | undefined;
}

/** A webhook proves the way only as it is configured now. */
function isProof(at: number | undefined, record: AdoptionRecord | undefined): boolean {
  return (
    at !== undefined &&
    record?.state === "adopted" &&
    record.adoptedAt !== undefined &&
    at >= record.adoptedAt
  );
}

async function lookAt(
  { store, records }: SelfTestOptions,
  scope: TenantScope,
  { id, name }: Instance,
): Promise<Found> {
  const record = await records.get(scope, id);
  const events = await store.log.query(scope, { instanceId: id, limit: newest });
  for (const { bodyId, receivedAt } of events) {
    const body = bodyId === undefined ? undefined : await store.log.body(scope, bodyId);
    // What came over a socket of ours, or was fetched, has no sender's headers.
    if (body?.meta.headers["user-agent"] !== undefined) return { name, record, at: receivedAt };
  }
  return { name, record, at: undefined };
}

async function callOurselves(
  { outbound, publicUrl }: SelfTestOptions,
  server: ProviderServer,
  [instance]: readonly Instance[],
): Promise<ReachResult["selfCall"]> {
  const url = instance
    ? hookUrlOf(publicUrl(), instance)
    : `${publicUrl()}/in/${server.ingestToken}`;
  const outcome = await outbound.request({
    method: "POST",
    url,
    headers: { "content-type": "application/json", "user-agent": "Recado self-test" },
    body: Buffer.alloc(0),
    timeoutMs,
    maxResponseBytes: 16_384,
    // The operator's own address, never one that a tenant gave.
    allowPrivate: true,
  });
  const problem = problemOf(outcome);
  return {
    durationMs: Math.round(outcome.timings.totalMs),
    ...(outcome.kind === "answered" ? { statusCode: outcome.statusCode } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
}

async function askServer(
  { controls, clock, logger }: SelfTestOptions,
  server: ProviderServer,
): Promise<ReachResult["server"]> {
  const startedAt = clock.monotonic();
  const durationMs = (): number => Math.round(clock.monotonic() - startedAt);
  try {
    await controls.of(server).info();
    return { durationMs: durationMs() };
  } catch (error) {
    if (!(error instanceof ProviderApiError)) throw error;
    return { durationMs: durationMs(), reason: reasonOf(error, logger) };
  }
}
