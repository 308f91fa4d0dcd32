import { createCaller, ProviderApiError } from "../../api/index.ts";
import type { ApiCall, ApiCaller, ApiOptions } from "../../api/index.ts";
import type { Contact } from "@recado/protocol";
import type { JsonObject } from "../../contract.ts";
import { isObject, objectOf, wordOf } from "../wire.ts";
import { createSession, type WahaSessionWish } from "./create-session.ts";
import { wahaDialect } from "./dialect.ts";
import { downloadFile, type WahaFile } from "./download-file.ts";
import {
  messagesSince,
  readMessage,
  type WahaMessageRecord,
  type WahaMessages,
  type WahaMessageSpan,
} from "./messages-since.ts";
import { signalledCaller } from "./signalled-caller.ts";
import { readQrCode, type WahaQrCode } from "./qr-code.ts";
import {
  addressOfPhone,
  chatsPage,
  contactsPage,
  lidOf,
  lidsPage,
  oneContact,
  phoneOf,
  pictureOf,
  type WahaPage,
} from "./people.ts";
import {
  readAccount,
  readCode,
  readList,
  readServer,
  readSession,
  type WahaChat,
  type WahaContact,
  type WahaLid,
  type WahaServer,
  type WahaSession,
} from "./read-answers.ts";
import { listCall, readCall, readCallOrNothing } from "./read-call.ts";
import { SessionWebhooks, type WahaWebhookSet } from "./webhooks/session-webhooks.ts";
import type { WahaWebhookInput } from "./webhooks/webhook-config.ts";
import {
  findWebhook,
  readConfig,
  viewOfWahaWebhook,
  webhooksIn,
  type OwnsWahaUrl,
  type WahaWebhook,
  type WahaWebhookPart,
} from "./webhooks/webhook-list.ts";

export interface WahaApiOptions extends ApiOptions {
  /**
   * Tells one's own webhooks in a session's list; without it `setWebhook` knows its own by its address,
   * `getWebhook` shows the first, and `deleteWebhook` refuses to choose among several.
   */
  readonly ownsUrl?: OwnsWahaUrl;
  /** Ends every call of this client, those that wait in line too. */
  readonly signal?: AbortSignal;
}

/** Without `all` stopped ones are missing. */
const everySession: ApiCall = { method: "GET", path: "/api/sessions", query: { all: true } };

/** Start, stop and the like wait for a lock (10 s at most) and pause 3 to 4 s themselves. */
const controlTimeoutMs = 30_000;
const mostDigits = 20;

/**
 * WAHA's management API, for one server. Every method rejects with a `ProviderApiError`, or with the
 * reason of an aborted signal. Calls may run side by side; changes of one session's webhooks are put in
 * line. Holds its key where neither printing nor JSON shows it.
 *
 * The shapes were recorded on 2026.2.1 (NOWEB) and hold, by documentation, up to 2026.7.1. Sessions are
 * called by their name, which WAHA uses as their id.
 */
export class WahaApi {
  readonly #caller: ApiCaller;
  readonly #webhooks: SessionWebhooks;
  readonly #ownsUrl: OwnsWahaUrl | undefined;

  /** Throws a `ProviderApiError` with `invalid_request` for an address or key that cannot be used. */
  constructor(options: WahaApiOptions) {
    this.#caller = signalledCaller(createCaller(options, wahaDialect), options.signal);
    this.#webhooks = new SessionWebhooks(this.#caller);
    this.#ownsUrl = options.ownsUrl;
  }

  /** The server's address as it is called. */
  get baseUrl(): string {
    return this.#caller.baseUrl;
  }

  /** Version, engine and edition; proves the key too, since WAHA asks for it here. */
  async server(): Promise<WahaServer> {
    const call: ApiCall = { method: "GET", path: "/api/server/version" };
    try {
      return await this.#read(call, readServer, "a version of WAHA");
    } catch (error) {
      if (!(error instanceof ProviderApiError) || error.status !== 404) throw error;
      // Its name before 2024.8; the same answer.
      return this.#read({ method: "GET", path: "/api/version" }, readServer, "a version of WAHA");
    }
  }

