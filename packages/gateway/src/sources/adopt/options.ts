import type { Clock } from "../../base/clock.ts";
import type { Ids } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import type { SecretBox } from "../../base/secret-box.ts";
import type { EventLogWriter } from "../../log/index.ts";
import type { Outbound } from "../../outbound/index.ts";
import type { Instance, Store, TenantScope } from "../../store/contract/index.ts";
import type { ServerControls } from "../control/controls.ts";
import type { RemoteInstance } from "../control/server-control.ts";
import type { RepairPolicy } from "./decide/drift.ts";
import type { EndpointRules } from "./endpoints/endpoint-keeper.ts";

/** Everything that adoption needs, as plain values and functions. */
export interface AdoptionOptions {
  readonly store: Store;
  readonly controls: ServerControls;
  readonly writer: Pick<EventLogWriter, "appendOwn">;
  readonly outbound: Pick<Outbound, "request">;
  readonly endpointRules: EndpointRules;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Without a slash at its end. Read at each use. */
  readonly publicUrl: () => string;
  /** Time between two looks at a number's webhook, milliseconds; 0: never. */
  readonly checkEveryMs: number;
  readonly repair: RepairPolicy;
  /** False for a number that is not to have a webhook (its events come over a socket). Default: all have one. */
  readonly wantsHook?: (instance: Instance) => boolean;
  /** What a server's own list said of its numbers, each time it was read here. Must not throw. */
  readonly listed?: (
    scope: TenantScope,
    numbers: readonly { readonly instanceId: string; readonly remote: RemoteInstance }[],
  ) => void;
  /** A number's webhook did not lead to us from `since` on, Unix milliseconds. Must not throw. */
  readonly mayHaveMissed?: (gap: {
    readonly tenantId: string;
    readonly instanceId: string;
    readonly since: number;
  }) => void;
}
