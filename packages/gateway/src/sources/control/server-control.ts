import type { Contact, ProviderName } from "@recado/protocol";
import type { JsonObject } from "@recado/providers";

/**
 * What the gateway does at a provider server, in the same words for Evolution and WAHA.
 *
 * Every call is paced per server, ends within a time limit, and rejects with `ProviderApiError` (what the
 * provider said and what to do) and nothing else. No answer holds a key. Names are the provider's own.
 */
export interface ServerControl {
  readonly provider: ProviderName;
  /** Which program answers; also proves that the key is right. */
  info(): Promise<RemoteServer>;
  /** Every number of the server, connected or not. */
  list(): Promise<readonly RemoteInstance[]>;
  /** Rejects with `not_found` when the server has no such number. */
  instance(name: string): Promise<RemoteInstance>;
  /**
   * Makes a number with our webhook in place; answers its state. Rejects with `conflict` when the name is in
   * use. Any other error may leave the number there, without its webhook: `installHook` completes it.
   */
  create(name: string, hook: WantedHook): Promise<RemoteInstance>;
  remove(name: string): Promise<void>;

  /** Compares what is configured with what we want; changes nothing. */
  inspectHook(name: string, hook: WantedHook): Promise<HookState>;
  /**
   * Puts our webhook in place, reads it back and compares. Writes only when something differs (a WAHA
   * session restarts at each write). Webhooks of others in WAHA's list stay; Evolution has one address:
   * the one that was there is in the answer's `replaced`. `seen` is what `inspectHook` answered a moment ago,
   * and saves a call where the change itself begins with reading.
   */
  installHook(name: string, hook: WantedHook, seen?: HookState): Promise<HookState>;
  /** Takes our webhook out and puts `restore` (Evolution: what was there before) back. */
  removeHook(name: string, hook: WantedHook, restore?: ForeignHook): Promise<HookState>;

  /** Starts or goes on with connecting; answers what can be scanned or typed, when there is something yet. */
  connect(name: string, options?: { readonly phone?: string }): Promise<PairingOffer>;
  /** What can be scanned now. */
  offer(name: string): Promise<PairingOffer>;
  logout(name: string): Promise<void>;
  /** Restarts the number's connection; its pairing stays. */
  restart(name: string): Promise<void>;

  /**
   * Messages that the provider has of `since`–`until` (Unix milliseconds, both included), oldest first,
   * each as the webhook body that the provider itself would have sent for it, so that it is read and
   * recognised like one; what WhatsApp said of its delivery follows a message as a body of its own.
   * `limit` counts messages and never cuts a second in two, so that a few more may come. `complete` is
   * false when it ended the answer: go on from `newest`, which is then later than `since`.
   */
  messages(
    name: string,
    span: { readonly since: number; readonly until: number; readonly limit: number },
  ): Promise<StoredMessages>;
}

export interface RemoteServer {
  readonly provider: ProviderName;
  readonly version?: string;
  /** `2.3`, `1.8`, `NOWEB PLUS`, … */
  readonly flavour?: string;
  /** The key is not the server's but that of these numbers, and sees no others (Evolution). */
  readonly limitedTo?: readonly string[];
}

export type RemoteState = "open" | "connecting" | "close";

export interface RemoteInstance {
  readonly name: string;
  readonly state: RemoteState;
  /** The provider's own word. */
  readonly providerState: string;
  /** Own account once it was connected. */
  readonly account?: Contact;
  /** Baileys, Meta, NOWEB, … as the provider says it. */
  readonly engine?: string;
  /** The provider's code of the last disconnection. */
  readonly disconnectCode?: number;
  /** Unix milliseconds. */
  readonly disconnectedAt?: number;
}

/** Our webhook as it should be. */
export interface WantedHook {
  readonly url: string;
  /** Evolution's `jwt_key`, WAHA's HMAC key. */
  readonly secret: string;
  /** Evolution: media come inside the bodies. Default: they do not. */
  readonly media?: boolean;
  /** Recognises an address of ours from earlier settings (another public URL, a token that was replaced). */
  readonly isOurs: (url: string) => boolean;
}

/** A webhook of somebody else. */
export interface ForeignHook {
  readonly url: string;
  readonly enabled: boolean;
  readonly events: readonly string[];
  /** May hold credentials: seal before storing. */
  readonly headers: Readonly<Record<string, string>>;
  readonly byEvents?: boolean;
  readonly base64?: boolean;
}

export interface HookState {
  /** True when nothing differs from what is wanted. */
  readonly inPlace: boolean;
  /** One per setting that differs; values of secrets are never in it. */
  readonly differences: readonly HookDifference[];
  /** Evolution: the address that stands there instead of ours, or that ours replaced. */
  readonly replaced?: ForeignHook;
  /** WAHA: addresses of others beside ours, without what may be secret in them. */
  readonly others: readonly string[];
  /** True when this call wrote. */
  readonly changed: boolean;
  /** The server's version cannot prove who sends (Evolution 1): what comes is believed by its address alone. */
  readonly unsigned?: true;
}

export interface HookDifference {
  /**
   * `url`, `enabled`, `events`, `byEvents`, `base64`, `secret`, `retries`, `headers`, `copies` (ours stands
   * there more than once), `missing`.
   */
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
}

/** What a person scans or types to connect a number. */
export interface PairingOffer {
  readonly state: RemoteState;
  readonly providerState: string;
  /** The raw code to draw. */
  readonly qr?: string;
  /** The same as a data URL. */
  readonly base64?: string;
  readonly pairingCode?: string;
  /** Codes shown so far, where the provider counts. */
  readonly attempt?: number;
  /** Codes that are left, where it is known. */
  readonly attemptsLeft?: number;
}

export interface StoredMessages {
  readonly bodies: readonly JsonObject[];
  readonly complete: boolean;
  /** Time of the newest one, Unix milliseconds; WhatsApp's clock, whole seconds. */
  readonly newest?: number;
  /** The provider holds more of this span than it lists (Evolution 1 lists its newest 1,000). */
  readonly unlisted?: true;
}
