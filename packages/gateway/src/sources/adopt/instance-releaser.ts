import type { TenantScope } from "../../store/contract/index.ts";
import type { EndpointKeeper } from "./endpoints/endpoint-keeper.ts";
import type { AdoptionCase } from "./instance-adopter.ts";
import type { AdoptionOptions } from "./options.ts";
import { openHook } from "./hook/previous-hook.ts";
import { reasonOf } from "./reasons/reason-of.ts";
import type { Reason } from "./reasons/sentences.ts";
import type { AdoptionRecord, AdoptionRecords } from "./records/adoption-record.ts";
import { ownHook } from "./hook/wanted-hook.ts";

export type ReleaseOutcome =
  | { readonly kind: "released" | "nothing" }
  | { readonly kind: "failed"; readonly reason: Reason };

/**
 * Gives a number back: what stood at the provider stands there again, and the endpoint that stood in for it
 * lets the number go. In this order, so that nothing falls between them: an event may come to both for a
 * moment, never to none. Repeating it is harmless.
 *
 * Calls about one instance must not overlap: who calls holds its turn.
 */
export class InstanceReleaser {
  readonly #options: AdoptionOptions;
  readonly #records: AdoptionRecords;
  readonly #endpoints: EndpointKeeper;

  constructor(options: AdoptionOptions, records: AdoptionRecords, endpoints: EndpointKeeper) {
    this.#options = options;
    this.#records = records;
    this.#endpoints = endpoints;
  }

  /** Never rejects for what the provider does. Rejects when the store does. */
  async release(about: AdoptionCase, by: "server" | "instance"): Promise<ReleaseOutcome> {
    const { scope, instance } = about;
    const record = await this.#records.get(scope, instance.id);
    if (!record) return { kind: "nothing" };
    if (record.state !== "released") {
      const reason = await this.#giveBack(about, record);
      if (reason) {
        await this.#records.change(scope, instance.id, { reason });
        return { kind: "failed", reason };
      }
    }
    const leaving = record.endpointId ?? record.leavingEndpointId;
    const hasLeft =
      leaving === undefined || (await this.#endpoints.letGo(scope, leaving, instance.id));
    await this.#dropOwnSecret(about, record);
    await this.#records.change(scope, instance.id, {
      state: "released",
      // A number that was given back by itself stays so when its server is given back, too.
      releasedBy: record.releasedBy ?? by,
      differences: [],
      reason: undefined,
      previous: undefined,
      endpointId: undefined,
      media: undefined,
      leavingEndpointId: hasLeft ? undefined : leaving,
      demandSecretAt: undefined,
      adoptedAt: undefined,
      told: undefined,
      repairs: [],
    });
    return { kind: "released" };
  }

  /** Lets a number leave its endpoint that was given back while something of it waited there. */
  async finish(scope: TenantScope, instanceId: string): Promise<void> {
    const { state, leavingEndpointId } = (await this.#records.get(scope, instanceId)) ?? {};
    if (state !== "released" || leavingEndpointId === undefined) return;
    if (await this.#endpoints.letGo(scope, leavingEndpointId, instanceId))
      await this.#records.change(scope, instanceId, { leavingEndpointId: undefined });
  }

  /** A number that is gone at the provider has nothing to be put back. */
  async #giveBack(about: AdoptionCase, record: AdoptionRecord): Promise<Reason | undefined> {
    const { instance, control } = about;
    const { secretBox, logger } = this.#options;
    const sealed = instance.webhookSecret ?? record.secret;
    // Nothing of ours was ever written there.
    if (record.hookUrl === undefined || sealed === undefined) return undefined;
    try {
      const secret = secretBox.open(sealed);
      const hook = await ownHook(this.#options, { ...about, secret, record });
      const restore =
        record.previous === undefined ? undefined : openHook(secretBox, record.previous);
      await control.removeHook(instance.providerName, hook, restore);
      return undefined;
    } catch (error) {
      const reason = reasonOf(error, logger);
      return reason.code === "not_found" ? undefined : reason;
    }
  }

  /** The secret that adoption made: whoever configures the number by hand from now on does not know it. */
  async #dropOwnSecret(
    { scope, instance }: AdoptionCase,
    { secret, isTheirSecret }: AdoptionRecord,
  ): Promise<void> {
    const { webhookSecret } = instance;
    if (isTheirSecret) return;
    if (webhookSecret === undefined || secret === undefined) return;
    const { secretBox, store } = this.#options;
    if (secretBox.open(webhookSecret) !== secretBox.open(secret)) return;
    await store.directory.updateInstance(scope, instance.id, { webhookSecret: null });
  }
}
