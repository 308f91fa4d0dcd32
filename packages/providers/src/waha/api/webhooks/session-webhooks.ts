import { ProviderApiError, type ApiCall, type ApiCaller } from "../../../api/index.ts";
import type { JsonObject } from "../../../contract.ts";
import { InTurn } from "./in-turn.ts";
import {
  readWahaWebhookConfig,
  type ReadWahaWebhookConfig,
  type WahaWebhookEntry,
  type WahaWebhookInput,
} from "./webhook-config.ts";
import { narrowToValid, validNamesIn } from "./webhook-events.ts";
import {
  wahaWebhookDifferences,
  findWebhook,
  readConfig,
  secretsIn,
  urlOf,
  webhookParts,
  viewOfWahaWebhook,
  webhooksIn,
  withKeptSecrets,
  withoutWahaWebhook,
  withWahaWebhook,
  type OwnsWahaUrl,
  type WahaWebhook,
  type WahaWebhookPart,
} from "./webhook-list.ts";

/**
 * Reading and changing the webhooks inside a session's configuration, over the API.
 *
 * I1 Nothing is written when nothing differs: a PUT restarts a running session, for about 3 seconds.
 * I2 Every change is read back; what is returned is what the server has.
 * I3 Changes of one session through one client run one after the other, so that none undoes another.
 * Proven by `session-webhooks.test.ts`.
 *
 * Two clients that change one session at the same time can still undo each other: WAHA has no version
 * of a configuration to compare.
 */

export interface WahaWebhookSet {
  /** As the server has it now, keys masked; null when it is off. */
  readonly webhook: WahaWebhook | null;
  /** False: it was so already, and nothing was written. */
  readonly changed: boolean;
  /** Event names that this server does not know; they were left out. */
  readonly unknownEvents: readonly string[];
}

/** A PUT stops the session, pauses 3 s and starts it; before that it may wait 10 s for a lock. */
const updateTimeoutMs = 30_000;

/** Changes of one session that may wait for each other; each takes a few seconds. */
const mostWaiting = 32;

interface Choice {
  readonly name: string;
  /** Absent: only the address tells what is ours. */
  readonly owns?: OwnsWahaUrl | undefined;
  readonly signal?: AbortSignal;
}

type Wanted = Exclude<ReadWahaWebhookConfig, { kind: "refused" }>;
type WantedEntry = Extract<Wanted, { kind: "entry" }>;

/** Ours, and whatever stands at `url`. */
function ownsAlso(owns: OwnsWahaUrl | undefined, url: string): OwnsWahaUrl {
  return (other) => other === url || owns?.(other) === true;
}

export class SessionWebhooks {
  readonly #caller: ApiCaller;
  readonly #turns = new InTurn(mostWaiting);

  constructor(caller: ApiCaller) {
    this.#caller = caller;
  }

