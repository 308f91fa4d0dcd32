import { documentedProviders } from "@recado/protocol";
import type { Caller } from "../../../api/caller.ts";
import { RecadoError } from "../../../base/recado-error.ts";
import type { Directory, Instance } from "../../../store/contract/index.ts";
import { Refusal } from "../refusal.ts";
import type { SessionWebhooks } from "../session-webhooks.ts";
import { sessionOf } from "../session.ts";

/** Sessions that are configured at once; their servers' own limits hold besides. */
const atOnce = 8;
const page = 500;

export interface ConfiguredSession {
  readonly sessionId: string;
  readonly sessionName: string;
  readonly provider: "EVOLUTION" | "WAHA";
  readonly success: boolean;
  readonly error?: string;
}

async function visibleInstances(
  directory: Directory,
  caller: Caller,
): Promise<readonly Instance[]> {
  const all: Instance[] = [];
  for (;;) {
    const last = all.at(-1);
    const next = await directory.instances(caller.scope, {
      limit: page,
      ...(last ? { afterId: last.id } : {}),
    });
    all.push(...next);
    if (next.length < page) return all.filter(({ id }) => caller.instanceIds?.has(id) !== false);
  }
}

/** Puts our webhook in place at every session that the caller sees; one that fails does not stop the others. */
export async function configureAll(
  directory: Directory,
  webhooks: SessionWebhooks,
  caller: Caller,
): Promise<readonly ConfiguredSession[]> {
  const instances = await visibleInstances(directory, caller);
  const results: ConfiguredSession[] = [];
  const queue = instances.entries();

  async function configureOne(instance: Instance): Promise<ConfiguredSession> {
    const { id: sessionId, name: sessionName } = instance;
    const about = { sessionId, sessionName, provider: documentedProviders[instance.provider] };
    try {
      await webhooks.ensureOwn(await sessionOf(directory, caller.scope, instance));
      return { ...about, success: true };
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof RecadoError)) throw error;
      return { ...about, success: false, error: error.message };
    }
  }

  async function work(): Promise<void> {
    for (const [index, instance] of queue) results[index] = await configureOne(instance);
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, instances.length) }, work));
  return results;
}
