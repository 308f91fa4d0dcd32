import type { Instance, Store, TenantScope } from "../../../store/contract/index.ts";

const pageSize = 1_000;

/** The instances of one server. */
export async function instancesOf(
  { store }: { readonly store: Pick<Store, "directory"> },
  scope: TenantScope,
  serverId: string,
): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  let afterId: string | undefined;
  for (;;) {
    const page = await store.directory.instances(scope, {
      limit: pageSize,
      ...(afterId === undefined ? {} : { afterId }),
    });
    found.push(...page.filter((instance) => instance.serverId === serverId));
    afterId = page.at(-1)?.id;
    if (page.length < pageSize) return found;
  }
}
