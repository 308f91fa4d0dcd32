import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../../base/clock.ts";
import type { Ids } from "../../../base/ids.ts";
import type { SecretBox } from "../../../base/secret-box.ts";
import type { AsProvider, Endpoint, Store, TenantScope } from "../../../store/contract/index.ts";
import { Turns } from "../turns.ts";
import type { KeptAddress } from "./kept-address.ts";

/** What of the deliverer and of the address guard is needed, as plain functions. */
export interface EndpointRules {
  /** Something about this endpoint changed. */
  wake(endpointId: string): void;
  /** A new signing secret. */
  newSecret(): string;
  /** Judges headers that an endpoint would add. */
  mayCarry(headers: Readonly<Record<string, string>>): boolean;
  /** Why an address may not be called, by the rules of every later request; undefined when it may. */
  refusalOf(url: string, allowPrivate: boolean): string | undefined;
}

export interface EndpointKeeperOptions {
  readonly store: Pick<Store, "directory" | "deliveries" | "log">;
  readonly rules: EndpointRules;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
}

export type Keeping =
  | { readonly kind: "kept"; readonly endpointId: string }
  /** The address may not be called; why, in words. */
  | { readonly kind: "refused"; readonly refusal: string };

/** As many as an endpoint may name. */
const maxInstances = 1_000;
/** Of one number at the end of the log; more are not looked through. */
const mostOwnEvents = 100;

/**
 * Endpoints that stand in for webhooks which a provider had: the same address of several numbers is one
 * endpoint. Changes of one tenant's are made one after the other.
 */
export class EndpointKeeper {
  readonly #options: EndpointKeeperOptions;
  readonly #turns = new Turns();

  constructor(options: EndpointKeeperOptions) {
    this.#options = options;
  }

  /** Idempotent. */
  keep(
    scope: TenantScope,
    address: KeptAddress,
    instanceId: string,
    about: { readonly allowPrivate: boolean; readonly description: string },
  ): Promise<Keeping> {
    return this.#turns.run(scope.tenantId, async () => {
      const { rules, store } = this.#options;
      const refusal = rules.refusalOf(address.url, about.allowPrivate);
      if (refusal !== undefined) return { kind: "refused", refusal };
      const same = await this.#find(scope, address, instanceId, about.allowPrivate);
      if (!same) {
        const endpointId = await this.#create(scope, address, instanceId, about);
        return { kind: "kept", endpointId };
      }
      const instances = same.instances ?? [];
      if (!instances.includes(instanceId)) {
        await store.directory.updateEndpoint(scope, same.id, {
          instances: [...instances, instanceId],
        });
        rules.wake(same.id);
      }
      return { kind: "kept", endpointId: same.id };
    });
  }

  /**
   * The number leaves the endpoint; one that is left by all is switched off. While something of it is under
   * way it stays on, and gets nothing new: switched off, it would hold what its receiver still waits for.
   *
   * Answers false, and changes nothing, while something of the number is stored that was not looked at for
   * the endpoint yet: its receiver would never get it. Then it is to be asked again later. `isUrgent`: the
   * number leaves all the same, since what comes from now on is not for this receiver.
   */
  letGo(
    scope: TenantScope,
    endpointId: string,
    instanceId: string,
    isUrgent = false,
  ): Promise<boolean> {
    return this.#turns.run(scope.tenantId, async () => {
      const { rules, store } = this.#options;
      const endpoint = await store.directory.endpoint(scope, endpointId);
      if (!endpoint?.instances?.includes(instanceId)) return true;
      const waits = endpoint.enabled && !isUrgent;
      if (waits && (await this.#isBehind(scope, endpointId, instanceId))) return false;
      const instances = endpoint.instances.filter((id) => id !== instanceId);
      const isIdle =
        instances.length === 0 &&
        (await store.deliveries.pending(scope, endpointId, 1)).length === 0;
      await store.directory.updateEndpoint(scope, endpointId, {
        instances,
        ...(isIdle ? { enabled: false } : {}),
      });
      rules.wake(endpointId);
      return true;
    });
  }

  /** Whether anything that a provider sent for the number lies behind what was planned for the endpoint. */
  async #isBehind(scope: TenantScope, endpointId: string, instanceId: string): Promise<boolean> {
    const { deliveries, log } = this.#options.store;
    const cursor = await deliveries.cursor(scope, endpointId);
    if (!cursor) return false;
    const after = cursor.offset;
    const events = await log.query(scope, { instanceId, after, limit: mostOwnEvents });
    // Our own findings have no body, and are not for receivers of the provider's format.
    return events.length === mostOwnEvents || events.some(({ bodyId }) => bodyId !== undefined);
  }

  async #create(
    scope: TenantScope,
    address: KeptAddress,
    instanceId: string,
    about: { readonly allowPrivate: boolean; readonly description: string },
  ): Promise<string> {
    const { store, rules, secretBox, clock, ids } = this.#options;
    const { url, headers, jwtKey } = address;
    const endpoint: Endpoint = {
      id: ids.next("end"),
      tenantId: scope.tenantId,
      url,
      description: about.description,
      // Named, because presences and history go only to those who ask for them, and the provider sent them.
      types: ["*"],
      instances: [instanceId],
      format: "provider",
      ordering: "chat",
      headers,
      secrets: [{ value: secretBox.seal(rules.newSecret()) }],
      enabled: true,
      allowPrivate: about.allowPrivate,
      asProvider: {
        ...choices(address),
        ...(jwtKey === undefined ? {} : { jwtKey: secretBox.seal(jwtKey) }),
      },
      createdAt: clock.now(),
    };
    const { head } = await store.log.bounds(scope);
    await store.deliveries.startAt(scope, endpoint.id, head);
    await store.directory.createEndpoint(scope, endpoint);
    rules.wake(endpoint.id);
    return endpoint.id;
  }

  async #find(
    scope: TenantScope,
    address: KeptAddress,
    instanceId: string,
    allowPrivate: boolean,
  ): Promise<Endpoint | undefined> {
    let afterId: string | undefined;
    for (;;) {
      const page = await this.#options.store.directory.endpoints(scope, {
        limit: 1_000,
        ...(afterId === undefined ? {} : { afterId }),
      });
      const same = page.find(
        (endpoint) =>
          endpoint.allowPrivate === allowPrivate &&
          hasRoom(endpoint, instanceId) &&
          this.#standsFor(endpoint, address),
      );
      afterId = page.at(-1)?.id;
      if (same || page.length < 1_000) return same;
    }
  }

  #standsFor(endpoint: Endpoint, address: KeptAddress): boolean {
    const { asProvider, url, headers, enabled } = endpoint;
    if (!asProvider || !enabled || url !== address.url) return false;
    const { jwtKey, ...rest } = asProvider;
    return (
      isDeepStrictEqual({ ...headers }, { ...address.headers }) &&
      isDeepStrictEqual({ ...rest }, { ...choices(address) }) &&
      (jwtKey === undefined ? undefined : this.#options.secretBox.open(jwtKey)) === address.jwtKey
    );
  }
}

function hasRoom({ instances }: Endpoint, instanceId: string): boolean {
  return (
    instances !== undefined &&
    instances.length > 0 &&
    (instances.length < maxInstances || instances.includes(instanceId))
  );
}

function choices({ events, byEvents }: KeptAddress): AsProvider {
  return {
    ...(events ? { events: events.toSorted() } : {}),
    ...(byEvents ? { byEvents: true as const } : {}),
  };
}
