import { RecadoError } from "../../base/recado-error.ts";
import type { Instance, ProviderServer, TenantScope } from "../../store/contract/index.ts";
import { signingAbility } from "./decide/signing.ts";
import type { AdoptionOptions } from "./options.ts";
import type { ConfiguredServer } from "./configured-servers.ts";
import { changeSecret } from "./hook/change-secret.ts";
import { testReach, type ReachResult } from "./reach/self-test.ts";
import { instancesOf } from "./records/instances-of.ts";
import { reasonOf } from "./reasons/reason-of.ts";
import type { Reason } from "./reasons/sentences.ts";
import type { AdoptionRecord } from "./records/adoption-record.ts";
import type { ServerState, SyncProgress } from "./records/server-record.ts";
import { ServerAdopter, type ReleasedServer } from "./server-adopter.ts";
import { Upkeep } from "./upkeep.ts";
import type { StepOutcome } from "./sync-progress.ts";

/**
 * Adopting provider servers: their numbers appear, get our webhook with a secret of their own, and are looked
 * after.
 *
 * Owns: what is configured at a provider for us, what stood there before, and who is told when it changes.
 * Must not know: HTTP routes, how events come in, what a provider's calls look like.
 *
 * I1 What worked before an adoption goes on working, and can be put back as it was.
 *    (`adopt-evolution.test.ts`, `release.test.ts`)
 * I2 Nothing is lost between two configurations, wherever a crash falls. (`crash.test.ts`)
 * I3 A server that is dead, slow or wrong costs nothing but its own health. (`drift.test.ts`, `upkeep.test.ts`)
 */
export interface Adoption {
  /** Adopts everything that the server has; a second call joins the first. Never rejects for what the provider does. */
  sync(scope: TenantScope, server: ProviderServer): Promise<SyncProgress>;
  /** The same in the background; answers how far it is. */
  begin(scope: TenantScope, server: ProviderServer): SyncProgress;
  /** The same in the background, for a server that was made or changed; it is looked after from then on. */
  serverChanged(scope: TenantScope, server: ProviderServer): void;
  /** A server that is not registered any more; its numbers stay as they are. */
  serverGone(scope: TenantScope, serverId: string): Promise<void>;
  /** Puts back at the provider what stood there before, number by number. */
  release(scope: TenantScope, server: ProviderServer): Promise<ReleasedServer>;
  /** Adopts one number, also one that was given back. `not_found` when its server is not registered. */
  adoptInstance(scope: TenantScope, instance: Instance, wish?: AdoptionWish): Promise<StepOutcome>;
  releaseInstance(scope: TenantScope, instance: Instance): Promise<ReleaseOne>;
  /**
   * Gives an instance a secret that a person chose, in the clear; answers the instance as it is then. Where
   * our webhook stands at its provider, the secret is put there in the background, and is demanded once
   * nothing that is signed otherwise can be under way. `not_found` when the instance is gone.
   */
  changeSecret(scope: TenantScope, instanceId: string, secret: string): Promise<Instance>;
  /**
   * An instance that is about to be deleted here: it will not come back by itself, and what stood at its
   * provider before is owed to it.
   */
  instanceGoing(scope: TenantScope, instance: Instance): Promise<void>;
  /** It is deleted: what is owed to its provider is put back in the background, as often as that takes. */
  instanceGone(scope: TenantScope, instance: Instance): Promise<void>;
  /** One whole check of a server now. Rejects with the provider's failure when it gives no list. */
  checkNow(scope: TenantScope, server: ProviderServer): Promise<void>;
  state(scope: TenantScope, serverId: string): Promise<ServerState>;
  /** How far a synchronising is that runs in this process. */
  progressOf(serverId: string): SyncProgress | undefined;
  /** Numbers here that belong to a server. */
  instancesOf(scope: TenantScope, serverId: string): Promise<readonly Instance[]>;
  /** Whether a server's webhooks reach us; changes nothing at it. */
  testServer(scope: TenantScope, server: ProviderServer): Promise<ReachResult>;
  /** The same of one number. `not_found` when its server is not registered. */
  testInstance(scope: TenantScope, instance: Instance): Promise<ReachResult>;
  hookOf(scope: TenantScope, instanceId: string): Promise<AdoptionRecord | undefined>;
  /**
   * Looks after every server that is registered, and goes on with what a crash has ended. Servers of the
   * settings are made or updated under `scope` and adopted in the background: a dead one stops nothing, it
   * is tried again.
   */
  start(scope: TenantScope, configured: readonly ConfiguredServer[]): Promise<void>;
  /** Resolves when nothing is under way in the background; the next check may be waiting for its time. */
  settled(): Promise<void>;
  /** Ends checks and waits for what is under way. Idempotent. */
  stop(): Promise<void>;
}

