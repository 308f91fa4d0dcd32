import { RecadoError } from "../../base/recado-error.ts";
import type { Directory, Endpoint } from "../../store/contract/index.ts";
import type { Caller } from "../caller.ts";

/**
 * Whether a caller may see an endpoint: a limited credential only those that get nothing but the
 * events of its own instances. Pure.
 */
export function seesEndpoint(caller: Caller, endpoint: Endpoint): boolean {
  const own = caller.instanceIds;
  if (!own) return true;
  const { instances } = endpoint;
  return instances !== undefined && instances.length > 0 && instances.every((id) => own.has(id));
}

/** The endpoint, or `not_found`, whether it does not exist, is another tenant's, or is hidden. */
export async function visibleEndpoint(
  directory: Directory,
  caller: Caller,
  id: string,
): Promise<Endpoint> {
  const endpoint = await directory.endpoint(caller.scope, id);
  if (!endpoint || !seesEndpoint(caller, endpoint)) throw new RecadoError("not_found");
  return endpoint;
}

/** Every endpoint that a caller sees. */
export async function visibleEndpoints(
  directory: Directory,
  caller: Caller,
): Promise<readonly Endpoint[]> {
  const all: Endpoint[] = [];
  let page: readonly Endpoint[];
  do {
    const last = all.at(-1);
    page = await directory.endpoints(caller.scope, {
      limit: 1_000,
      ...(last ? { afterId: last.id } : {}),
    });
    all.push(...page);
  } while (page.length === 1_000);
  return all.filter((endpoint) => seesEndpoint(caller, endpoint));
}
