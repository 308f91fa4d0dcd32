import { createCaller, type ApiOptions } from "../../api/index.ts";
import type { CallOptions, EvolutionContext } from "./context.ts";
import { createInstance, type CreatedInstance, type CreateOptions } from "./create-instance.ts";
import { evolutionDialect } from "./dialect.ts";
import * as instances from "./instances.ts";
import type { EvolutionConnection, EvolutionInstance, EvolutionState } from "./read-answers.ts";
import { media, type EvolutionMedia, type MediaOptions } from "./records/media.ts";
import { contacts, lidPairs, type EvolutionContact, type LidPair } from "./records/people.ts";
import {
  messagesSince,
  type MessagesSinceOptions,
  type StoredMessages,
} from "./records/stored-messages.ts";
import {
  askServer,
  checkCredentials,
  type EvolutionCredentials,
  type EvolutionServerInfo,
} from "./server-info.ts";
import { parseVersion, type EvolutionVersion } from "./server-version.ts";
import type { EvolutionStoredWebhook, EvolutionWebhookInput } from "./webhook/webhook-config.ts";
import { eventNamesOf } from "./webhook/webhook-events.ts";
import {
  compareWebhook,
  deleteWebhook,
  getWebhook,
  setWebhook,
  type SetWebhookOptions,
  type WebhookOutcome,
} from "./webhook/webhooks.ts";
import { getWebsocket, setWebsocket, type EvolutionWebsocket } from "./webhook/websocket.ts";

export interface EvolutionApiOptions extends ApiOptions {
  /** The server's version where it is known already; else it is asked once, when a call needs it. */
  readonly version?: string;
}

/**
 * The management API of one Evolution server, 2.x and 1.x. Calls are independent and may run at once in
 * any number; how many at a time is for the sender to bound. Every call rejects with a
 * `ProviderApiError`, or with the reason of its own aborted signal. The key is in no error, and printing
 * the object shows nothing.
 */
export class EvolutionApi {
  readonly #context: EvolutionContext;
  #version: Promise<EvolutionVersion | undefined> | undefined;

  /** Throws a `ProviderApiError` with `invalid_request` for an address or a key that cannot be used. */
  constructor(options: EvolutionApiOptions) {
    const caller = createCaller(options, evolutionDialect);
    const known = parseVersion(options.version);
    if (known !== undefined) this.#version = Promise.resolve(known);
    this.#context = { caller, version: () => this.#versionOnce() };
  }

  /** The server's address, canonical. */
  get baseUrl(): string {
    return this.#context.caller.baseUrl;
  }