export interface AdoptionWish {
  /** Evolution: whether media are to come inside the bodies; absent: as before. */
  readonly media?: boolean;
}

export type ReleaseOne =
  | { readonly kind: "released" | "nothing" }
  | { readonly kind: "failed"; readonly reason: Reason };

/** Makes the step that gives a number a person's secret; `adopt` puts it at the provider. */
function secretSetter(
  options: AdoptionOptions,
  work: ServerAdopter,
  upkeep: Upkeep,
  adopt: Adoption["adoptInstance"],
): Adoption["changeSecret"] {
  const parts = { ...options, records: work.records };
  return async (scope, instanceId, secret) => {
    const { instance, isOwed } = await work.turns.run(instanceId, () =>
      changeSecret(parts, scope, instanceId, secret),
    );
    if (!instance) throw new RecadoError("not_found");
    if (isOwed) upkeep.inBackground(adopt(scope, instance));
    return instance;
  };
}

export function createAdoption(options: AdoptionOptions): Adoption {
  const { store, controls, logger } = options;
  const work = new ServerAdopter(options);
  const upkeep = new Upkeep(options, work);
  const { rounds } = upkeep;
  const testing = { ...options, records: work.records };

  async function registeredServer(
    scope: TenantScope,
    { serverId }: Instance,
  ): Promise<ProviderServer | undefined> {
    return serverId === undefined ? undefined : store.directory.server(scope, serverId);
  }

  async function serverOf(scope: TenantScope, instance: Instance): Promise<ProviderServer> {
    const server = await registeredServer(scope, instance);
    if (!server) throw new RecadoError("not_found", ["the instance belongs to no server"]);
    return server;
  }

  async function adoptInstance(
    scope: TenantScope,
    instance: Instance,
    { media }: AdoptionWish = {},
  ): Promise<StepOutcome> {
    const server = await serverOf(scope, instance);
    const control = controls.of(server);
    try {
      const signing = signingAbility(await control.info());
      return await work.adoptOne(scope, server, instance.id, { control, signing, media }, []);
    } catch (error) {
      return { kind: "failed", reason: reasonOf(error, logger) };
    }
  }

  return {
    sync: (scope, server) => {
      rounds.watch(scope, server.id);
      return work.sync(scope, server, "person");
    },
    begin: (scope, server) => upkeep.begin(scope, server),
    serverChanged: (scope, server) => void upkeep.begin(scope, server),
    async serverGone(scope, serverId) {
      rounds.forget(serverId);
      await work.states.forget(scope, serverId);
    },
    release: async (scope, server) =>
      work.release(scope, server, await instancesOf(options, scope, server.id)),
    adoptInstance,
    releaseInstance: async (scope, instance) =>
      work.releaseOne(scope, await serverOf(scope, instance), instance.id, "instance"),
    changeSecret: secretSetter(options, work, upkeep, adoptInstance),
    async instanceGoing(scope, instance) {
      const server = await registeredServer(scope, instance);
      if (server) await work.gone.note(scope, server.id, instance);
    },
    async instanceGone(scope, instance) {
      const server = await registeredServer(scope, instance);
      if (!server) return work.records.forget(scope, instance.id);
      // Again: who looked in between saw an instance that was still there.
      await work.gone.note(scope, server.id, instance);
      upkeep.settleGone(scope, server);
    },
    checkNow: (scope, server) => rounds.roundNow(scope, server),
    state: (scope, serverId) => work.states.get(scope, serverId),
    progressOf: (serverId) => work.progressOf(serverId),
    instancesOf: (scope, serverId) => instancesOf(options, scope, serverId),
    testServer: async (scope, server) =>
      testReach(testing, scope, server, await instancesOf(options, scope, server.id)),
    testInstance: async (scope, instance) =>
      testReach(testing, scope, await serverOf(scope, instance), [instance]),
    hookOf: (scope, instanceId) => work.records.get(scope, instanceId),
    start: (scope, configured) => upkeep.start(scope, configured),
    settled: () => upkeep.settled(),
    stop: () => upkeep.stop(),
  };
}
