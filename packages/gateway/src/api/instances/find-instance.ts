import type { Directory, Instance, TenantScope } from "../../store/contract/index.ts";
import { fieldIssue } from "../validation.ts";

/** An instance of the tenant by its id or, if there is none, by its name. */
export async function findInstance(
  directory: Directory,
  scope: TenantScope,
  idOrName: string,
): Promise<Instance | undefined> {
  const byId = await directory.instance(scope, idOrName);
  return byId ?? (await directory.instanceByName(scope, idOrName.normalize("NFC")));
}

/** A caller's view: its tenant and, for a limited credential, its instances. */
interface View {
  readonly scope: TenantScope;
  readonly instanceIds?: ReadonlySet<string>;
}

/**
 * The ids behind ids or names in a request's `instances`, each once. One that is not there, or that the
 * caller may not see, is refused by its position: both look the same.
 */
export async function instanceIdsOf(
  directory: Directory,
  view: View,
  names: readonly string[],
): Promise<readonly string[]> {
  const ids = new Set<string>();
  for (const [index, name] of names.entries()) {
    const instance = await findInstance(directory, view.scope, name);
    if (!instance || (view.instanceIds && !view.instanceIds.has(instance.id))) {
      throw fieldIssue(["instances", index], "unknown_instance", name);
    }
    ids.add(instance.id);
  }
  return [...ids];
}
