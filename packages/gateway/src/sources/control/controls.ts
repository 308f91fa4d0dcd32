import type { ProviderServer } from "../../store/contract/index.ts";
import type { ServerControl } from "./server-control.ts";

/** The controls of every server, one per server, made at the first use and again when the server changed. */
export interface ServerControls {
  of(server: ProviderServer): ServerControl;
}
