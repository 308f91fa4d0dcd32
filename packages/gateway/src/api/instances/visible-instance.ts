import { RecadoError } from "../../base/recado-error.ts";
import type { Directory, Instance } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";
import { findInstance } from "./find-instance.ts";

/** The instance, or `not_found`, whether it does not exist, is another tenant's, or is hidden. */
export async function visibleInstance(
  directory: Directory,
  caller: Caller,
  idOrName: string,
): Promise<Instance> {
  const instance = await findInstance(directory, caller.scope, idOrName);
  if (!instance || caller.instanceIds?.has(instance.id) === false) {
    throw new RecadoError("not_found");
  }
  return instance;
}
