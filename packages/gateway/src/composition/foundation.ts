import type { FastifyInstance } from "fastify";
import type { RecadoAccess } from "../access/index.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { SecretBox } from "../base/secret-box.ts";
import type { Config, Secrets } from "../config/index.ts";
import type { Outbound } from "../outbound/index.ts";
import type { Store } from "../store/contract/index.ts";

/** What a gateway is built on. */
export interface Foundation {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly app: FastifyInstance;
  readonly store: Store;
}

/** Who may come in, how calls go out, and what is sealed. */
export interface Ways {
  readonly secretBox: SecretBox;
  readonly outbound: Outbound;
  readonly access: RecadoAccess;
}
