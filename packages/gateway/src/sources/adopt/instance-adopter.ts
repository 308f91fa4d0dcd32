import type { Instance, ProviderServer, TenantScope } from "../../store/contract/index.ts";
import type { ForeignHook, HookState, ServerControl } from "../control/server-control.ts";
import { shownDifferences } from "./decide/drift.ts";
import { secretPlan } from "./decide/secret-plan.ts";
import type { SigningAbility } from "./decide/signing.ts";
import type { EndpointKeeper } from "./endpoints/endpoint-keeper.ts";
import { keptAddress } from "./endpoints/kept-address.ts";
import type { AdoptionOptions } from "./options.ts";
import { cannotReachUs } from "./reach/explain-reach.ts";
import { sealHook } from "./hook/previous-hook.ts";
import { reasonOf } from "./reasons/reason-of.ts";
import type { Reason } from "./reasons/sentences.ts";
import type { AdoptionChange, AdoptionRecord, AdoptionRecords } from "./records/adoption-record.ts";
import { ownerOf, ownHook, type OwnHook } from "./hook/wanted-hook.ts";

/** One number of a server, with what is needed to work on it. */
export interface AdoptionCase {
  readonly scope: TenantScope;
  readonly server: ProviderServer;
  readonly instance: Instance;
  readonly control: ServerControl;
  readonly signing: SigningAbility;
  /** Whether media are to come inside the bodies; absent: as it is remembered. */
  readonly media?: boolean | undefined;
}

export type AdoptionOutcome =
  | { readonly kind: "adopted" | "already" }
  | { readonly kind: "failed"; readonly reason: Reason };

/** What the record says from now on about the webhook that stood there. */
type Remembered =
  | { readonly kind: "remembered"; readonly change: AdoptionChange }
  | (AdoptionOutcome & { readonly kind: "failed" });

/** Bytes of a generated secret. */
const secretBytes = 32;

/**
 * Puts our webhook in place at one number.
 *
 * I1 What stood there is on disk before the provider is written to, and its endpoint exists before the
 *    first event can come: a crash at any point loses neither.
 * I2 A signature is demanded only after the provider has the secret, and not while anything unsigned may
 *    be under way.
 * I3 Nothing is written at the provider when nothing differs.
 * Proven by `adopt-evolution.test.ts` and `adopt-waha.test.ts`.
 *
 * Calls about one instance must not overlap: who calls holds its turn.
 */
export class InstanceAdopter {
  readonly #options: AdoptionOptions;
  readonly #records: AdoptionRecords;
  readonly #endpoints: EndpointKeeper;

  constructor(options: AdoptionOptions, records: AdoptionRecords, endpoints: EndpointKeeper) {
    this.#options = options;
    this.#records = records;
    this.#endpoints = endpoints;
  }

  /** Never rejects for what the provider does; the record says how it went. Rejects when the store does. */
  async adopt(about: AdoptionCase): Promise<AdoptionOutcome> {
    const { scope, server, instance, control } = about;
    const record = await this.#remembered(about);
    const secret = this.secretOf(instance, record);
    const hook = await ownHook(this.#options, { ...about, secret, record });
    let outcome: AdoptionOutcome;
    try {
      const found = await control.inspectHook(instance.providerName, hook);
      if (found.inPlace) {
        // What was begun with this secret goes on with it; a crash may have ended it behind the write.
        await this.settle(about, hook, found);
        outcome = { kind: "already" };
      } else outcome = await this.#install(about, hook, found);
    } catch (error) {
      outcome = { kind: "failed", reason: reasonOf(error, this.#options.logger) };
    }
    if (outcome.kind !== "failed") return outcome;
    const wasAdopted = record?.state === "adopted" || record?.state === "drifted";
    await this.#records.change(scope, instance.id, {
      serverId: server.id,
      reason: outcome.reason,
      ...(wasAdopted ? {} : { state: "failed" }),
    });
    return outcome;
  }

  async #remembered({ scope, instance, media }: AdoptionCase): Promise<AdoptionRecord | undefined> {
    const record = await this.#records.get(scope, instance.id);
    if (media === undefined || media === (record?.media === true)) return record;
    return this.#records.change(scope, instance.id, { media: media ? true : undefined });
  }

  /** The secret that an instance has, or gets: one that was begun with is gone on with. */
  secretOf(instance: Instance, record: AdoptionRecord | undefined): string {
    const { secretBox, ids } = this.#options;
    const sealed = instance.webhookSecret ?? record?.secret;
    return sealed === undefined ? ids.token(secretBytes) : secretBox.open(sealed);
  }

