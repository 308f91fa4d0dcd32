import type { Directory, Page } from "../../../store/contract/index.ts";
import type { TenantContents } from "./plan-sockets.ts";

const pageSize = 1_000;

async function everything<T extends { readonly id: string }>(
  read: (page: Page) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const afterId = all.at(-1)?.id;
    const page = await read({ limit: pageSize, ...(afterId === undefined ? {} : { afterId }) });
    all.push(...page);
    if (page.length < pageSize) return all;
  }
}

/** What every active tenant has. Bounded only as the directory itself is. */
export async function readContents(
  directory: Pick<Directory, "tenants" | "servers" | "instances">,
): Promise<readonly TenantContents[]> {
  const tenants = await everything((page) => directory.tenants(page));
  const contents: TenantContents[] = [];
  for (const tenant of tenants) {
    if (!tenant.active) continue;
    const scope = { tenantId: tenant.id };
    const servers = await everything((page) => directory.servers(scope, page));
    const instances = await everything((page) => directory.instances(scope, page));
    contents.push({ tenant, servers, instances });
  }
  return contents;
}