  /** `config` of a session as the server has it, keys included; an empty one when there is none. */
  async config(name: string, signal?: AbortSignal): Promise<JsonObject> {
    const call: ApiCall = {
      method: "GET",
      path: "/api/sessions/:session",
      parts: { session: name },
      ...(signal === undefined ? {} : { signal }),
    };
    const answer = await this.#caller.json(call);
    const config = readConfig(answer.value);
    if (config !== undefined) return config;
    throw this.#caller.failure(
      call,
      "unexpected_answer",
      "the answer is no session, or its configuration has an unknown form",
      answer,
    );
  }

  set(input: WahaWebhookInput, choice: Choice): Promise<WahaWebhookSet> {
    return this.#inTurn(choice, async () => {
      const wanted = this.read(input, updateCall(choice, {}));
      if (wanted.kind === "off") {
        const { url } = wanted;
        const owns = url === undefined ? choice.owns : ownsAlso(choice.owns, url);
        const { changed } = await this.#remove({ ...choice, owns });
        return { webhook: null, changed, unknownEvents: [] };
      }
      const config = await this.config(choice.name, choice.signal);
      const owns = ownsAlso(choice.owns, wanted.entry.url);
      const entry = withKeptSecrets(wanted.entry, findWebhook(config, owns));
      if (entry !== undefined) return this.#put({ ...choice, owns }, config, { ...wanted, entry });
      throw this.#caller.failure(
        updateCall(choice, {}),
        "invalid_request",
        "a secret is to be kept as it is stored, but none is stored",
      );
    });
  }

  /** In what the first of ours differs; every part when there is none. Off is compared with none. */
  async compare(input: WahaWebhookInput, choice: Choice): Promise<readonly WahaWebhookPart[]> {
    const wanted = this.read(input, updateCall(choice, {}));
    const config = await this.config(choice.name, choice.signal);
    const url = wanted.kind === "off" ? (wanted.url ?? "") : wanted.entry.url;
    const stored = findWebhook(config, ownsAlso(choice.owns, url));
    if (wanted.kind === "off") return stored === undefined ? [] : webhookParts;
    if (stored === undefined) return webhookParts;
    const entry = withKeptSecrets(wanted.entry, stored) ?? wanted.entry;
    return wahaWebhookDifferences(stored, entry);
  }

  /** Takes every webhook out that `owns` says yes to; without it the only one, and never one of several. */
  remove(choice: Choice): Promise<{ readonly changed: boolean }> {
    return this.#inTurn(choice, () => this.#remove(choice));
  }

  /** Puts a whole configuration, for what the other members cannot say. */
  replace(name: string, config: JsonObject, signal?: AbortSignal): Promise<JsonObject> {
    const choice = { name, ...(signal === undefined ? {} : { signal }) };
    return this.#inTurn(choice, async () => {
      await this.#caller.json(updateCall(choice, config));
      return this.config(name, signal);
    });
  }

  /** A configuration as WAHA takes it, or off. Throws `invalid_request` about `call`. */
  read(input: WahaWebhookInput, call: ApiCall): Wanted {
    const read = readWahaWebhookConfig(input);
    if (read.kind !== "refused") return read;
    throw this.#caller.failure(call, "invalid_request", read.problem);
  }

  #inTurn<T>(choice: Choice, work: () => Promise<T>): Promise<T> {
    const refuse = () =>
      this.#caller.failure(
        updateCall(choice, {}),
        "rate_limited",
        "too many changes of this session wait already",
      );
    return this.#turns.run(choice.name, work, refuse);
  }

  async #put(
    choice: Choice & { readonly owns: OwnsWahaUrl },
    config: JsonObject,
    wanted: WantedEntry,
  ): Promise<WahaWebhookSet> {
    const { entry, unknownEvents } = wanted;
    const next = withWahaWebhook(config, entry, choice.owns);
    if (isStored(config, next, entry, choice.owns)) {
      return { webhook: viewOfWahaWebhook({ ...entry }), changed: false, unknownEvents };
    }
    const call = updateCall(choice, next, secretsIn(config));
    try {
      await this.#caller.json(call);
    } catch (error) {
      const narrowed = narrow(error, entry);
      if (narrowed !== undefined) {
        return this.#put(choice, config, {
          ...wanted,
          entry: narrowed.entry,
          unknownEvents: [...unknownEvents, ...narrowed.unknown],
        });
      }
      await this.#holdsAnyway(error, choice, (now) => isStored(now, next, entry, choice.owns));
    }
    const now = await this.config(choice.name, choice.signal);
    const stored = findWebhook(now, (url) => url === entry.url);
    const differences = stored === undefined ? ["url"] : wahaWebhookDifferences(stored, entry);
    if (stored === undefined || differences.length > 0) {
      throw this.#caller.failure(
        call,
        "unexpected_answer",
        `the server said yes, but has something else in: ${differences.join(", ")}`,
      );
    }
    return { webhook: viewOfWahaWebhook(stored), changed: true, unknownEvents };
  }

  async #remove(choice: Choice): Promise<{ readonly changed: boolean }> {
    const config = await this.config(choice.name, choice.signal);
    if (choice.owns === undefined && webhooksIn(config).length > 1) {
      throw this.#caller.failure(
        updateCall(choice, {}),
        "invalid_request",
        "the session has several webhooks; say which one is meant",
      );
    }
    const owns = choice.owns ?? (() => true);
    const isGone = (now: JsonObject): boolean => findWebhook(now, owns) === undefined;
    if (isGone(config)) return { changed: false };
    const call = updateCall(choice, withoutWahaWebhook(config, owns), secretsIn(config));
    try {
      await this.#caller.json(call);
    } catch (error) {
      await this.#holdsAnyway(error, choice, isGone);
    }
    if (isGone(await this.config(choice.name, choice.signal))) return { changed: true };
    throw this.#caller.failure(
      call,
      "unexpected_answer",
      "the server said yes, but still has the webhook",
    );
  }

  /**
   * An update whose answer was lost may have been done: sending it again would restart the session once
   * more. So the configuration is looked at; rethrows `error` when it is not what was wanted.
   */
  async #holdsAnyway(
    error: unknown,
    choice: Choice,
    holds: (config: JsonObject) => boolean,
  ): Promise<void> {
    if (!(error instanceof ProviderApiError) || !error.retryable) throw error;
    let now: JsonObject;
    try {
      now = await this.config(choice.name, choice.signal);
    } catch {
      // The first error says why; the second only that it still is so.
      throw error;
    }
    if (!holds(now)) throw error;
  }
}

/** The update of a session's configuration. */
function updateCall(
  { name, signal }: Choice,
  config: JsonObject,
  secrets: readonly string[] = [],
): ApiCall {
  return {
    method: "PUT",
    path: "/api/sessions/:session",
    parts: { session: name },
    body: { config },
    timeoutMs: updateTimeoutMs,
    // Without an answer it is looked up whether it was done; see `#holdsAnyway`.
    repeatable: false,
    whenEmpty: "fine",
    secrets: [...secretsIn(config), ...secrets],
    ...(signal === undefined ? {} : { signal }),
  };
}

/** True when writing `next` would change nothing: our webhook is as wanted, and there is one of it. */
function isStored(
  config: JsonObject,
  next: JsonObject,
  entry: WahaWebhookEntry,
  owns: OwnsWahaUrl,
): boolean {
  const ours = webhooksIn(config).filter((webhook) => owns(urlOf(webhook)));
  const [only] = ours;
  return (
    ours.length === 1 &&
    only !== undefined &&
    webhooksIn(next).length === webhooksIn(config).length &&
    wahaWebhookDifferences(only, entry).length === 0
  );
}

/**
 * What is left to try after a refusal that lists the valid event names; undefined when the refusal is
 * about something else, about somebody else's webhook, or when nothing would be left.
 */
export function narrow(
  error: unknown,
  entry: WahaWebhookEntry,
): { readonly entry: WahaWebhookEntry; readonly unknown: readonly string[] } | undefined {
  if (!(error instanceof ProviderApiError) || error.status !== 400) return undefined;
  const valid = validNamesIn(error.bodyText ?? "");
  if (valid === undefined) return undefined;
  const { events, unknown } = narrowToValid(entry.events, valid);
  const isSame = events.length === entry.events.length && unknown.length === 0;
  if (isSame || events.length === 0) return undefined;
  return { entry: { ...entry, events }, unknown };
}