  /** Every session, stopped ones too. Webhooks from the environment are in none of them. */
  sessions(): Promise<readonly WahaSession[]> {
    return listCall(this.#caller, everySession, readSession, readList);
  }

  /** Rejects with `not_found` for an unknown name. */
  session(name: string): Promise<WahaSession> {
    return this.#read(sessionCall("GET", name), readSession, "a session");
  }

  /** The whole configuration of a session, WITH the keys and header values of everybody's webhooks. */
  sessionConfig(name: string): Promise<JsonObject> {
    return this.#webhooks.config(name);
  }

  /**
   * The same of every session by its name, in one call: to compare many webhooks at once. Sessions whose
   * configuration has an unknown form are left out.
   */
  async sessionConfigs(): Promise<ReadonlyMap<string, JsonObject>> {
    const read = (value: unknown): readonly [string, JsonObject] | undefined => {
      const name = wordOf(objectOf(value)["name"]);
      const config = readConfig(value);
      return name === undefined || config === undefined ? undefined : [name, config];
    };
    return new Map(await listCall(this.#caller, everySession, read, readList));
  }

  /**
   * Replaces the whole configuration, and gives back what the server then has, keys included. What is
   * left out is wiped; a running session is stopped and started.
   */
  replaceSessionConfig(name: string, config: JsonObject): Promise<JsonObject> {
    return this.#webhooks.replace(name, config);
  }

  /** Creates a session, and starts it unless told otherwise. `conflict` for a name in use. */
  createSession(name: string, wish: WahaSessionWish = {}): Promise<WahaSession> {
    return createSession(this.#caller, this.#webhooks, name, wish);
  }

  /** Starts a session; one that runs already is left alone (422 in 2026.2.1). */
  async startSession(name: string): Promise<WahaSession> {
    try {
      return await this.#read(controlCall("start", name), readSession, "a session");
    } catch (error) {
      const runs =
        error instanceof ProviderApiError && /already started/i.test(error.providerMessage ?? "");
      if (!runs) throw error;
      return this.session(name);
    }
  }

  /** Stops a session and keeps its login. Undefined when there is no such session. */
  stopSession(name: string): Promise<WahaSession | undefined> {
    return this.#control("stop", name);
  }

  /** Stops and starts, about 3 seconds. */
  restartSession(name: string): Promise<WahaSession | undefined> {
    return this.#control("restart", name);
  }

  /** Ends the login; a running session starts again and offers a new QR code. */
  logoutSession(name: string): Promise<WahaSession | undefined> {
    return this.#control("logout", name);
  }

  /** Removes a session with its login and configuration; also right for one that does not exist. */
  async deleteSession(name: string): Promise<void> {
    const call = sessionCall("DELETE", name);
    await this.#caller.json({ ...call, whenEmpty: "fine", timeoutMs: controlTimeoutMs });
  }

  /** Whose number it is; undefined before login. `wrong_state` while stopped. */
  async account(name: string): Promise<Contact | undefined> {
    const call: ApiCall = {
      method: "GET",
      path: "/api/sessions/:session/me",
      parts: { session: name },
      whenEmpty: "fine",
    };
    const answer = await this.#caller.json(call);
    const { value } = answer;
    if (value === undefined || value === null || isObject(value)) return readAccount(value);
    throw this.#caller.failure(call, "unexpected_answer", "the answer is not an account", answer);
  }

  /**
   * The QR code of now: it changes after 60 seconds, then every 20. `wrong_state` outside of
   * SCAN_QR_CODE, for which WAHA takes 5 to 10 seconds.
   */
  qrCode(name: string): Promise<WahaQrCode> {
    return readQrCode(this.#caller, name);
  }

  /** A pairing code (`ABCD-1234`) for a phone, country code first. `wrong_state` outside of SCAN_QR_CODE. */
  async pairingCode(name: string, phone: string): Promise<string> {
    const phoneNumber = withoutMarks(phone);
    const call: ApiCall = {
      method: "POST",
      path: "/api/:session/auth/request-code",
      parts: { session: name },
      body: { phoneNumber },
      timeoutMs: controlTimeoutMs,
      secrets: [phoneNumber],
    };
    if (!/^\d+$/.test(phoneNumber) || phoneNumber.length > mostDigits)
      throw this.#caller.failure(call, "invalid_request", "a phone number is made of digits");
    return this.#read(call, readCode, "a pairing code");
  }

  /**
   * Sets our webhook in a session's list and leaves every other one and every other setting as they are.
   * `webhook` is what the server then has, keys masked. `enabled: false` takes it out.
   */
  setWebhook(name: string, config: WahaWebhookInput, owns?: OwnsWahaUrl): Promise<WahaWebhookSet> {
    return this.#webhooks.set(config, { name, owns: owns ?? this.#ownsUrl });
  }

  /**
   * In what our webhook differs from `config`, without changing anything; every part when it is missing.
   * Of the event names, those that the server left out at `setWebhook` differ too.
   */
  compareWebhook(
    name: string,
    config: WahaWebhookInput,
    owns?: OwnsWahaUrl,
  ): Promise<readonly WahaWebhookPart[]> {
    return this.#webhooks.compare(config, { name, owns: owns ?? this.#ownsUrl });
  }

  /** Our webhook in a session's list, keys masked; null when there is none. */
  async getWebhook(
    name: string,
    owns?: OwnsWahaUrl,
  ): Promise<{ readonly webhook: WahaWebhook | null }> {
    const config = await this.#webhooks.config(name);
    const found = findWebhook(config, owns ?? this.#ownsUrl ?? ownsEverything);
    return { webhook: found === undefined ? null : viewOfWahaWebhook(found) };
  }

  /** Every webhook of a session, others' too, keys masked. */
  async webhooks(name: string): Promise<readonly WahaWebhook[]> {
    return webhooksIn(await this.#webhooks.config(name)).map(viewOfWahaWebhook);
  }

  /** Takes our webhook out of a session's list. `changed` is false when it was not there. */
  deleteWebhook(name: string, owns?: OwnsWahaUrl): Promise<{ readonly changed: boolean }> {
    return this.#webhooks.remove({ name, owns: owns ?? this.#ownsUrl });
  }

  /** Messages of a span of time, oldest first; see {@link WahaMessageSpan} for its bounds. */
  messagesSince(name: string, span: WahaMessageSpan): Promise<WahaMessages> {
    return messagesSince(this.#caller, name, span);
  }

  /**
   * One message, by WAHA's composed id or WhatsApp's own. `withMedia` makes WAHA fetch its file again,
   * which helps after the file's lifetime. `not_found` when it is not kept.
   */
  message(
    name: string,
    chatId: string,
    id: string,
    { withMedia = false }: { readonly withMedia?: boolean } = {},
  ): Promise<WahaMessageRecord> {
    const call: ApiCall = {
      method: "GET",
      path: "/api/:session/chats/:chat/messages/:message",
      parts: { session: name, chat: chatId, message: id },
      query: { downloadMedia: withMedia },
      timeoutMs: controlTimeoutMs,
    };
    return this.#read(call, readMessage, "a message");
  }

  /** A page of the chats, the one spoken in last first. */
  chats(name: string, page: WahaPage = {}): Promise<readonly WahaChat[]> {
    return chatsPage(this.#caller, name, page);
  }

  /** A page of the contacts. NOWEB has none without its store. */
  contacts(name: string, page: WahaPage = {}): Promise<readonly WahaContact[]> {
    return contactsPage(this.#caller, name, page);
  }

  /** One contact; undefined for an unknown one. */
  contact(name: string, contactId: string): Promise<WahaContact | undefined> {
    return oneContact(this.#caller, name, contactId);
  }

  /** The address at which WhatsApp has a phone, which for Brazil may lack the ninth digit; or undefined. */
  findOnWhatsApp(name: string, phone: string): Promise<string | undefined> {
    return addressOfPhone(this.#caller, name, withoutMarks(phone));
  }

  /** The picture's address at WhatsApp, not at WAHA; undefined for none, or a hidden one. */
  profilePicture(name: string, contactId: string): Promise<string | undefined> {
    return pictureOf(this.#caller, name, contactId);
  }

  /** A page of the pairs of LID and phone that the session has learnt from its traffic. */
  lids(name: string, page: WahaPage = {}): Promise<readonly WahaLid[]> {
    return lidsPage(this.#caller, name, page);
  }

  /** The phone behind a LID, with or without `@lid`; without `jid` when it is unknown. */
  phoneOfLid(name: string, lid: string): Promise<WahaLid> {
    return phoneOf(this.#caller, name, lid);
  }

  /** The LID of a phone, digits or address; without `lid` when it is unknown. */
  lidOfPhone(name: string, phone: string): Promise<WahaLid> {
    return lidOf(this.#caller, name, phone);
  }

  /**
   * The bytes of a message's `media.url`, up to `maxBytes` (default 64 MiB). Only the file's path is taken
   * from the address: the call goes to this server, whatever host the address names. `not_found` after the
   * file's lifetime (180 seconds by default), `invalid_request` for an address that is none of WAHA's files.
   */
  downloadMedia(url: string, maxBytes?: number): Promise<WahaFile> {
    return downloadFile(this.#caller, url, maxBytes);
  }

  #control(what: "stop" | "restart" | "logout", name: string): Promise<WahaSession | undefined> {
    const call: ApiCall = { ...controlCall(what, name), whenEmpty: "fine" };
    return readCallOrNothing(this.#caller, call, readSession, "a session");
  }

  #read<T>(call: ApiCall, read: (value: unknown) => T | undefined, what: string): Promise<T> {
    return readCall(this.#caller, call, read, what);
  }
}

/** A phone as people write it, without what is no digit. */
function withoutMarks(phone: string): string {
  return phone.replaceAll(/[\s()+.-]/g, "");
}

function ownsEverything(): boolean {
  return true;
}

function sessionCall(method: "GET" | "PUT" | "DELETE", name: string): ApiCall {
  return { method, path: "/api/sessions/:session", parts: { session: name } };
}

function controlCall(what: "start" | "stop" | "restart" | "logout", name: string): ApiCall {
  return {
    method: "POST",
    path: `/api/sessions/:session/${what}`,
    parts: { session: name },
    timeoutMs: controlTimeoutMs,
    // Start and stop may be said twice; a restart or a logout would be done twice.
    repeatable: what === "start" || what === "stop",
  };
}
