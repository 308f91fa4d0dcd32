import type { Caller } from "../../api/caller.ts";
import { permits } from "../../access/index.ts";
import { shownIngestUrl } from "../../api/present.ts";
import type { Endpoint, ProviderServer } from "../../store/contract/index.ts";
import {
  DocumentedEndpoints,
  isShared,
  type EndpointParts,
} from "./configured/documented-endpoint.ts";
import { switchedOff, viewOfEndpoint } from "./configured/endpoint-view.ts";
import { InTurn } from "./in-turn.ts";
import { KeptWebhooks, type KeptWebhook } from "./configured/kept-webhook.ts";
import { AddressInTheWay, type OwnAddresses, type OwnWebhook } from "./configured/own-webhook.ts";
import type { ProviderWebhooks, StoredWebhook } from "./configured/provider-webhooks.ts";
import { atProvider, notStored, providerRefusal, removeFailed, setFailed } from "./refusal.ts";
import type { Session } from "./session.ts";
import type { WebhookView } from "./words/shown-webhook.ts";
import type { WebhookWish } from "./words/wish.ts";

export interface SessionWebhooksOptions extends EndpointParts {
  readonly own: OwnWebhook;
  readonly addresses: OwnAddresses;
  readonly publicUrl: () => string;
  readonly webhooksAt: (server: ProviderServer, name: string) => ProviderWebhooks;
}

type Known = Session & { readonly server: ProviderServer };

/** What was configured until now. */
interface Before {
  readonly kept: KeptWebhook | undefined;
  readonly endpoint: Endpoint | undefined;
}

/**
 * The webhook of a session, as the documented routes see it: one per session.
 *
 * Owns: what a configured address means here. The provider keeps pointing at us, and what was asked for is
 * an endpoint; only `direct` goes past us. Must not know: HTTP, how our own webhook is kept in place.
 *
 * I1 What is answered as configured was read back at the provider. (`evolution-routes.test.ts`,
 *    `waha-routes.test.ts`)
 * I2 Taking a webhook out never ends our own recording, unless our own was what was configured.
 * I3 Changes of one session run one after the other.
 */
export class SessionWebhooks {
  readonly #options: SessionWebhooksOptions;
  readonly #kept: KeptWebhooks;
  readonly #endpoints: DocumentedEndpoints;
  readonly #turns = new InTurn();

  constructor(options: SessionWebhooksOptions) {
    this.#options = options;
    this.#kept = new KeptWebhooks(options.store.records);
    this.#endpoints = new DocumentedEndpoints(options);
  }

