import { createHash } from "node:crypto";
import { formatCursor } from "@recado/protocol";

/** Tenants whose hash is remembered; beyond that it is computed again. */
const maxRemembered = 10_000;

/** The cursor that stands behind an event. One for sockets, API and streams alike. */
export function cursorsOf(epoch: string): (tenantId: string, offset: number) => string {
  const hashes = new Map<string, string>();
  return (tenantId, offset) => {
    let tenantHash = hashes.get(tenantId);
    if (tenantHash === undefined) {
      tenantHash = createHash("sha256").update(tenantId).digest("base64url").slice(0, 10);
      if (hashes.size < maxRemembered) hashes.set(tenantId, tenantHash);
    }
    return formatCursor({ tenantHash, epoch, offset });
  };
}
