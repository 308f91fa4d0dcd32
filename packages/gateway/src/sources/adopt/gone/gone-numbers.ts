import type { Instance, ProviderServer, TenantScope } from "../../../store/contract/index.ts";
import { ingestTokenIn } from "../decide/own-address.ts";
import type { InstanceReleaser } from "../instance-releaser.ts";
import type { AdoptionOptions } from "../options.ts";
import type { AdoptionRecord, AdoptionRecords } from "../records/adoption-record.ts";
import { maxIgnored, type ServerStates } from "../records/server-record.ts";
import type { Turns } from "../turns.ts";

export interface GoneNumbersOptions extends Pick<
  AdoptionOptions,
  "store" | "controls" | "secretBox" | "ids" | "logger"
> {
  readonly records: AdoptionRecords;
  readonly states: ServerStates;
  readonly releaser: InstanceReleaser;
  /** One piece of work per instance at a time. */
  readonly turns: Turns;
}

/**
 * Numbers that are deleted here. They do not come back by themselves, and what stood at their provider is
 * owed to it until it is put back: a server that is down, or an end of this process, only puts that off.
 */
export class GoneNumbers {
  readonly #options: GoneNumbersOptions;

  constructor(options: GoneNumbersOptions) {
    this.#options = options;
  }

  /** Notes a number that is about to be deleted: what is owed is on disk before the number is gone. */
  async note(
    scope: TenantScope,
    serverId: string,
    { id, providerName }: Pick<Instance, "id" | "providerName">,
  ): Promise<void> {
    await this.#options.states.change(scope, serverId, ({ ignored = [], owed = [] }) => ({
      ignored: [...ignored.filter((name) => name !== providerName), providerName].slice(
        -maxIgnored,
      ),
      owed: [...owed.filter((other) => other.id !== id), { id, providerName }].slice(-maxIgnored),
    }));
  }

  /** Puts back whatever is owed to a server. Never rejects for what the provider does. */
  async settle(scope: TenantScope, server: ProviderServer): Promise<void> {
    const { states, turns } = this.#options;
    const { owed = [] } = await states.get(scope, server.id);
    for (const { id, providerName } of owed) {
      await turns.run(id, () => this.#settleOne(scope, server, id, providerName));
    }
  }

  async #settleOne(
    scope: TenantScope,
    server: ProviderServer,
    id: string,
    providerName: string,
  ): Promise<void> {
    const { states, store, logger } = this.#options;
    if (await store.directory.instance(scope, id)) {
      // The deletion was noted and never happened.
      await states.change(scope, server.id, ({ ignored = [], owed = [] }) => ({
        ignored: ignored.filter((name) => name !== providerName),
        owed: owed.filter((other) => other.id !== id),
      }));
      return;
    }
    const kind = await this.#giveBack(scope, server, id, providerName);
    logger.info({ instanceId: id, kind }, "a deleted number was given back");
    if (kind === "failed" || kind === "waits") return;
    await this.#options.records.forget(scope, id);
    await states.change(scope, server.id, ({ owed = [] }) => ({
      owed: owed.filter((other) => other.id !== id),
    }));
  }

  async #giveBack(
    scope: TenantScope,
    server: ProviderServer,
    id: string,
    providerName: string,
  ): Promise<"released" | "nothing" | "failed" | "waits"> {
    const { controls, records, releaser } = this.#options;
    const record = await records.get(scope, id);
    if (!record) return "nothing";
    const instance = this.#asItWas(server, id, providerName, record);
    const control = controls.of(server, "background");
    const about = { scope, server, instance, control, signing: "unknown" as const };
    const { kind } = await releaser.release(about, "instance");
    const hasLeft = (await records.get(scope, id))?.leavingEndpointId === undefined;
    return hasLeft ? kind : "waits";
  }

  /** As much of the instance as giving it back needs. */
  #asItWas(
    server: ProviderServer,
    id: string,
    providerName: string,
    { hookUrl, secret }: AdoptionRecord,
  ): Instance {
    const { ids, secretBox } = this.#options;
    return {
      id,
      tenantId: server.tenantId,
      name: providerName,
      providerName,
      provider: server.provider,
      serverId: server.id,
      ingestToken: ingestTokenIn(hookUrl ?? "") ?? ids.token(24),
      // A person's own secret went with the instance; only that there is one counts.
      webhookSecret: secret ?? secretBox.seal(ids.token(24)),
      createdAt: server.createdAt,
    };
  }
}
