import type { Instance, Store, TenantScope } from "../../../store/contract/index.ts";
import type { SecretBox } from "../../../base/secret-box.ts";
import type { Clock } from "../../../base/clock.ts";
import { unsignedGraceMs } from "../decide/secret-plan.ts";
import type { AdoptionRecords } from "../records/adoption-record.ts";

interface SecretChangeOptions {
  readonly store: Pick<Store, "directory">;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly records: AdoptionRecords;
}

export interface SecretChange {
  /** The instance as it is now; undefined when it is gone. */
  readonly instance: Instance | undefined;
  /** The provider signs with another secret until our webhook is put in place again. */
  readonly isOwed: boolean;
}

/**
 * Gives an instance a secret that a person chose. Where our webhook stands at its provider, what is signed
 * with the old secret may be under way, and goes on until the provider has the new one: none is demanded
 * for the time of the providers' retries, since what is refused is lost.
 *
 * The caller holds the instance's turn. `secret` in the clear.
 */
export async function changeSecret(
  { store, secretBox, clock, records }: SecretChangeOptions,
  scope: TenantScope,
  instanceId: string,
  secret: string,
): Promise<SecretChange> {
  const { directory } = store;
  const instance = await directory.instance(scope, instanceId);
  const record = await records.get(scope, instanceId);
  const known = instance?.webhookSecret;
  if (!instance || (known !== undefined && secretBox.open(known) === secret))
    return { instance, isOwed: false };
  const sealed = secretBox.seal(secret);
  const isAtProvider = record?.hookUrl !== undefined && record.state !== "released";
  if (!isAtProvider) {
    const changed = await directory.updateInstance(scope, instanceId, { webhookSecret: sealed });
    return { instance: changed, isOwed: false };
  }
  const open = await directory.updateInstance(scope, instanceId, { webhookSecret: null });
  await records.change(scope, instanceId, {
    secret: sealed,
    isTheirSecret: true,
    demandSecretAt: clock.now() + unsignedGraceMs,
  });
  return { instance: open, isOwed: true };
}