  /** The webhook as it stands; null for none. Rejects with `ProviderApiError` or a {@link Refusal}. */
  async read(caller: Caller, session: Session): Promise<WebhookView | null> {
    const known = this.#known(session, setFailed);
    const [stored, kept] = await Promise.all([this.#at(known).list(), this.#keptOf(known)]);
    const ours = stored.find(({ url }) => this.#options.addresses.isOurs(url));
    const isWaha = session.instance.provider === "waha";
    if (kept?.mode === "endpoint") {
      const endpoint = await this.#endpointOf(caller, session, kept);
      if (!endpoint) return null;
      return viewOfEndpoint(endpoint, kept, ours?.enabled === true);
    }
    if (kept?.mode === "direct") {
      const found = stored.find(({ url }) => url === kept.url) ?? (isWaha ? undefined : stored[0]);
      return found ? this.#viewOfStored(caller, found, kept) : null;
    }
    const shown = isWaha ? ours : stored[0];
    if (!shown) return null;
    // Ours goes on behind a webhook that was removed; Evolution keeps the row of one that is off.
    if (kept?.mode === "removed" && (shown === ours || !shown.enabled)) return null;
    return this.#viewOfStored(caller, shown, kept);
  }

  /** Every webhook at the provider, and the address behind ours. */
  async readAll(caller: Caller, session: Session): Promise<readonly WebhookView[]> {
    const known = this.#known(session, setFailed);
    const stored = await this.#at(known).list();
    return stored.map((webhook) => this.#viewOfStored(caller, webhook, undefined));
  }

  /** Sets the webhook; rejects with a {@link Refusal} (502) when the provider does not take it. */
  configure(caller: Caller, session: Session, wish: WebhookWish): Promise<WebhookView> {
    const known = this.#known(session, setFailed);
    return this.#turns.run(session.instance.id, async () => {
      const kept = await this.#keptOf(known);
      const endpoint = await this.#endpointOf(caller, session, kept);
      const before: Before = { kept, endpoint };
      const foreign =
        wish.url !== undefined && !this.#options.addresses.isOurs(wish.url) ? wish.url : undefined;
      if (foreign !== undefined && wish.direct)
        return this.#direct(caller, known, wish, foreign, before);
      if (foreign !== undefined) return this.#endpoint(caller, known, wish, foreign, before);
      // Switching off without an address means the one that is there, with all that it has.
      if (!wish.enabled && wish.url === undefined && endpoint) {
        const off = switchedOff(endpoint, kept);
        return this.#endpoint(caller, known, off, endpoint.url, before);
      }
      return this.#own(caller, known, wish, before);
    });
  }

  /** Only puts our own webhook in place; what else is configured stays. */
  ensureOwn(session: Session): Promise<void> {
    const known = this.#known(session, setFailed);
    return this.#turns.run(session.instance.id, async () => {
      const kept = await this.#keptOf(known);
      await this.#install(known, false);
      // The address that was there before goes on as an endpoint.
      if ((await this.#keptOf(known))?.mode === "endpoint") return;
      const { addresses } = this.#options;
      await this.#removeOldDirect(known, kept, addresses.of(known.instance));
      await this.#keep(known, { mode: "own", byEvents: false, base64: false });
    });
  }

  /** Takes the configured webhook out; also right when there is none. */
  remove(caller: Caller, session: Session): Promise<void> {
    return this.#turns.run(session.instance.id, async () => {
      const kept = await this.#keptOf(session);
      if (kept?.mode === "endpoint") await this.#removeEndpoint(caller, session, kept);
      else await this.#removeStored(this.#known(session, removeFailed), kept);
      await this.#keep(session, {
        mode: "removed",
        byEvents: false,
        base64: false,
      });
    });
  }

  async #removeStored(session: Known, kept: KeptWebhook | undefined): Promise<void> {
    const { addresses } = this.#options;
    const stored = await atProvider(removeFailed, () => this.#at(session).list());
    const isEvolution = session.instance.provider === "evolution";
    const shown = stored.find(({ url }) =>
      kept?.mode === "direct"
        ? url === kept.url || isEvolution
        : addresses.isOurs(url) || isEvolution,
    );
    if (!shown) return;
    if (!addresses.isOurs(shown.url)) {
      await atProvider(removeFailed, () => this.#at(session).remove(shown.url));
      return;
    }
    // Ours that goes on recording behind a webhook that was removed before.
    if (kept?.mode === "removed") return;
    await this.#release(session, removeFailed);
  }

  /** Lets go of ours, and takes out what came back in its place, or was pasted there by hand. */
  async #release(session: Known, prefix: string): Promise<void> {
    const { scope, instance, server } = session;
    const { addresses, own } = this.#options;
    const isEvolution = instance.provider === "evolution";
    await atProvider(prefix, async () => {
      try {
        await own.release(scope, instance, server);
      } catch (error) {
        // Never adopted, and what stands there goes now anyway.
        if (!(error instanceof AddressInTheWay)) throw error;
      }
      const stored = await this.#at(session).list();
      const left = stored.filter(
        ({ url, enabled }) => enabled && (isEvolution || addresses.isOurs(url)),
      );
      for (const { url } of left) await this.#at(session).remove(url);
    });
  }

  async #direct(
    caller: Caller,
    session: Known,
    wish: WebhookWish,
    url: string,
    before: Before,
  ): Promise<WebhookView> {
    const { instance } = session;
    // Evolution has one address: ours makes room, and is not put back. WAHA has both in its list.
    if (instance.provider === "evolution") await this.#release(session, setFailed);
    else await this.#removeOldDirect(session, before.kept, url);
    await atProvider(setFailed, () => this.#at(session).set(url, wish));
    const stored = await atProvider(setFailed, () => this.#at(session).list());
    const found = stored.find((webhook) => webhook.url === url);
    if (wish.enabled && found?.enabled !== true)
      throw notStored(setFailed, instance.provider, [found ? "enabled" : "url"]);
    const kept: KeptWebhook = { ...keptWish("direct", wish), url };
    await this.#keep(session, kept);
    await this.#leave(caller, session, before);
    return viewOfWish(wish, url);
  }

  async #endpoint(
    caller: Caller,
    session: Known,
    wish: WebhookWish,
    url: string,
    before: Before,
  ): Promise<WebhookView> {
    const { endpoint } = before;
    const { instance } = session;
    const wanted = await this.#endpoints.judge(caller, url, wish, endpoint);
    await this.#install(session, true, wish.base64);
    await this.#removeOldDirect(session, before.kept, url);
    // The record first: an endpoint that nobody remembers would send everything twice.
    const stays = endpoint !== undefined && !isShared(endpoint);
    const id = stays ? endpoint.id : this.#endpoints.newId();
    await this.#keep(session, { ...keptWish("endpoint", wish), endpointId: id });
    await this.#endpoints.put(caller, instance, id, wanted);
    if (!stays) await this.#leave(caller, session, before);
    await this.#leaveReplaced(caller, session, id);
    return viewOfWish(wish, url);
  }

  async #own(
    caller: Caller,
    session: Known,
    wish: WebhookWish,
    before: Before,
  ): Promise<WebhookView> {
    if (wish.enabled) await this.#install(session, true, wish.base64);
    else await this.#release(session, setFailed);
    const url = this.#options.addresses.of(session.instance);
    await this.#removeOldDirect(session, before.kept, url);
    await this.#keep(session, keptWish("own", wish));
    await this.#leave(caller, session, before);
    await this.#leaveReplaced(caller, session, undefined);
    return { ...viewOfWish(wish, url), headers: {}, byEvents: false };
  }

  /**
   * Puts ours in place. An address that could not be kept beside it goes where the caller asked for
   * another one; else nothing is changed and the caller is told.
   */
  async #install(session: Known, replaces: boolean, media?: boolean): Promise<void> {
    const { scope, instance, server } = session;
    const { addresses, own } = this.#options;
    await atProvider(setFailed, async () => {
      try {
        await own.install(scope, instance, server, media);
      } catch (error) {
        if (!(error instanceof AddressInTheWay)) throw error;
        if (!replaces) throw providerRefusal(setFailed, instance.provider, error.sentence);
        const [stored] = await this.#at(session).list();
        if (stored && !addresses.isOurs(stored.url)) await this.#at(session).remove(stored.url);
        await own.install(scope, instance, server, media);
      }
    });
  }

  /** WAHA keeps a list: an address that was set past us before would go on getting everything. */
  async #removeOldDirect(
    session: Known,
    kept: KeptWebhook | undefined,
    url: string,
  ): Promise<void> {
    if (kept?.mode !== "direct" || session.instance.provider !== "waha") return;
    const old = kept.url;
    if (old === undefined || old === url) return;
    await atProvider(setFailed, () => this.#at(session).remove(old));
  }

  async #endpointOf(
    caller: Caller,
    { instance }: Session,
    kept: KeptWebhook | undefined,
  ): Promise<Endpoint | undefined> {
    if (kept?.mode !== "endpoint" || kept.endpointId === undefined) return undefined;
    return this.#endpoints.find(caller, instance, kept.endpointId);
  }

  async #removeEndpoint(caller: Caller, session: Session, kept: KeptWebhook): Promise<void> {
    await this.#leave(caller, session, {
      kept,
      endpoint: await this.#endpointOf(caller, session, kept),
    });
  }

  async #leave(caller: Caller, { instance }: Session, { endpoint }: Before): Promise<void> {
    if (endpoint) await this.#endpoints.remove(caller, instance, endpoint);
  }

  /** What stood at the provider before our webhook is replaced by what was asked for now. */
  async #leaveReplaced(caller: Caller, session: Session, stays: string | undefined): Promise<void> {
    const { scope, instance } = session;
    const id = await this.#options.own.keptEndpointId(scope, instance);
    if (id === undefined || id === stays) return;
    const endpoint = await this.#endpoints.find(caller, instance, id);
    if (endpoint) await this.#endpoints.remove(caller, instance, endpoint);
  }

  #viewOfStored(caller: Caller, stored: StoredWebhook, kept: KeptWebhook | undefined): WebhookView {
    const isOurs = this.#options.addresses.isOurs(stored.url);
    const url = permits(caller.principal, "write")
      ? stored.url
      : this.#shownToReaders(caller, stored);
    if (!isOurs) return { ...stored, url };
    const { mode, events } = kept ?? {};
    return { ...stored, url, headers: {}, events: mode === "own" ? events : stored.events };
  }

  /** An address often holds a token: who only reads sees where it leads. */
  #shownToReaders({ principal }: Caller, { url }: StoredWebhook): string {
    if (this.#options.addresses.isOurs(url))
      return shownIngestUrl(this.#options.publicUrl(), "", principal);
    const parsed = URL.parse(url);
    return parsed === null ? "" : `${parsed.origin}${parsed.pathname}`;
  }

  #at({ server, instance }: Known): ProviderWebhooks {
    return this.#options.webhooksAt(server, instance.providerName);
  }

  /** What was configured here, or else the address that the provider had before it was adopted. */
  async #keptOf({ scope, instance }: Session): Promise<KeptWebhook | undefined> {
    const kept = await this.#kept.get(scope, instance);
    if (kept) return kept;
    const endpointId = await this.#options.own.keptEndpointId(scope, instance);
    if (endpointId === undefined) return undefined;
    return { mode: "endpoint", endpointId, byEvents: false, base64: false };
  }

  #keep({ scope, instance }: Session, kept: KeptWebhook): Promise<void> {
    return this.#kept.put(scope, instance, kept);
  }

  #known(session: Session, prefix: string): Known {
    const { server, instance } = session;
    if (server) return { ...session, server };
    const problem = "nenhum servidor cadastrado para esta sessão";
    const advice = "cadastre o servidor em POST /api/v1/servers";
    throw providerRefusal(prefix, instance.provider, problem, [advice]);
  }
}

function keptWish(mode: KeptWebhook["mode"], wish: WebhookWish): KeptWebhook {
  const { givenEvents, byEvents, base64, retries } = wish;
  return {
    mode,
    byEvents,
    base64,
    ...(givenEvents === undefined ? {} : { events: givenEvents }),
    ...(retries === undefined ? {} : { retries }),
  };
}

function viewOfWish(wish: WebhookWish, url: string): WebhookView {
  const { enabled, givenEvents: events, headers, byEvents, base64, retries, hmacKey } = wish;
  return {
    url,
    enabled,
    events,
    headers,
    byEvents,
    base64,
    retries,
    hasHmac: hmacKey !== undefined,
  };
}
