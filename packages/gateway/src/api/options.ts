import type { RecadoAccess } from "../access/index.ts";
import type { Clock } from "../base/clock.ts";
import type { Ids } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Adoption, NumberWatch, Pairing } from "../sources/index.ts";
import type { Attempt, Store, TenantScope } from "../store/contract/index.ts";

/** Everything the API needs, as plain values and functions. */
export interface ApiOptions {
  readonly store: Store;
  readonly access: RecadoAccess;
  readonly deliverer: DelivererActions;
  readonly outbound: UrlCheck;
  readonly watch: NumberWatchActions;
  readonly adoption: AdoptionActions;
  readonly pairing: Pick<Pairing, "pairings" | "links" | "visits">;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The address under which providers reach us, without a slash at its end. Read at each use: the port may be chosen late. */
  readonly publicUrl: () => string;
  /** The cursor that stands behind the event at `offset`; the same as sockets hand out. */
  readonly cursorOf: (tenantId: string, offset: number) => string;
  /** JSON on its way out: what stands in stored texts for a file becomes a link. Default: as it is. */
  readonly present?: (tenantId: string, text: string) => string;
  /** JSON as it is stored, with what became of providers' files beside their links. Default: as it is. */
  readonly completeFiles?: (tenantId: string, text: string) => Promise<string>;
  /** Origins whose pages may call the API; `["*"]`: any. */
  readonly allowedOrigins: readonly string[];
  readonly version: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Life of a token when the request names none, in seconds. */
  readonly defaultTokenTtlSeconds: number;
  /** Somebody changed or deleted an instance: what follows instances looks again. Must not throw. */
  readonly instancesChanged?: () => void;
  /** What of an instance was accepted and counted instead of stored, since the start of the process. */
  readonly notStored: (instanceId: string) => {
    readonly coalesced: number;
    readonly shed: number;
  };
  /** Numbers of the whole process for an operator, by a stable name. */
  readonly runtimeStats: () => Readonly<Record<string, number>>;
}

/** What the API asks of adoption. */
export type AdoptionActions = Omit<Adoption, "start" | "stop" | "settled" | "checkNow">;

/** What the API asks of the deliverer. */
export interface DelivererActions {
  /** Something about this endpoint (or, without one, about any) changed: look again. */
  wake(endpointId?: string): void;
  /** Sends a signed test event through the same guarded path as any delivery. */
  sendTest(scope: TenantScope, endpointId: string): Promise<Omit<Attempt, "number">>;
}

/** What the API asks about numbers. */
export interface NumberWatchActions extends Pick<NumberWatch, "health" | "stateOf" | "reconcile"> {
  /** What other parts know of a number: its webhook at the provider, its socket. */
  more(
    scope: TenantScope,
    instanceId: string,
  ): Promise<{
    readonly webhook?: Record<string, unknown>;
    readonly socket?: Record<string, unknown>;
  }>;
}

/** Judges an address before it is stored. */
export interface UrlCheck {
  checkUrl(
    url: string,
    options: { readonly allowPrivate: boolean },
  ): UrlVerdict | Promise<UrlVerdict>;
}

export type UrlVerdict =
  | { readonly ok: true }
  | { readonly ok?: false; readonly code: "url_invalid" | "url_blocked"; readonly reason: string };
