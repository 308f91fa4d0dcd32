import type { ProviderName } from "@recado/protocol";
import type { ConnectionState } from "./connection/connection-state.ts";
import { endReasons, type EndReasonCode } from "./connection/ending.ts";
import type { FrameCounts } from "./frames/frame-line.ts";

/** One connection to a provider's socket, for people and for alarms. Holds no address and no key. */
export interface SocketStatus {
  readonly tenantId: string;
  readonly serverId: string;
  readonly provider: ProviderName;
  readonly state: ConnectionState["kind"];
  /** When the state began, Unix milliseconds. */
  readonly since: number;
  /** Tries in a row without a lasting connection. */
  readonly attempts: number;
  /** The next try, Unix milliseconds. */
  readonly retryAt?: number;
  /** Why the last connection or try ended; stays while it is being tried again. */
  readonly reason?: SocketReason;
  /** Unix milliseconds. */
  readonly lastFrameAt?: number;
  /** Since this process connects to this server. */
  readonly frames: number;
  /** What came and was no event. */
  readonly unreadable: number;
  /** Events of numbers that do not get theirs by socket. */
  readonly others: number;
  readonly instances: readonly InstanceSocketStatus[];
}

export interface SocketReason {
  readonly code: EndReasonCode;
  readonly detail?: string;
  readonly en: string;
  readonly pt: string;
}

export interface InstanceSocketStatus extends FrameCounts {
  readonly instanceId: string;
  /** Whether this instance's events come over the connection as it is now. */
  readonly covered: boolean;
  /** Why the webhook is not yet as the instance's source wants it: a stable word. */
  readonly hookProblem?: string;
  /** Why the provider could not be asked to send this instance's events: a stable word. */
  readonly switchProblem?: string;
}

/** The part of a status that the connection's state says. */
export function describeState(
  state: ConnectionState,
): Pick<SocketStatus, "state" | "since" | "attempts" | "retryAt" | "reason"> {
  if (state.kind === "disconnected") return { state: state.kind, since: state.since, attempts: 0 };
  const { kind, since, attempts, ending } = state;
  const isOver = kind === "live" || ending === undefined;
  return {
    state: kind,
    since,
    attempts,
    ...(state.kind === "waiting" ? { retryAt: state.until } : {}),
    ...(isOver ? {} : { reason: reasonOf(ending.reason, ending.detail) }),
  };
}

function reasonOf(code: EndReasonCode, detail: string | undefined): SocketReason {
  const { en, pt } = endReasons[code];
  return { code, ...(detail === undefined ? {} : { detail }), en, pt };
}

/** What one instance's health says of its socket: times in ISO form; undefined when it has none. */
export function socketHealthOf(
  statuses: readonly SocketStatus[],
  instanceId: string,
): Record<string, unknown> | undefined {
  for (const status of statuses) {
    const own = status.instances.find((instance) => instance.instanceId === instanceId);
    if (own === undefined) continue;
    const { instanceId: _id, ...counts } = own;
    const { serverId, state, attempts, since, retryAt, lastFrameAt, reason } = status;
    return {
      serverId,
      state,
      since: iso(since),
      attempts,
      ...(retryAt === undefined ? {} : { retryAt: iso(retryAt) }),
      ...(lastFrameAt === undefined ? {} : { lastFrameAt: iso(lastFrameAt) }),
      ...(reason === undefined ? {} : { reason }),
      ...counts,
    };
  }
  return undefined;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
