import { RecadoError } from "../../base/recado-error.ts";
import type { Directory, ProviderServer } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";

/** The server, or `not_found`. A credential that is limited to some instances sees no server at all. */
export async function visibleServer(
  directory: Directory,
  caller: Caller,
  id: string,
): Promise<ProviderServer> {
  const server = await directory.server(caller.scope, id);
  if (!server || caller.instanceIds) throw new RecadoError("not_found");
  return server;
}