  /** Notes what was found in place, and demands the secret when its time has come. */
  async settle(about: AdoptionCase, hook: OwnHook, found: HookState): Promise<AdoptionRecord> {
    const { scope, server, instance } = about;
    const { clock, secretBox } = this.#options;
    const now = clock.now();
    const record = await this.#records.get(scope, instance.id);
    const signs = about.signing === "yes" && found.unsigned !== true;
    const isDue = record?.demandSecretAt === undefined || record.demandSecretAt <= now;
    const demands = instance.webhookSecret === undefined && signs && isDue;
    if (demands) {
      await this.#options.store.directory.updateInstance(scope, instance.id, {
        webhookSecret: record?.secret ?? secretBox.seal(hook.secret),
      });
    }
    return this.#records.change(scope, instance.id, {
      state: found.inPlace ? "adopted" : "drifted",
      serverId: server.id,
      hookUrl: hook.url,
      differences: [...shownDifferences(found.differences)],
      reason: undefined,
      ...(demands && record?.isTheirSecret
        ? { secret: undefined, isTheirSecret: undefined }
        : this.#madeSecret(instance, record, hook)),
      others: found.others.length,
      adoptedAt: record?.adoptedAt ?? now,
      checkedAt: now,
      vanishedAt: undefined,
      releasedBy: undefined,
      ...(isDue ? { demandSecretAt: undefined } : {}),
      ...(found.inPlace ? { told: undefined } : {}),
    });
  }

  async #install(about: AdoptionCase, hook: OwnHook, found: HookState): Promise<AdoptionOutcome> {
    const { scope, server, instance, control, signing } = about;
    const refusal = await this.#refusal(about, hook, found);
    if (refusal) return { kind: "failed", reason: { code: refusal } };
    const { clock } = this.#options;
    const kept = await this.#keep(about, foreignIn(found, hook));
    if (kept.kind === "failed") return kept;
    const plan = secretPlan(found, signing, clock.now());
    const record = await this.#records.get(scope, instance.id);
    await this.#leave(about, record, kept.change.endpointId);
    const planned = plan.kind === "at" ? plan.time : undefined;
    // Before the provider is written to: what stands there now is nowhere else.
    await this.#records.change(scope, instance.id, {
      state: "pending",
      serverId: server.id,
      hookUrl: hook.url,
      ...this.#madeSecret(instance, record, hook),
      // What was promised before to those under way holds, whatever was found now.
      demandSecretAt: planned ?? record?.demandSecretAt,
      ...kept.change,
    });
    if (kept.change.media) hook.bringMedia();
    let installed = await control.installHook(instance.providerName, hook, found);
    const late = foreignIn(installed, hook);
    if (late && late.url !== foreignIn(found, hook)?.url) {
      // Somebody changed it between our look and our write.
      const also = await this.#keep(about, late);
      if (also.kind === "failed") return also;
      await this.#records.change(scope, instance.id, also.change);
      if (also.change.media && !hook.media) {
        hook.bringMedia();
        installed = await control.installHook(instance.providerName, hook);
      }
    }
    await this.settle(about, hook, installed);
    return isUsable(installed)
      ? { kind: installed.changed ? "adopted" : "already" }
      : { kind: "failed", reason: { code: "not_stored" } };
  }

  /** What waits at an endpoint of an earlier adoption is let go: what comes now is for another receiver, or none. */
  async #leave(
    { scope, instance }: AdoptionCase,
    record: AdoptionRecord | undefined,
    stays: string | undefined,
  ): Promise<void> {
    const leaving = record?.leavingEndpointId;
    if (leaving === undefined) return;
    if (leaving !== stays) await this.#endpoints.letGo(scope, leaving, instance.id, true);
    await this.#records.change(scope, instance.id, { leavingEndpointId: undefined });
  }

  /** The record holds only secrets that were made here: a person's own stays when the number is given back. */
  #madeSecret(
    instance: Instance,
    record: AdoptionRecord | undefined,
    hook: OwnHook,
  ): AdoptionChange {
    if (record?.secret !== undefined || instance.webhookSecret !== undefined) return {};
    return { secret: this.#options.secretBox.seal(hook.secret) };
  }

  /** Why our webhook must not be put there; undefined when it may. */
  async #refusal(
    { scope, server, instance, signing }: AdoptionCase,
    hook: OwnHook,
    found: HookState,
  ): Promise<"other_tenant" | "secret_not_used" | "public_url_local" | undefined> {
    const { store, publicUrl } = this.#options;
    // Whatever stands there works better than an address that leads the provider to itself.
    if (cannotReachUs(publicUrl(), server.baseUrl)) return "public_url_local";
    const cannotSign = signing === "no" || found.unsigned === true;
    if (cannotSign && instance.webhookSecret !== undefined) return "secret_not_used";
    const url = found.replaced?.url;
    if (url === undefined) return undefined;
    const owner = await ownerOf(store, scope, publicUrl(), url);
    if (owner === "other_tenant") return owner;
    if (owner === "us") hook.claim(ownToken(url));
    return undefined;
  }

  /** What is to be remembered of a webhook that ours replaces. */
  async #keep(
    { scope, server, instance }: AdoptionCase,
    foreign: ForeignHook | undefined,
  ): Promise<Remembered> {
    if (!foreign) return { kind: "remembered", change: {} };
    const { secretBox, endpointRules } = this.#options;
    const previous = sealHook(secretBox, foreign);
    const address = keptAddress(foreign, (headers) => endpointRules.mayCarry(headers));
    if (!address) return { kind: "remembered", change: { previous } };
    const keeping = await this.#endpoints.keep(scope, address, instance.id, {
      allowPrivate: server.allowPrivate === true,
      description: `Webhook that ${server.name} had before it was adopted`.slice(0, 500),
    });
    if (keeping.kind === "refused") {
      return { kind: "failed", reason: { code: "address_not_allowed", detail: keeping.refusal } };
    }
    const { droppedHeaders, media } = address;
    const change: AdoptionChange = {
      previous,
      endpointId: keeping.endpointId,
      droppedHeaders: droppedHeaders.length > 0 ? [...droppedHeaders] : undefined,
      // Stays: an address that came before may need them, too.
      ...(media ? { media: true as const } : {}),
    };
    return { kind: "remembered", change };
  }
}

function ownToken(url: string): string {
  return /\/in\/([\w-]+)/.exec(new URL(url).pathname)?.[1] ?? "";
}

/** What stands there and is not ours. */
function foreignIn({ replaced }: HookState, hook: OwnHook): ForeignHook | undefined {
  return replaced && !hook.isOurs(replaced.url) ? replaced : undefined;
}

/** Whether what the provider has now reaches us, and is taken. */
function isUsable({ inPlace, differences }: HookState): boolean {
  const deafening = ["missing", "enabled", "url", "secret"];
  return inPlace || !differences.some(({ setting }) => deafening.includes(setting));
}
