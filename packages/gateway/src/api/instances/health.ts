import {
  instanceHealthRoutes,
  type InstanceHealthResource,
  type ReconcileResource,
} from "@recado/protocol";
import type { FastifyInstance } from "fastify";
import { RecadoError } from "../../base/recado-error.ts";
import type { Incident, NumberHealth, ReconcileReport } from "../../sources/index.ts";
import type { Directory, Instance } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import type { Language } from "../language.ts";
import type { ApiOptions } from "../options.ts";
import { isoOrAbsent } from "../present.ts";
import { route } from "../route.ts";
import { findInstance } from "./find-instance.ts";

const noDuplicates = { retry: 0, overlap: 0, redelivered: 0 } as const;

const iso = (ms: number): string => new Date(ms).toISOString();

/** The object without its absent members. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function presentReconcile(report: ReconcileReport): ReconcileResource {
  const { since, until, reached, startedAt, finishedAt, ...rest } = report;
  return {
    ...rest,
    since: iso(since),
    until: iso(until),
    reached: iso(reached),
    startedAt: iso(startedAt),
    ...(finishedAt === undefined ? {} : { finishedAt: iso(finishedAt) }),
  };
}

function presentIncident(incident: Incident): InstanceHealthResource["pastIncidents"][number] {
  const { since, foundAt, until, ...rest } = incident;
  return {
    ...rest,
    since: iso(since),
    foundAt: iso(foundAt),
    ...(until === undefined ? {} : { until: iso(until) }),
  };
}

type StatePart = Pick<
  InstanceHealthResource,
  "state" | "providerState" | "since" | "reason" | "reasonCode" | "account" | "lost" | "history"
>;

function presentState({ connection }: NumberHealth): StatePart {
  if (!connection) return { history: [] };
  const { state, providerState, reason, code, account, lost, history } = connection;
  return present({
    state,
    providerState,
    since: state === undefined ? undefined : iso(connection.since),
    reason,
    reasonCode: code,
    account,
    lost: lost && { reason: lost.reason, at: iso(lost.at) },
    history: history.toReversed().map((row) =>
      present({
        from: iso(row.from),
        state: row.state,
        changes: row.changes,
        last: isoOrAbsent(row.last),
        reason: row.reason,
        reasonCode: row.code,
      }),
    ),
  }) as StatePart;
}

/** A number's health as the API tells it. Pure. */
export function presentHealth(
  instance: Pick<Instance, "id" | "name">,
  health: NumberHealth,
  language: Language,
): InstanceHealthResource {
  const { storm, codeLoop, probe, silence, incident, reconcile } = health;
  return present({
    instanceId: instance.id,
    name: instance.name,
    ...presentState(health),
    sentence: health.sentence[language],
    evidence: present({
      lastEventAt: isoOrAbsent(health.lastEventAt),
      lastMessageAt: isoOrAbsent(health.lastMessageAt),
      lastAckAt: isoOrAbsent(health.lastAckAt),
      probe: probe && { ...probe, at: iso(probe.at) },
    }),
    flapping: storm && { since: iso(storm.since), count: storm.changes, last: iso(storm.last) },
    codeLoop: codeLoop && { ...codeLoop, since: iso(codeLoop.since), last: iso(codeLoop.last) },
    silence: present({
      minutes: silence.minutes,
      usualMinutes: silence.expected,
      usualPerHour: silence.usualPerHour,
      level: silence.level,
    }),
    incident: incident && presentIncident(incident),
    pastIncidents: health.pastIncidents.toReversed().map(presentIncident),
    restarts: health.restarts.toReversed().map(({ at, ...rest }) => ({ ...rest, at: iso(at) })),
    gapFrom: isoOrAbsent(health.gapFrom),
    reconcile: reconcile && presentReconcile(reconcile),
  }) as InstanceHealthResource;
}

/** The instance, or `not_found`, whether it does not exist, is another tenant's, or is hidden. */
async function visible(directory: Directory, caller: Caller, idOrName: string): Promise<Instance> {
  const instance = await findInstance(directory, caller.scope, idOrName);
  if (!instance || caller.instanceIds?.has(instance.id) === false)
    throw new RecadoError("not_found");
  return instance;
}

/** How numbers are, and the way to have them compared with their provider. */
export function serveInstanceHealth(app: FastifyInstance, options: ApiOptions): void {
  const { watch, store } = options;
  const { directory } = store;

  route(app, instanceHealthRoutes.health, async ({ params, caller, language }) => {
    const instance = await visible(directory, caller, params.id);
    const [health, more, duplicates] = await Promise.all([
      watch.health(caller.scope, instance.id),
      watch.more(caller.scope, instance.id),
      store.log.duplicatesByInstance(caller.scope),
    ]);
    return {
      ...presentHealth(instance, health, language),
      duplicates: { ...(duplicates.get(instance.id) ?? noDuplicates) },
      ...more,
    };
  });

  route(app, instanceHealthRoutes.reconcile, async ({ params, body, caller }) => {
    const instance = await visible(directory, caller, params.id);
    const report = await watch.reconcile(caller.scope, instance.id, body?.since);
    if (!report) {
      throw new RecadoError("invalid_request", [
        "this number has no provider server that can be asked",
      ]);
    }
    return presentReconcile(report);
  });
}