  /** Shared by calls at once, so it follows none of their signals. Asked again after a failure. */
  #versionOnce(): Promise<EvolutionVersion | undefined> {
    this.#version ??= askServer(this.#context).then(
      ({ version }) => version,
      (error: unknown) => {
        this.#version = undefined;
        throw error;
      },
    );
    return this.#version;
  }

  /** Asks anew, without the key; later calls follow the version that it says. */
  async serverInfo(options?: CallOptions): Promise<EvolutionServerInfo> {
    const { info, version } = await askServer(this.#context, options);
    this.#version = Promise.resolve(version);
    return info;
  }

  /** Whether the key works, and whether it is the server's or an instance's. */
  checkCredentials(options?: CallOptions): Promise<EvolutionCredentials> {
    return checkCredentials(this.#context, options);
  }

  /** The event names that this server's webhooks know, as far as its version tells. */
  async eventNames(): Promise<readonly string[]> {
    return eventNamesOf(await this.#versionOnce());
  }

  /** Every instance that the key may see. */
  listInstances(options?: instances.ListOptions): Promise<readonly EvolutionInstance[]> {
    return instances.listInstances(this.#context, options);
  }

  /** One instance; rejects with `not_found`. */
  findInstance(name: string, options?: instances.ListOptions): Promise<EvolutionInstance> {
    return instances.findInstance(this.#context, name, options);
  }

  /** Makes an instance; rejects with `conflict` when the name is in use. */
  createInstance(name: string, options?: CreateOptions): Promise<CreatedInstance> {
    return createInstance(this.#context, name, options);
  }

  /** The documented form of {@link createInstance}. */
  createInstanceWithWebhook(
    name: string,
    webhook: EvolutionWebhookInput,
    options?: Omit<CreateOptions, "webhook">,
  ): Promise<CreatedInstance> {
    return createInstance(this.#context, name, { ...options, webhook });
  }

  /** The running server's word about the connection. */
  connectionState(
    name: string,
    options?: CallOptions,
  ): Promise<{ readonly state: EvolutionState; readonly providerState?: string }> {
    return instances.connectionState(this.#context, name, options);
  }

  /** Starts connecting; gives the QR code, and a pairing code when a phone is given. */
  connect(name: string, options?: instances.ConnectOptions): Promise<EvolutionConnection> {
    return instances.connect(this.#context, name, options);
  }

  /** Closes and opens the connection; rejects with `wrong_state` when it is closed. */
  restart(name: string, options?: CallOptions): Promise<EvolutionConnection> {
    return instances.restart(this.#context, name, options);
  }

  /** Unlinks the phone; rejects with `wrong_state` when it is not connected. */
  logout(name: string, options?: CallOptions): Promise<void> {
    return instances.logout(this.#context, name, options);
  }

  /** Deletes the instance; its name may stay in use for up to 25 minutes. */
  deleteInstance(name: string, options?: CallOptions): Promise<void> {
    return instances.deleteInstance(this.#context, name, options);
  }

  /** Our own account behind an instance. */
  profile(name: string, options?: CallOptions): ReturnType<typeof instances.profile> {
    return instances.profile(this.#context, name, options);
  }

  /** Sets the webhook, reads it back and compares. */
  setWebhook(
    name: string,
    config: EvolutionWebhookInput,
    options?: SetWebhookOptions,
  ): Promise<WebhookOutcome> {
    return setWebhook(this.#context, name, config, options);
  }

  /** Compares the stored webhook with a configuration, and changes nothing. */
  compareWebhook(
    name: string,
    config: EvolutionWebhookInput,
    options?: SetWebhookOptions,
  ): Promise<WebhookOutcome> {
    return compareWebhook(this.#context, name, config, options);
  }

  /** The stored webhook; null when there is none. */
  getWebhook(
    name: string,
    options?: CallOptions,
  ): Promise<{ readonly webhook: EvolutionStoredWebhook | null }> {
    return getWebhook(this.#context, name, options);
  }

  /** Switches the webhook off, and makes sure that it is. */
  deleteWebhook(
    name: string,
    options?: CallOptions,
  ): Promise<{ readonly webhook: EvolutionStoredWebhook | null }> {
    return deleteWebhook(this.#context, name, options);
  }

  /** The instance's socket settings; rejects with `feature_off` when the server has no sockets. */
  getWebsocket(name: string, options?: CallOptions): Promise<EvolutionWebsocket | null> {
    return getWebsocket(this.#context, name, options);
  }

  /** Switches the instance's socket on or off and reads it back. */
  setWebsocket(
    name: string,
    wanted: { readonly enabled: boolean; readonly events?: readonly string[] },
    options?: CallOptions,
  ): Promise<EvolutionWebsocket | null> {
    return setWebsocket(this.#context, name, wanted, options);
  }

  /** What the server stored since a moment, oldest first, in parts. */
  messagesSince(
    name: string,
    options: MessagesSinceOptions,
  ): AsyncGenerator<StoredMessages, void, undefined> {
    return messagesSince(this.#context, name, options);
  }

  /** Every contact that the server stored. */
  contacts(name: string, options?: CallOptions): Promise<readonly EvolutionContact[]> {
    return contacts(this.#context, name, options);
  }

  /** Pairs of LID and phone that the stored contacts hold. */
  lidPairs(name: string, options?: CallOptions): Promise<readonly LidPair[]> {
    return lidPairs(this.#context, name, options);
  }

  /** The file of a stored message. */
  media(name: string, messageId: string, options?: MediaOptions): Promise<EvolutionMedia> {
    return media(this.#context, name, messageId, options);
  }
}
