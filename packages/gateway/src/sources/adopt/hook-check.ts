import type { ProviderServer, TenantScope } from "../../store/contract/index.ts";
import { driftOf, type DriftVerdict } from "./decide/drift.ts";
import type { AdoptionOptions } from "./options.ts";
import { reasonOf } from "./reasons/reason-of.ts";
import type { AdoptionRecord } from "./records/adoption-record.ts";
import type { ServerAdopter, ServerLook } from "./server-adopter.ts";
import { ownHook } from "./hook/wanted-hook.ts";

type Look = Pick<ServerLook, "control" | "signing">;

/**
 * Looks whether our webhook still stands at one number as it should. A difference is told once, and put
 * right when the policy says so and it was not too often already. What went elsewhere meanwhile may be
 * missing, which is passed on. Never rejects for what the provider does.
 */
export async function checkHook(
  options: AdoptionOptions,
  work: ServerAdopter,
  about: { readonly scope: TenantScope; readonly server: ProviderServer; readonly look: Look },
  instanceId: string,
): Promise<void> {
  const { scope, server, look } = about;
  const { store, logger, wantsHook = () => true } = options;
  /** From when on nothing may have reached us, Unix milliseconds; 0: since it is ours. */
  let deafSince: number | undefined;
  const repair = await work.turns.run(instanceId, async () => {
    const instance = await store.directory.instance(scope, instanceId);
    const record = await work.records.get(scope, instanceId);
    if (!instance || !wantsHook(instance)) return false;
    // Never begun: a number that appeared since.
    if (!record) return true;
    if (record.state === "released") return false;
    const secret = work.adopter.secretOf(instance, record);
    const hook = await ownHook(options, { scope, server, instance, secret, record });
    try {
      const found = await look.control.inspectHook(instance.providerName, hook);
      const verdict = driftOf(found, record, options.repair, options.clock.now());
      // Also when somebody else put it right since.
      const wasDeaf = verdict.isDeaf || (found.inPlace && record.state === "drifted");
      if (wasDeaf && record.adoptedAt !== undefined) deafSince = record.checkedAt ?? 0;
      if (found.inPlace) {
        await work.adopter.settle({ scope, server, instance, ...look }, hook, found);
        return false;
      }
      if (verdict.isNews && record.adoptedAt !== undefined) {
        // Told before it is noted: a crash in between repeats it with the same identity.
        await work.news.webhookChanged(scope, instance, verdict, record.checkedAt ?? 0);
      }
      await noteDrift(options, work, { scope, instanceId, record, verdict });
      return verdict.repair;
    } catch (error) {
      await work.records.change(scope, instanceId, { reason: reasonOf(error, logger) });
      return false;
    }
  });
  await work.finishRelease(scope, instanceId);
  if (repair) await work.adoptOne(scope, server, instanceId, look, ["server", "instance"]);
  const { tenantId } = scope;
  if (deafSince !== undefined) options.mayHaveMissed?.({ tenantId, instanceId, since: deafSince });
}

async function noteDrift(
  { clock }: AdoptionOptions,
  work: ServerAdopter,
  about: {
    readonly scope: TenantScope;
    readonly instanceId: string;
    readonly record: AdoptionRecord;
    readonly verdict: DriftVerdict;
  },
): Promise<void> {
  const { scope, instanceId, record, verdict } = about;
  const { differences, memory } = verdict;
  const wasAdopted = record.state === "adopted" || record.state === "drifted";
  await work.records.change(scope, instanceId, {
    ...(wasAdopted ? { state: "drifted", reason: undefined } : {}),
    differences: [...differences],
    told: memory.told,
    repairs: [...memory.repairs],
    // Not with the news: their identity is made of it, and a crash before this write repeats them.
    ...(verdict.isNews ? {} : { checkedAt: clock.now() }),
  });
}
